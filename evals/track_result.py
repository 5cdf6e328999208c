"""The result of one arm or baseline: figures by seed, curves, tables by symbol and year, calibration, usage."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import date

import numpy as np

from ..performance.calibration import CalibrationBin, brier_score, calibration_bins, expected_calibration_error
from ..performance.returns import Floats, simple_returns
from ..performance.track_figures import Track, TrackFigures, track_figures
from .counted import CountedUnit, pooled
from .unit import UnitDecision, UnitUsage

FIGURES = tuple(field.name for field in fields(TrackFigures) if field.name not in {"sessions", "ruined"})


@dataclass(frozen=True, slots=True)
class SeedFigure:
    """One figure over all seeds: its mean, and its smallest and largest value; None where it is undefined."""

    name: str
    mean: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class Calibration:
    """Whether convictions agree with the returns until the next decision.

    The stated probability is (1 + |conviction|) / 2, the event that the return has the sign of the conviction.

    Attributes:
        forecasts: the number of decisions with a conviction other than 0 and a known return other than 0.
        brier, error: Brier score and expected calibration error; None without forecasts.
    """

    forecasts: int
    brier: float | None
    error: float | None
    bins: tuple[CalibrationBin, ...]


@dataclass(frozen=True, slots=True)
class PartReturn:
    """The return of one part of a track: of a symbol's account, or of a calendar year; None if it is undefined."""

    part: str
    value: float | None


@dataclass(frozen=True, slots=True)
class TrackResult:
    """One arm or baseline, over the accounts that every arm has finished.

    Attributes:
        finished, failed: numbers of units.
        figures: one entry for each figure of `TrackFigures`.
        sessions, equity, net, gross: the mean over seeds of all accounts together, in currency; `equity` has one
            element more, the first.
        seeds: mean session return of each seed.
        outcomes: number of decisions by outcome.
        by_symbol: mean over seeds of the total return of each account; empty for one book.
        by_year: total return in each calendar year, of all accounts of all seeds together.
        costs: paid for trading in the counted sessions, the mean over seeds.
        token_costs: cost of the model calls of the counted decisions, the mean over seeds; None if it is not known.
    """

    name: str
    is_arm: bool
    finished: int
    failed: int
    figures: tuple[SeedFigure, ...]
    sessions: tuple[date, ...]
    equity: tuple[float, ...]
    net: tuple[float, ...]
    gross: tuple[float, ...]
    outcomes: Mapping[str, int]
    rejected: int
    by_symbol: tuple[PartReturn, ...]
    by_year: tuple[PartReturn, ...]
    calibration: Calibration
    costs: float
    token_costs: float | None
    usage: UnitUsage

    def figure(self, name: str) -> SeedFigure:
        """Return one figure by name; raises KeyError for another name."""
        return next((each for each in self.figures if each.name == name), None) or _unknown(name)

    @property
    def drawdown(self) -> tuple[float, ...]:
        """Return equity over its highest value so far, minus 1, at each counted close."""
        values = np.array(self.equity)
        return tuple(float(value) for value in (values / np.maximum.accumulate(values) - 1)[1:])


def _unknown(name: str) -> SeedFigure:
    raise KeyError(name)


def pool_seeds(accounts: Mapping[int, Sequence[CountedUnit]]) -> Mapping[int, CountedUnit]:
    """Return all accounts of each seed together."""
    return {seed: pooled(units) for seed, units in accounts.items()}


def figures_of(seeds: Mapping[int, CountedUnit], benchmark: Mapping[int, CountedUnit]) -> tuple[SeedFigure, ...]:
    """Return every figure over the seeds, relative to `benchmark` where it has the seed."""
    found = [_figures(unit, benchmark.get(seed)) for seed, unit in seeds.items()]
    return tuple(_figure(name, [getattr(each, name) for each in found]) for name in FIGURES)


