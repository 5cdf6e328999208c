"""Aggregation of backtests: decisions by ticker, and profit by planted signal and strategy, with intervals."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from ..domain.decision import Outcome
from ..domain.ids import Symbol
from ..domain.orders import Action
from ..ledger.pricing.units import MINOR
from ..market.demo.planted_signals import SignalType
from ..performance.returns import SESSIONS_A_YEAR, Floats
from .demo_experiment import DESK, ORACLE, UnitResult
from .months import (
    GROSS,
    NET,
    PLANTED,
    monthly,
)
from .statistics.bootstrap import (
    ConfidenceInterval,
    Resampling,
    share,
    sharpe,
    total,
)
from .statistics.resampling import Integers

ALL_PLANTED = "all planted"


@dataclass(frozen=True, slots=True)
class DecisionCount:
    """Counts of the desk's decisions on one ticker.

    Attributes:
        exits: decisions whose orders only close.
        causes: number of abstentions by cause.
        refused: orders rejected by the broker.
    """

    symbol: Symbol
    signal: SignalType
    decisions: int
    long: int
    short: int
    exits: int
    holds: int
    abstentions: int
    causes: Mapping[str, int]
    refused: int


@dataclass(frozen=True, slots=True)
class ProfitRow:
    """Profit of one strategy (`trader`) on all tickers of one planted signal, in currency.

    Attributes:
        net, gross: profit after and before commission, slippage and borrow fees.
        yearly: net profit per year of 252 sessions, as a fraction of the accounts' opening cash.
        sharpe: Sharpe ratio of monthly net profits; None if nothing was traded.
        planted: expected profit of the positions from the planted signal, without noise.
        share_of_oracle, planted_share: the desk's share of the oracle's `net` and of its `planted`; None unless the
            oracle gains in every draw of the bootstrap.
    """

    signal: str
    trader: str
    tickers: int
    net: ConfidenceInterval | None
    gross: float
    yearly: float
    sharpe: ConfidenceInterval | None
    planted: ConfidenceInterval | None
    share_of_oracle: ConfidenceInterval | None
    planted_share: ConfidenceInterval | None


@dataclass(frozen=True, slots=True)
class SignalReport:
    """The report on the demo markets of one or several seeds."""

    seeds: tuple[int, ...]
    decisions: tuple[DecisionCount, ...]
    profits: tuple[ProfitRow, ...]


def report(result: Sequence[UnitResult], resampling: Resampling) -> SignalReport:
    """Return the report on `result`: units of one or several seeds, all over the same period."""
    seeds = tuple(dict.fromkeys(each.unit.seed for each in result))
    profits = [row for name, group in by_signal(result) for row in _profits(name, group, resampling)]
    return SignalReport(seeds, tuple(_decisions(result)), tuple(profits))


def _decisions(result: Sequence[UnitResult]) -> Iterable[DecisionCount]:
    order = list(SignalType)
    tickers = dict.fromkeys(sorted((order.index(each.signal), each.unit.symbol) for each in result))
    for place, symbol in tickers:
        walks = [each.tracks[DESK].walk for each in result if each.unit.symbol == symbol]
        made = [decided for walk in walks for decided in walk.decisions]
        outcomes = Counter(decided.outcome for decided in made)
        openings = Counter(action for decided in made for action in decided.opened)
        yield DecisionCount(
            symbol=symbol,
            signal=order[place],
            decisions=len(made),
            long=openings[Action.BUY],
            short=openings[Action.SHORT],
            exits=sum(decided.outcome is Outcome.ORDERS and not decided.opened for decided in made),
            holds=outcomes[Outcome.HOLD],
            abstentions=outcomes[Outcome.ABSTAIN],
            causes=dict(Counter(str(decided.cause) for decided in made if decided.cause)),
            refused=sum(walk.rejected for walk in walks),
        )


def by_signal(result: Sequence[UnitResult]) -> Iterable[tuple[str, list[UnitResult]]]:
    """Yield the units of each planted signal, and those of all planted signals together if there are several."""
    for signal in SignalType:
        if group := [each for each in result if each.signal is signal]:
            yield signal.value, group
    if len({each.signal for each in result} - {SignalType.NONE}) > 1:
        yield ALL_PLANTED, [each for each in result if each.signal is not SignalType.NONE]


def _profits(name: str, group: Sequence[UnitResult], resampling: Resampling) -> Iterable[ProfitRow]:
    """Yield a row for each strategy. Each bootstrap draw uses the same months for all strategies."""
    months = {trader: monthly(group, trader) for trader in group[0].tracks}
    places = resampling.places([series.shape[1] for series in months[ORACLE]])
    whole = {trader: np.concatenate(series, axis=1) for trader, series in months.items()}
    capital = sum(each.tracks[ORACLE].walk.cash for each in group) / MINOR
    years = len(group[0].tracks[ORACLE].walk.sessions) / SESSIONS_A_YEAR
    for trader, series in whole.items():
        figures = _Figures(series, whole[ORACLE], places, resampling)
        yield ProfitRow(
            signal=name,
            trader=trader,
            tickers=len({each.unit.symbol for each in group}),
            net=figures.total(NET),
            gross=float(series[GROSS].sum()),
            yearly=float(series[NET].sum()) / capital / years,
            sharpe=figures.sharpe(),
            planted=figures.total(PLANTED),
            share_of_oracle=figures.share(NET) if trader == DESK else None,
            planted_share=figures.share(PLANTED) if trader == DESK else None,
        )


@dataclass(frozen=True, slots=True)
class _Figures:
    """Monthly (net, gross, planted) of a strategy and of the oracle, with the months of each bootstrap draw."""

    own: Floats
    oracle: Floats
    places: Integers
    resampling: Resampling

    def total(self, kind: int) -> ConfidenceInterval | None:
        """Return the sum over all months."""
        return self.resampling.interval(total, self.own[kind], self.places)

    def sharpe(self) -> ConfidenceInterval | None:
        """Return the Sharpe ratio of net profits."""
        return self.resampling.interval(sharpe, self.own[NET], self.places)

    def share(self, kind: int) -> ConfidenceInterval | None:
        """Return the strategy's sum over the oracle's; None if the oracle has no gain in some draw."""
        pair = np.stack([self.own[kind], self.oracle[kind]])
        return self.resampling.interval(share, pair, self.places)
