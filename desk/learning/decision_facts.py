"""What a decision states beside its thesis, as facts of the thesis record, from which later decisions learn."""

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal

from ...agents.context import AgentContext
from ...domain.book_outputs import SignalsDecision
from ...domain.contest_outputs import TextFactor
from ...domain.deliberation_outputs import MarketPrices
from ...domain.ids import Symbol
from ...domain.proposal import SignalSide
from ...domain.trading_calendar import TradingCalendar
from ...graph.learning_section import ContestLearning, LearningSpec, MarketLearning
from ...graph.topologies.market import bets_of
from ...memory.record import Record
from .contest_history import FactorRatings, SubmittedSignal
from .market_history import bet_facts
from .recording import Facts

BUDGET_FACT, SIGNAL_FACT, FACTOR_FACT = "budget.", "signal.", "factor."
BUDGET_DIGITS = Decimal("0.000001")
SIDES: Mapping[SignalSide, Decimal] = {SignalSide.BUY: Decimal(1), SignalSide.SELL: Decimal(-1)}


def decision_facts(learning: LearningSpec, context: AgentContext, symbol: Symbol, decider: str) -> Facts:
    """Return the facts that a kind of learning needs of one decision; `context` is that of the whole decision.

    market: `bet.ANALYST.OUTCOME`, the probabilities, and `budget.ANALYST`, the budgets that the prices were made with.
    contest: `signal.CONTESTANT`, 1 to buy and -1 to sell, for every agent but the desk's `decider`, and
    `factor.AGENT`, the rating of the symbol by each data agent.
    """
    if isinstance(learning, MarketLearning):
        stated = stated_budgets(context)
        return (*bet_facts(bets_of(context, {})), *((f"{BUDGET_FACT}{name}", value) for name, value in stated.items()))
    if isinstance(learning, ContestLearning):
        return (*signal_facts(context, symbol, decider), *factor_facts(context, symbol))
    return ()


def stated_budgets(context: AgentContext) -> dict[str, Decimal]:
    """Return the budget of each forecaster that the prices of a prediction market were made with."""
    prices = context.latest(MarketPrices)
    stated = () if prices is None else prices.budgets
    return {each.expert: Decimal(repr(each.score)).quantize(BUDGET_DIGITS) for each in stated}


def signal_facts(context: AgentContext, symbol: Symbol, decider: str) -> Facts:
    """Return the side of the last signal of every contestant on one symbol."""
    last = {author: said for author, said in context.outputs(SignalsDecision) if author != decider}
    return tuple(
        (f"{SIGNAL_FACT}{author}", SIDES[entry.action])
        for author, said in last.items()
        for entry in said.entries
        if entry.symbol == symbol
    )


def factor_facts(context: AgentContext, symbol: Symbol) -> Facts:
    """Return the rating of one symbol by the last factor of every data agent that rates it."""
    return tuple(
        (f"{FACTOR_FACT}{author}", Decimal(repr(rating.rating)))
        for author, factor in dict(context.outputs(TextFactor)).items()
        for rating in factor.ratings
        if rating.symbol == symbol
    )


def written_factors(theses: Iterable[Record], calendar: TradingCalendar) -> list[FactorRatings]:
    """Return the factors that thesis records state, ordered by session and author.

    Of several ratings of one symbol by one author after one session, the one learned first counts.
    """
    found: dict[tuple[date, str], dict[Symbol, float]] = {}
    for thesis in sorted(theses, key=lambda each: (each.learned_at, each.id)):
        session = calendar.last_completed(thesis.event_at)
        for name, value in thesis.facts:
            if name.startswith(FACTOR_FACT) and thesis.symbol is not None:
                author = name.removeprefix(FACTOR_FACT)
                found.setdefault((session, author), {}).setdefault(thesis.symbol, float(value))
    return [FactorRatings(author, session, ratings) for (session, author), ratings in sorted(found.items())]


def submitted_signals(theses: Iterable[Record], calendar: TradingCalendar) -> list[SubmittedSignal]:
    """Return the signals that thesis records state, ordered by session, symbol and contestant.

    Of several theses on one symbol after one session, the one learned first counts.
    """
    found: dict[tuple[object, ...], SubmittedSignal] = {}
    for thesis in sorted(theses, key=lambda each: (each.learned_at, each.id)):
        session = calendar.last_completed(thesis.event_at)
        for name, value in thesis.facts:
            if name.startswith(SIGNAL_FACT) and thesis.symbol is not None:
                contestant = name.removeprefix(SIGNAL_FACT)
                signal = SubmittedSignal(contestant, session, thesis.symbol, int(value))
                found.setdefault((session, thesis.symbol, contestant), signal)
    return [found[key] for key in sorted(found, key=str)]
