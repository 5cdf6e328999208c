"""The price of a symbol beside the most similar symbols, as MarketSenseAI (arXiv 2401.03737) compares it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from ...domain.errors import NoData, SourceUnavailable
from ...domain.evidence import Evidence, EvidenceKind
from ...domain.ids import Symbol
from ...market.price_history import MARKET_PROXIES, PriceHistory, load_price_history
from ...market.view import MarketView
from .. import indicators
from .builder import EvidenceBuilder, SourceTable
from .indicators import common_closes

MOST_PEERS = 5
MOST_CANDIDATES = 100
"""Most symbols whose prices are compared; those of the same sector come first."""
CORRELATED, LEAST_COMMON = 252, 60
"""Sessions of the correlation, and the fewest that it needs."""
HORIZONS = (5, 21, 63, 252)


@dataclass(frozen=True, slots=True)
class Peer:
    """A similar symbol: correlation of daily log returns, and whether both have the same sector."""

    symbol: Symbol
    correlation: float
    same_sector: bool
    history: PriceHistory


def find_peers(view: MarketView, symbol: Symbol) -> tuple[Peer, ...]:
    """Return the up to five most correlated symbols, those of the same sector first.

    Candidates trade on the calendar of `symbol` and have current prices; market proxies are none. A candidate whose
    source is unavailable is left out. Raises NoData if the bars of `symbol` are missing or stale.
    """
    own = load_price_history(view, symbol)
    sector = _sector(view, symbol)
    found = list(_candidates(view, symbol, own, sector))
    return tuple(sorted(found, key=lambda peer: (not peer.same_sector, -peer.correlation, peer.symbol))[:MOST_PEERS])


def peer_evidence(view: MarketView, symbol: Symbol) -> tuple[Evidence, ...]:
    """Return peer.set (the peers) and peer.retN (the return beyond the mean of the peers); empty without a peer."""
    peers = find_peers(view, symbol)
    if not peers:
        return ()
    own = load_price_history(view, symbol)
    known_at = max(history.known_at for history in (own, *(peer.history for peer in peers)))
    builder = EvidenceBuilder(view, EvidenceKind.PRICE, SourceTable.PRICES).for_table(own)
    names = ", ".join(f"{peer.symbol} {peer.correlation:.2f}" for peer in peers)
    whole = builder.text("peer.set", known_at, f"peers and their correlation: {names}")
    return (whole, *(fact for sessions in HORIZONS for fact in _excess(builder, own, peers, sessions, known_at)))


def _candidates(view: MarketView, symbol: Symbol, own: PriceHistory, sector: str) -> Iterator[Peer]:
    """Yield symbols with a correlation: first those of the sector, then others, at most MOST_CANDIDATES."""
    others = [each for each in view.source.symbols() if each != symbol and each not in MARKET_PROXIES]
    alike = {each for each in others if sector and _sector(view, each) == sector}
    count = 0
    for other in sorted(others, key=lambda each: (each not in alike, each)):
        if count == MOST_CANDIDATES:
            return
        history = _history(view, symbol, other)
        if history is None:
            continue
        count += 1
        correlation = _correlation(own, history)
        if correlation is not None:
            yield Peer(other, correlation, other in alike, history)


def _sector(view: MarketView, symbol: Symbol) -> str:
    profile = view.profile(symbol)
    return profile.sector.strip().lower() if profile else ""


def _history(view: MarketView, symbol: Symbol, other: Symbol) -> PriceHistory | None:
    try:
        return load_price_history(view, other) if view.calendar(other) == view.calendar(symbol) else None
    except (NoData, SourceUnavailable):
        return None


def _correlation(own: PriceHistory, other: PriceHistory) -> float | None:
    """Return the correlation of daily log returns of common sessions; None if they are few or a price is constant."""
    mine, theirs = (np.diff(np.log(close))[-CORRELATED:] for close in common_closes(own.series, other.series))
    if len(mine) < LEAST_COMMON or np.ptp(mine) == 0 or np.ptp(theirs) == 0:
        return None
    return float(np.corrcoef(mine, theirs)[0, 1])


def _excess(
    builder: EvidenceBuilder, own: PriceHistory, peers: Sequence[Peer], sessions: int, known_at: datetime
) -> tuple[Evidence, ...]:
    """Return the return beyond the mean of the peers with a return over `sessions`."""
    value = indicators.total_return(own.series.close, sessions)
    theirs = [indicators.total_return(peer.history.series.close, sessions) for peer in peers]
    known = [each for each in theirs if each is not None]
    if value is None or not known:
        return ()
    above = sum(value > each for each in known)
    wording = f"return over {sessions} sessions {{:+.2%}} beyond the mean of {len(known)} peers, above {above} of them"
    return builder.number(f"peer.ret{sessions}", known_at, wording, value - sum(known) / len(known))
