"""Daily rewards of contestants and data agents, from their signals and ratings and the prices that followed."""

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
from .contest_rewards import factor_reward, signal_reward


@dataclass(frozen=True, slots=True)
class SubmittedSignal:
    """A signal that a contestant submitted after the close of `session`: side 1 to buy, -1 to sell."""

    contestant: str
    session: date
    symbol: Symbol
    side: int


@dataclass(frozen=True, slots=True)
class FactorRatings:
    """The ratings, -1 to 1 by symbol, of the factor that a data agent wrote after the close of `session`."""

    author: str
    session: date
    ratings: Mapping[Symbol, float]


def factor_rewards(view: MarketView, factors: Iterable[FactorRatings]) -> dict[str, tuple[float, ...]]:
    """Return the rewards of each data agent, one for each session with a settled factor, oldest first.

    See `factor_reward`, with the first open after `session` and the open after that, adjusted for splits and dividends.
    A symbol counts once both opens are in the view; a factor without such a symbol has no reward. An agent without a
    reward has an empty history. Each agent has at most one factor a session.
    """
    written = sorted(factors, key=lambda each: each.session)
    series = {symbol: _series(view, symbol) for symbol in dict.fromkeys(name for f in written for name in f.ratings)}
    earned: dict[str, list[float]] = {each.author: [] for each in written}
    for each in written:
        opens = {symbol: found for symbol in each.ratings if (found := _opens(series[symbol], each.session))}
        first, second = ({symbol: pair[place] for symbol, pair in opens.items()} for place in (0, 1))
        reward = factor_reward(each.ratings, first, second)
        if reward is not None:
            earned[each.author].append(reward)
    return {author: tuple(rewards) for author, rewards in earned.items()}


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
    opens = _opens(series, signal.session)
    return None if opens is None else signal_reward(signal.side, *opens)


def _opens(series: AdjustedSeries | None, session: date) -> tuple[float, float] | None:
    """Return the first two opens after a session; None unless both are known and the bars reach back to the session."""
    if series is None or session < series.sessions[0]:
        return None
    entry = bisect_right(series.sessions, session)
    if entry + 1 >= len(series):
        return None
    return float(series.open[entry]), float(series.open[entry + 1])


def _series(view: MarketView, symbol: Symbol) -> AdjustedSeries | None:
    try:
        return load_price_history(view, symbol).series
    except NoData:
        return None
