"""The view model of a backtest: what its report, its document and its summary show. Money in currency."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from ..desk.backtest import BacktestResult, DecisionSummary
from ..domain.decision import ModelInfo
from ..ledger.pricing.units import MINOR, to_decimal
from ..performance.summary import PerformanceSummary, summarize


@dataclass(frozen=True, slots=True)
class TrackCosts:
    """What an account paid for trading."""

    commission: Decimal
    slippage: Decimal
    borrow: Decimal

    @property
    def total(self) -> Decimal:
        """Return the sum."""
        return self.commission + self.slippage + self.borrow


@dataclass(frozen=True, slots=True)
class BacktestTrack:
    """One account of a backtest: that of the desk, of buy-and-hold or of cash.

    Attributes:
        name: `desk`, `buy and hold` or `cash`.
        equity: at every close, parallel to the sessions of the backtest.
        net, gross: exposure over equity at every close; 0 where equity is not positive.
        turnover: value of all executions over mean equity; None if mean equity is not positive.
        rejected: number of orders that the broker rejected.
    """

    name: str
    equity: tuple[Decimal, ...]
    net: tuple[float, ...]
    gross: tuple[float, ...]
    figures: PerformanceSummary
    turnover: float | None
    fills: int
    rejected: int
    costs: TrackCosts

    @property
    def mean_net(self) -> float:
        """Return the mean net exposure."""
        return sum(self.net) / len(self.net)

    @property
    def mean_gross(self) -> float:
        """Return the mean gross exposure."""
        return sum(self.gross) / len(self.gross)

    @property
    def drawdown(self) -> tuple[float, ...]:
        """Return equity against its highest value so far, minus 1, at every close."""
        peak, fall = self.equity[0], list[float]()
        for value in self.equity:
            peak = max(peak, value)
            fall.append(float(value / peak - 1) if peak > 0 else 0.0)
        return tuple(fall)


@dataclass(frozen=True, slots=True)
class KnownWindow:
    """A model's knowledge cut-off, and the part of the window that lies before it.

    Attributes:
        cutoff: last day that training data may cover; None if it is not known.
        sessions: number of sessions up to the cut-off; None if it is not known.
    """

    model: str
    cutoff: date | None
    source: str
    sessions: int | None


@dataclass(frozen=True, slots=True)
class ModelUsage:
    """Model calls, tokens and cost of decisions and learning; the cost is None if a price is not known."""

    calls: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0
    cost_usd: Decimal | None = Decimal(0)


@dataclass(frozen=True, slots=True)
class RunTime:
    """How long this process worked: seconds of the desk's sessions, and the decisions that it made or read."""

    seconds: float
    made: int
    reused: int

    @property
    def rate(self) -> float | None:
        """Return decisions made per second; None without any."""
        return self.made / self.seconds if self.made and self.seconds > 0 else None


@dataclass(frozen=True, slots=True)
class BacktestView:
    """A finished backtest.

    Attributes:
        every: interval of decisions: day, week or month.
        tracks: the desk, buy-and-hold and cash, on the same bars, rules and costs.
        decisions: the decisions of the desk.
        known: the knowledge cut-off of each model; empty for rules.
        time: not part of the result: it differs from run to run.
    """

    backtest_id: str
    version: str
    market: str
    synthetic: bool
    desk: str
    model: ModelInfo
    symbols: tuple[str, ...]
    every: str
    seed: int
    currency: str
    cash: Decimal
    sessions: tuple[date, ...]
    tracks: tuple[BacktestTrack, ...]
    decisions: tuple[DecisionSummary, ...]
    known: tuple[KnownWindow, ...]
    usage: ModelUsage
    time: RunTime

    @property
    def outcomes(self) -> dict[str, int]:
        """Return the number of decisions by outcome, the most frequent first."""
        return _counted([str(each.outcome) for each in self.decisions])

    @property
    def abstentions(self) -> dict[str, int]:
        """Return the number of abstentions by cause, the most frequent first."""
        return _counted([str(each.cause) for each in self.decisions if each.cause is not None])


def _counted(names: Sequence[str]) -> dict[str, int]:
    return dict(sorted(((name, names.count(name)) for name in set(names)), key=lambda pair: (-pair[1], pair[0])))


def track(name: str, result: BacktestResult, periods_a_year: float) -> BacktestTrack:
    """Return the view of one account; its returns start at the opening cash."""
    equity = [result.cash, *result.equity]
    mean = sum(result.equity) / len(result.equity)
    return BacktestTrack(
        name=name,
        equity=tuple(_money(value) for value in result.equity),
        net=_shares(result.exposure, result.equity),
        gross=_shares(result.gross_exposure, result.equity),
        figures=summarize([float(value) for value in equity], periods_a_year),
        turnover=result.traded / mean if mean > 0 else None,
        fills=result.fills,
        rejected=result.rejected,
        costs=TrackCosts(*map(_money, (result.paid.commission, result.paid.slippage, result.paid.borrow))),
    )


def _shares(values: Sequence[int], equity: Sequence[int]) -> tuple[float, ...]:
    return tuple(value / whole if whole > 0 else 0.0 for value, whole in zip(values, equity, strict=True))


def _money(minor: int) -> Decimal:
    return to_decimal(minor, MINOR)