def _figures(unit: CountedUnit, benchmark: CountedUnit | None) -> TrackFigures:
    """Return the figures of one seed; with charged model costs, every figure but `gross_return` is after them."""
    plain = track_figures(_track(unit.uncharged, benchmark))
    if unit.token_costs is None:
        return replace(plain, return_after_tokens=None, tokens_bps=None, sharpe_after_tokens=None)
    if not unit.charged:
        return plain
    after = track_figures(_track(unit, benchmark))
    return replace(
        after,
        gross_return=plain.gross_return,
        return_after_tokens=after.total_return,
        tokens_bps=plain.tokens_bps,
        sharpe_after_tokens=after.sharpe,
    )


def _track(unit: CountedUnit, benchmark: CountedUnit | None) -> Track:
    tokens = None if unit.charged else unit.token_costs
    return Track(
        equity=unit.equity,
        costs=unit.costs,
        token_costs=np.zeros(len(unit.sessions)) if tokens is None else tokens,
        traded=unit.traded,
        long=np.maximum((unit.gross + unit.net) / 2, 0.0),
        short=np.maximum((unit.gross - unit.net) / 2, 0.0),
        benchmark=None if benchmark is None else session_returns(benchmark.equity),
    )


def _figure(name: str, values: Sequence[float | None]) -> SeedFigure:
    known = [float(value) for value in values if value is not None]
    if not known or len(known) < len(values):
        return SeedFigure(name, None, None, None)
    return SeedFigure(name, sum(known) / len(known), min(known), max(known))


def session_returns(equity: Floats) -> Floats:
    """Return the simple returns of an account; 0 from the session on that begins without positive equity."""
    held = np.maximum.accumulate((equity[:-1] <= 0).astype(np.int64))
    if not held.any():
        return simple_returns(equity)
    until = int(np.argmax(held))
    returns: Floats = np.concatenate([simple_returns(equity[: until + 1]), np.zeros(len(equity) - 1 - until)])
    return returns


def calibration_of(decisions: Iterable[UnitDecision]) -> Calibration:
    """Return the calibration of the convictions of decisions."""
    pairs = [
        ((1 + abs(each.conviction)) / 2, each.conviction * each.forward_return > 0)
        for each in decisions
        if each.conviction and each.forward_return
    ]
    stated = np.array([probability for probability, _ in pairs], dtype=np.float64)
    came_true = np.array([happened for _, happened in pairs], dtype=np.bool_)
    return Calibration(
        forecasts=len(pairs),
        brier=brier_score(stated, came_true),
        error=expected_calibration_error(stated, came_true),
        bins=calibration_bins(stated, came_true) if pairs else (),
    )


def returns_by_year(units: Sequence[CountedUnit]) -> tuple[PartReturn, ...]:
    """Return the total return of all accounts together in each calendar year."""
    whole = pooled(units)
    years = np.array([day.year for day in whole.sessions])
    found = list[PartReturn]()
    for year in sorted(set(years.tolist())):
        places = np.flatnonzero(years == year)
        before, after = float(whole.equity[places[0]]), float(whole.equity[places[-1] + 1])
        found.append(PartReturn(str(year), after / before - 1 if before > 0 else None))
    return tuple(found)


def returns_by_symbol(accounts: Mapping[str, Sequence[CountedUnit]]) -> tuple[PartReturn, ...]:
    """Return the mean over seeds of the total return of each symbol's account."""
    return tuple(
        PartReturn(symbol, float(np.mean([unit.equity[-1] / unit.equity[0] - 1 for unit in units])))
        for symbol, units in sorted(accounts.items())
        if all(unit.equity[0] > 0 for unit in units)
    )


def outcomes_of(decisions: Iterable[UnitDecision]) -> Mapping[str, int]:
    """Return the number of decisions by outcome, the most frequent first."""
    counts = Counter(each.outcome for each in decisions)
    return dict(sorted(counts.items(), key=lambda pair: (-pair[1], pair[0])))


def total_usage(parts: Iterable[UnitUsage]) -> UnitUsage:
    """Return the sum; the cost is None if that of any part is."""
    return sum(parts, UnitUsage())


def mean_over_seeds(seeds: Mapping[int, CountedUnit], name: str) -> tuple[float, ...]:
    """Return the mean over seeds of one of the arrays of `CountedUnit`."""
    return tuple(float(value) for value in np.mean([getattr(unit, name) for unit in seeds.values()], axis=0))
