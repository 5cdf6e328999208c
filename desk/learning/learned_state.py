"""What a desk has learned by the time of a decision: budgets of forecasters, and rewards of a contest."""

from collections.abc import Mapping, Sequence

from ...domain.ids import Symbol
from ...graph.learning_section import MarketLearning
from ...market.view import MarketView
from ...memory.port import MemoryView
from ...memory.record import Source
from .contest_history import daily_rewards, factor_rewards
from .decision_facts import submitted_signals, written_factors
from .market_history import learned_budgets, settled_bets


def market_budgets(
    spec: MarketLearning, memory: MemoryView, symbol: Symbol, forecasters: Sequence[str]
) -> Mapping[str, float]:
    """Return the budgets after all decisions on `symbol` whose outcome is known to `memory`."""
    lessons = memory.records(symbol, sources=(Source.TRADE_REFLECTION,))
    return learned_budgets(forecasters, settled_bets(lessons), rate=spec.eta, floor=spec.floor)


def contest_rewards(memory: MemoryView, view: MarketView, symbol: Symbol) -> Mapping[str, Sequence[float]]:
    """Return the rewards of every contestant and data agent in `memory` whose prices are in `view`, oldest first.

    `symbol` names the calendar by which sessions are counted.
    """
    theses = memory.records(sources=(Source.THESIS,))
    calendar = view.calendar(symbol)
    return {
        **daily_rewards(view, submitted_signals(theses, calendar)),
        **factor_rewards(view, written_factors(theses, calendar)),
    }
