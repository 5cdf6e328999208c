"""Market facts for the limits over a whole account: last closes, sectors, and clusters of correlated symbols."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal

import numpy as np
from numpy.typing import NDArray

from ..domain.errors import DataError
from ..domain.ids import Symbol
from ..market.adjustment import adjust_bars
from ..market.view import MarketView
from ..risk.portfolio_limits import PortfolioLimits
from ..risk.portfolio_room import PortfolioFacts


def portfolio_facts(view: MarketView, symbols: Iterable[Symbol], limits: PortfolioLimits) -> PortfolioFacts:
    """Return the facts for `symbols` at the time of `view`; a symbol without bars has no price.

    A symbol whose sector is not known is in no sector, and one without the full history of returns in no cluster.
    """
    closes: dict[Symbol, Mapping[date, float]] = {}
    prices, sectors = dict[Symbol, Decimal](), dict[Symbol, str]()
    for symbol in sorted(set(symbols)):
        try:
            bars = view.bars(symbol, count=limits.cluster_sessions + 1)
        except DataError:
            continue
        prices[symbol] = bars[-1].close
        if len(bars) > limits.cluster_sessions:
            series = adjust_bars(bars, view.splits(symbol), view.dividends(symbol))
            closes[symbol] = dict(zip((bar.session for bar in bars), series.close.tolist(), strict=True))
        if sector := _sector(view, symbol):
            sectors[symbol] = sector
    return PortfolioFacts(prices, sectors, correlation_clusters(closes, float(limits.cluster_correlation)))


def _sector(view: MarketView, symbol: Symbol) -> str | None:
    try:
        profile = view.profile(symbol)
    except DataError:
        return None
    return None if profile is None else profile.sector or None


def correlation_clusters(
    closes: Mapping[Symbol, Mapping[date, float]], threshold: float
) -> tuple[frozenset[Symbol], ...]:
    """Return the groups of two or more symbols that are connected by correlations of at least `threshold`.

    `closes` holds closes by session. Correlations are Pearson's, of simple returns over the sessions that all symbols
    have; a symbol whose returns do not vary is in no group.
    """
    symbols = sorted(closes)
    shared = sorted(set.intersection(*(set(closes[symbol]) for symbol in symbols))) if symbols else []
    if len(symbols) < 2 or len(shared) < 3:
        return ()
    table = np.array([[closes[symbol][session] for session in shared] for symbol in symbols])
    returns = table[:, 1:] / table[:, :-1] - 1
    moving = [place for place in range(len(symbols)) if returns[place].std() > 0]
    if len(moving) < 2:
        return ()
    linked = np.corrcoef(returns[moving]) >= threshold
    return _components([symbols[place] for place in moving], linked)


def _components(symbols: Sequence[Symbol], linked: NDArray[np.bool_]) -> tuple[frozenset[Symbol], ...]:
    """Return the connected components with at least two members, in the order of their first member."""
    left, found = list(range(len(symbols))), list[frozenset[Symbol]]()
    while left:
        group, queue = set[int](), [left[0]]
        while queue:
            place = queue.pop()
            if place not in group:
                group.add(place)
                queue += [other for other in left if linked[place, other]]
        left = [place for place in left if place not in group]
        if len(group) > 1:
            found.append(frozenset(symbols[place] for place in group))
    return tuple(found)
