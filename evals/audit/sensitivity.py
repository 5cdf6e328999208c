"""Checks of what a result depends on: costs and fills, and news that belong to other symbols."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from ...desk.backtest import BacktestResult
from ...domain.errors import LookAheadError, NoData
from ...market.source import MarketSource
from ...reports.experiment_view import CheckView
from ..checks import CheckVerdict, verdict_view
from ..experiment import ExperimentAccount, TradedPrices
from ..plan import PlannedTrack
from ..statistics.comparison import ArmVerdict, ComparisonRules, compare_with
from ..statistics.pairing import PairKey
from ..unit import PlannedUnit
from .altered_markets import ShuffledNews
from .reruns import rerun
from .subject import AuditSubject

COSTS, PLACEBO = "sensitivity to costs and fills", "placebo news"
MOST_UNITS = 2
TRUE, SHUFFLED = "true news", "shuffled news"
RunAgain = Callable[[PlannedUnit, MarketSource, str], BacktestResult]
"""Runs the first sessions of a unit again on a market, whose name is the last argument."""


@dataclass(frozen=True, slots=True)
class Condition:
    """One condition: costs in basis points (None for those of the experiment), traded prices, and delay."""

    name: str
    bps: int | None = None
    prices: TradedPrices | None = None
    late: bool = False

    def account(self, given: ExperimentAccount) -> ExperimentAccount:
        """Return the account under this condition."""
        changed = dict[str, object]()
        if self.bps is not None:
            changed |= {"commission_bps": self.bps, "slippage_bps": 0, "commission_per_share": 0}
        if self.prices is not None:
            changed["prices"] = self.prices
        return ExperimentAccount.model_validate(given.model_dump() | changed)


CONDITIONS = (
    Condition("0 bp", bps=0),
    Condition("5 bp", bps=5),
    Condition("10 bp", bps=10),
    Condition("at the close", prices=TradedPrices.CLOSE),
    Condition("one bar late", late=True),
)


def costs_and_fills(subject: AuditSubject) -> CheckView:
    """Warn if the order of the arms by return changes with costs of 0, 5, 10 bp, fills at the close or one bar late.

    At most MOST_UNITS accounts of each arm are run, over their first sessions.
    """
    try:
        returns = {
            condition.name: {track.name: _mean_return(subject, track, condition) for track in subject.arms}
            for condition in CONDITIONS
        }
    except (NoData, LookAheadError) as error:
        return verdict_view(COSTS, CheckVerdict.WARNING, f"Not examined: {error}.")
    detail = "; ".join(
        f"{name}: {', '.join(f'{arm} {value:+.2%}' for arm, value in found.items())}" for name, found in returns.items()
    )
    orders = {tuple(sorted(found, key=lambda arm: (-found[arm], arm))) for found in returns.values()}
    if len(orders) > 1:
        return verdict_view(COSTS, CheckVerdict.WARNING, f"The order of the arms depends on them. {detail}.")
    return verdict_view(COSTS, CheckVerdict.PASSED, f"{detail}.")


def _mean_return(subject: AuditSubject, track: PlannedTrack, condition: Condition) -> float:
    source = subject.adapter(subject.market(track))
    found = [
        rerun(unit, source, condition.account(unit.account), late=condition.late).result
        for unit in first_units(subject, track)
    ]
    return float(np.mean([each.equity[-1] / each.cash - 1 for each in found]))


def first_units(subject: AuditSubject, track: PlannedTrack) -> list[PlannedUnit]:
    """Return up to MOST_UNITS units of a track with its first seed."""
    units = subject.units(track)
    return [unit for unit in units if unit.seed == units[0].seed][:MOST_UNITS]


def placebo_news(subject: AuditSubject) -> CheckView:
    """Fail if an arm of rules does better with the news of other symbols than with its own."""
    arms = [track for track in subject.arms if track not in subject.model_arms]
    return placebo_verdict(PLACEBO, subject, arms, lambda unit, source, _label: rerun(unit, source).result)


def placebo_verdict(name: str, subject: AuditSubject, arms: Sequence[PlannedTrack], again: RunAgain) -> CheckView:
    """Return the verdict on arms whose first accounts `again` runs with their own news, and with those of others."""
    if not arms or len(subject.plan.symbols) < 2:
        kind = "models" if name != PLACEBO else "rules"
        return verdict_view(name, CheckVerdict.WARNING, f"Not examined: it needs an arm of {kind} and two symbols.")
    details = list[str]()
    for track in arms:
        [found] = compare_with(_placebo_outcomes(subject, track, again), TRUE, ComparisonRules())
        if found.verdict is ArmVerdict.BETTER:
            return verdict_view(name, CheckVerdict.FAILED, f"{track.name} does better with the news of others.")
        interval = found.interval
        shown = "too few sessions" if interval is None else f"[{interval.low:+.3%}, {interval.high:+.3%}] a session"
        details.append(f"{track.name}: {shown}")
    return verdict_view(name, CheckVerdict.PASSED, f"News of others do not help. {'; '.join(details)}.")


def _placebo_outcomes(
    subject: AuditSubject, track: PlannedTrack, again: RunAgain
) -> Mapping[str, Mapping[PairKey, float]]:
    market = subject.market(track)
    sources = {
        TRUE: subject.adapter(market),
        SHUFFLED: subject.adapter(ShuffledNews.rotated(market, subject.plan.symbols)),
    }
    return {
        label: {
            PairKey(session, ",".join(unit.symbols), unit.seed): value
            for unit in first_units(subject, track)
            for session, value in _returns(again(unit, source, label))
        }
        for label, source in sources.items()
    }


def _returns(result: BacktestResult) -> list[tuple[date, float]]:
    equity = np.array([result.cash, *result.equity], dtype=np.float64)
    return list(zip(result.sessions, (equity[1:] / equity[:-1] - 1).tolist(), strict=True))
