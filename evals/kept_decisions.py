"""Which decisions of a unit are kept whole: those followed by the largest gains and losses, or all."""

import json
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from ..desk.backtest import sessions_to_decide
from ..desk.records.document import to_document
from ..domain.decision import Decision, Outcome
from ..domain.ids import Symbol
from ..domain.trading_calendar import trading_calendar
from ..market.source import MarketSource
from .forward_returns import forward_returns
from .unit import PlannedUnit, WholeDecision

MOST_EXAMPLES = 5
"""Number of best, and of worst, decisions that an evaluation shows."""


def example_gain(outcome: str, conviction: float | None, forward_return: float | None) -> float | None:
    """Return the return of the symbol in the direction of a decision; None for one that is no example."""
    if not conviction or forward_return is None or outcome != Outcome.ORDERS:
        return None
    return forward_return if conviction > 0 else -forward_return


class UnitReturns:
    """The return of each symbol of a unit from each deciding session to the next one."""

    def __init__(self, unit: PlannedUnit, source: MarketSource) -> None:
        self._unit, self._source, self._found = unit, source, dict[Symbol, Mapping[date, float]]()

    @cached_property
    def sessions(self) -> tuple[date, ...]:
        """Return the sessions of the unit's window."""
        return tuple(trading_calendar(self._unit.calendar).between(self._unit.first, self._unit.last))

    @cached_property
    def deciding(self) -> tuple[date, ...]:
        """Return the sessions at which the unit decides."""
        calendar = trading_calendar(self._unit.calendar)
        return tuple(sorted(sessions_to_decide(calendar, self.sessions, self._unit.every)))

    def of(self, symbol: Symbol) -> Mapping[date, float]:
        """Return the returns of a symbol by deciding session; empty without bars."""
        if symbol not in self._found:
            self._found[symbol] = forward_returns(self._source, symbol, self.sessions, self.deciding)
        return self._found[symbol]


@dataclass(frozen=True, slots=True)
class _Example:
    gain: float
    decision: Decision


def _best_first(each: _Example) -> tuple[float, str]:
    return -each.gain, each.decision.run_id


class DecisionKeeper:
    """Keeps the documents of the best and worst decisions of a unit while it runs, and drops the others."""

    def __init__(self, unit: PlannedUnit, returns: UnitReturns) -> None:
        """Create a keeper for a unit; a baseline has no examples."""
        self._unit, self._returns = unit, returns
        self._best, self._worst = list[_Example](), list[_Example]()
        self._all = list[WholeDecision]()

    def add(self, session: date, decision: Decision) -> None:
        """Receive the next decision."""
        if self._unit.keeps_decisions:
            self._all.append(_kept(decision))
        elif (gain := self._gain(session, decision)) is not None:
            self._best = sorted([*self._best, _Example(gain, decision)], key=_best_first)[:MOST_EXAMPLES]
            self._worst = sorted([*self._worst, _Example(gain, decision)], key=_best_first)[-MOST_EXAMPLES:]

    @property
    def kept(self) -> tuple[WholeDecision, ...]:
        """Return the kept decisions, by run id."""
        chosen = {each.decision.run_id: each.decision for each in (*self._best, *self._worst)}
        found = [*self._all, *map(_kept, chosen.values())]
        return tuple(sorted(found, key=lambda each: each.run_id))

    def _gain(self, session: date, decision: Decision) -> float | None:
        if self._unit.baseline is not None or session not in self._counted or decision.thesis is None:
            return None
        forward = self._returns.of(decision.ticker).get(session)
        return example_gain(decision.outcome, float(decision.thesis.conviction), forward)

    @cached_property
    def _counted(self) -> frozenset[date]:
        return frozenset(self._returns.deciding[self._unit.warm_up :])


def _kept(decision: Decision) -> WholeDecision:
    text = json.dumps(to_document(decision), default=str, ensure_ascii=False)
    return WholeDecision(decision.run_id, zlib.compress(text.encode()))
