"""The view model of an experiment: what its report and its summary show. Money in currency, returns as fractions."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from .backtest_view import KnownWindow


@dataclass(frozen=True, slots=True)
class SeedRange:
    """A figure over all seeds: mean, smallest and largest value; None where it is undefined."""

    mean: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class CalibrationPoint:
    """Decisions of similar confidence: how many, the mean stated probability, and the share that came true."""

    count: int
    stated: float
    observed: float


@dataclass(frozen=True, slots=True)
class ArmView:
    """One arm or baseline of an experiment.

    Attributes:
        equity, drawdown, net, gross: at each counted session; net and gross exposure over equity.
        figures: by the names of `performance.track_figures.TrackFigures`.
        by_symbol, by_year: returns by symbol and by calendar year.
        deflated: probability that the Sharpe ratio is real, given the number of trials; None for a baseline.
        brier, calibration_error: None without convictions.
        cost_usd: of all model calls; None if a price is not known.
    """

    name: str
    is_arm: bool
    desk: str
    model: str
    sessions: tuple[date, ...]
    equity: tuple[float, ...]
    drawdown: tuple[float, ...]
    net: tuple[float, ...]
    gross: tuple[float, ...]
    figures: Mapping[str, SeedRange]
    costs: float
    deflated: float | None
    by_symbol: Mapping[str, float | None]
    by_year: Mapping[str, float | None]
    outcomes: Mapping[str, int]
    rejected: int
    forecasts: int
    brier: float | None
    calibration_error: float | None
    calibration: tuple[CalibrationPoint, ...]
    model_calls: int
    tokens: int
    cost_usd: str | None


@dataclass(frozen=True, slots=True)
class DifferenceView:
    """One arm or baseline compared with another, as mean return a session.

    Attributes:
        verdict: in words.
        difference, low, high: positive where `arm` is better; None without an interval.
        detectable: the smallest true difference that would have been found with a probability of 80 %.
        by_seed: the mean difference of each seed.
    """

    arm: str
    against: str
    verdict: str
    proven: bool
    difference: float | None
    low: float | None
    high: float | None
    p_value: float | None
    pairs: int
    sessions: int
    detectable: float | None
    sessions_needed: int | None
    seeds_needed: int | None
    by_seed: Mapping[int, float]


@dataclass(frozen=True, slots=True)
class ExampleView:
    """One decision, and the return of the symbol in its direction until the next one; `record` is its document."""

    arm: str
    seed: int
    run_id: str
    session: date
    symbol: str
    conviction: float
    gain: float
    summary: str
    record: str


@dataclass(frozen=True, slots=True)
class PromptChangeView:
    """A prompt that differs between two arms, with its unified diff."""

    first: str
    second: str
    role: str
    text: str


@dataclass(frozen=True, slots=True)
class CheckView:
    """One check of the honesty of a run: its name, its verdict (`passed`, `warning`, `failed`) and what was found."""

    name: str
    verdict: str
    detail: str


@dataclass(frozen=True, slots=True)
class ExperimentView:
    """An evaluated run.

    Attributes:
        state: in one sentence.
        costs: the cost assumptions in words.
        periods: sessions a year, which scale differences.
        trials: the number of variants ever tried on this window and data.
        accounts, dropped: numbers of accounts compared and left out.
        notes: sentences that are shown with every comparison.
    """

    run_id: str
    name: str
    description: str
    version: str
    started_at: datetime
    complete: bool
    state: str
    synthetic: bool
    market: str
    fingerprint: str
    symbols: tuple[str, ...]
    first: date
    last: date
    sessions: int
    every: str
    warm_up: int
    seeds: tuple[int, ...]
    costs: str
    currency: str
    metric: str
    against: str
    confidence: float
    periods: float
    trials: int
    accounts: int
    dropped: int
    known: tuple[KnownWindow, ...]
    arms: tuple[ArmView, ...]
    differences: tuple[DifferenceView, ...]
    best: tuple[ExampleView, ...]
    worst: tuple[ExampleView, ...]
    prompt_changes: tuple[PromptChangeView, ...]
    checks: tuple[CheckView, ...]
    failures: tuple[tuple[str, str], ...]
    notes: tuple[str, ...] = ()
