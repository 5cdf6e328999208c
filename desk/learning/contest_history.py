"""Daily rewards of the contestants, from the signals that they submitted and the prices that followed."""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from statistics import fmean

from ...domain.errors import NoData
from ...domain.ids import Symbol
from ...market.adjustment import AdjustedSeries
from ...market.price_history import load_price_history
from ...market.view import MarketView
from .contest_rewards import signal_reward


@dataclass(frozen=True, slots=True)
class SubmittedSignal:
    """A signal that a contestant submitted after the close of `session`: side 1 to buy, -1 to sell."""

    contestant: str
    session: date
    symbol: Symbol
    side: int


def daily_rewards(view: MarketView, submitted: Iterable[SubmittedSignal]) -> dict[str, tuple[float, ...]]:
    """Return the rewards of each contestant, one for each session with a settled signal, oldest first.

    The reward of a session is the mean of its signals' rewards, from the first open after `session` to the open after
    that, adjusted for splits and dividends. A signal has no reward while one of both opens is not in the view, if the
    symbol has no current bars, if the bars begin after `session`, or if the move is larger than 40 %. A contestant
    without a reward has an empty history.
    """
    signals = list(submitted)
    series = {symbol: _series(view, symbol) for symbol in dict.fromkeys(each.symbol for each in signals)}
    earned: Mapping[str, defaultdict[date, list[float]]] = {each.contestant: defaultdict(list) for each in signals}
    for each in signals:
        reward = _reward(each, series[each.symbol])
        if reward is not None:
            earned[each.contestant][each.session].append(reward)
    return {name: tuple(fmean(days[day]) for day in sorted(days)) for name, days in earned.items()}


def _reward(signal: SubmittedSignal, series: AdjustedSeries | None) -> float | None:
    if series is None or signal.session < series.sessions[0]:
        return None
    entry = bisect_right(series.sessions, signal.session)
    if entry + 1 >= len(series):
        return None
    return signal_reward(signal.side, float(series.open[entry]), float(series.open[entry + 1]))


def _series(view: MarketView, symbol: Symbol) -> AdjustedSeries | None:
    try:
        return load_price_history(view, symbol).series
    except NoData:
        return None
