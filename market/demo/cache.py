"""Cache file for the simulated numbers of a demo market.

The stamp is a digest of everything that the numbers depend on: package and numpy version, source code of the generator,
seed and sessions. A file with another stamp, or a damaged one, is regenerated. The market is the same with and without
a cache. The file has one block per company and per macro series, so that only the requested ones are loaded.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from decimal import Decimal
from hashlib import blake2b
from pathlib import Path
from typing import Protocol

import numpy as np

from ... import __version__
from ...domain.market import MacroPoint
from ...storage.packed import (
    DamagedPack,
    Pack,
    open_pack,
    write_pack,
)
from ...storage.stored_type import StoredType
from .companies import ALL_LISTINGS, Company
from .earnings import Quarter
from .macro import macro
from .newswire import NewsContext
from .prices import SimulatedDividend, SimulatedTrading
from .simulation import simulate_market
from .timeline import Timeline

INTEGERS = ("open", "high", "low", "close", "volume")
FLOATS = ("surprise", "change")
WIDTH = 8
SERIES = "macro/"
TICKER = "company/"


@dataclass(frozen=True, slots=True)
class _Rest:
    """The data of a company that is not stored as arrays."""

    first: int
    end: int
    paid: tuple[SimulatedDividend, ...]
    filed: tuple[Quarter, ...]


_REST = StoredType(_Rest)


class DrawnMarket(Protocol):
    """The simulated numbers of one demo market."""

    def beat(self, company: Company) -> NewsContext:
        """Return the simulated data of `company`."""
        ...

    def series(self, name: str) -> Sequence[MacroPoint]:
        """Return a macro series, oldest first; empty for an unknown name."""
        ...


class FreshMarket:
    """A market simulated in this process; it holds public data and the input of the news, but no hidden states."""

    def __init__(self, seed: int, last: date) -> None:
        drawn = simulate_market(seed, last)
        stories = drawn.hidden.stories
        self._beats = {
            company.ticker: NewsContext(
                company,
                seed,
                drawn.time,
                drawn.tapes[company.ticker],
                stories[:, n].copy(),
                drawn.filings[company.ticker],
            )
            for n, company in enumerate(ALL_LISTINGS)
        }
        self.economy: Mapping[str, Sequence[MacroPoint]] = macro(seed, drawn.time, drawn.common)

    def beat(self, company: Company) -> NewsContext:
        """Return the simulated data of `company`."""
        return self._beats[company.ticker]

    def series(self, name: str) -> Sequence[MacroPoint]:
        """Return a macro series, oldest first; empty for an unknown name."""
        return self.economy.get(name, ())


class CachedMarket:
    """A market read from a cache file; if a block is damaged, the market is simulated again and the file replaced."""

    def __init__(self, pack: Pack, seed: int, time: Timeline, redraw: Callable[[], FreshMarket]) -> None:
        self._pack, self._seed, self._time, self._redraw = pack, seed, time, redraw
        self._fresh: FreshMarket | None = None

    def beat(self, company: Company) -> NewsContext:
        """Return the simulated data of `company`."""
        try:
            return _beat(self._pack.read(TICKER + company.ticker), company, self._seed, self._time)
        except DamagedPack:
            return self._drawn_anew().beat(company)

    def series(self, name: str) -> Sequence[MacroPoint]:
        """Return a macro series, oldest first; empty for an unknown name."""
        if SERIES + name not in self._pack.names:
            return ()
        try:
            return _points(name, self._pack.read(SERIES + name))
        except DamagedPack:
            return self._drawn_anew().series(name)

    def _drawn_anew(self) -> FreshMarket:
        if self._fresh is None:
            self._fresh = self._redraw()
        return self._fresh


def drawn_market(seed: int, time: Timeline, folder: Path | None) -> DrawnMarket:
    """Return the market of `seed` on the sessions of `time`, using the cache in `folder` unless it is None."""
    if folder is None:
        return FreshMarket(seed, time.days[-1])
    path, stamp = folder / f"demo-{seed}.pack", _stamp(seed, time)

    def redraw() -> FreshMarket:
        fresh = FreshMarket(seed, time.days[-1])
        write_pack(path, stamp, _blocks(fresh))
        return fresh

    pack = open_pack(path, stamp)
    return redraw() if pack is None else CachedMarket(pack, seed, time, redraw)


def _stamp(seed: int, time: Timeline) -> str:
    """Return a digest of everything that the simulated numbers depend on."""
    digest = blake2b(f"{__version__} {np.__version__} {seed}".encode(), digest_size=16)
    for path in sorted(Path(__file__).parent.glob("*.py")):
        digest.update(path.read_bytes())
    digest.update(np.array([day.toordinal() for day in time.days], "<i8").tobytes())
    for moments in (time.opens, time.closes):
        digest.update(np.array([timestamp.timestamp() for timestamp in moments], "<f8").tobytes())
    return digest.hexdigest()


def _blocks(market: FreshMarket) -> Mapping[str, bytes]:
    companies = {TICKER + company.ticker: _company_block(market.beat(company)) for company in ALL_LISTINGS}
    return companies | {SERIES + name: _series_block(points) for name, points in market.economy.items()}


def _company_block(news_context: NewsContext) -> bytes:
    """Return the arrays of a company, each as long as the timeline, followed by the other data as JSON."""
    history = news_context.history
    arrays = [getattr(history, name).astype("<i8") for name in INTEGERS]
    arrays += [getattr(history, name).astype("<f8") for name in FLOATS] + [news_context.stories.astype("<f8")]
    rest = _Rest(history.first, history.end, history.paid, tuple(news_context.filed))
    return b"".join(array.tobytes() for array in arrays) + _REST.to_json(rest)


def _beat(block: bytes, company: Company, seed: int, time: Timeline) -> NewsContext:
    size, parts = len(time) * WIDTH, len(INTEGERS) + len(FLOATS) + 1
    pieces = [block[n * size : (n + 1) * size] for n in range(parts)]
    integers = {name: np.frombuffer(pieces[n], "<i8") for n, name in enumerate(INTEGERS)}
    floats = {name: np.frombuffer(pieces[len(INTEGERS) + n], "<f8") for n, name in enumerate(FLOATS)}
    rest = _REST.from_json(block[parts * size :])
    history = SimulatedTrading(first=rest.first, end=rest.end, paid=rest.paid, **integers, **floats)
    filed = tuple(replace(quarter, known_at=quarter.known_at.astimezone(UTC)) for quarter in rest.filed)
    return NewsContext(company, seed, time, history, np.frombuffer(pieces[-1], "<f8"), filed)


def _series_block(points: Sequence[MacroPoint]) -> bytes:
    rows = [[point.period.toordinal(), str(point.value), int(point.known_at.timestamp())] for point in points]
    return json.dumps(rows).encode()


def _points(series: str, block: bytes) -> Sequence[MacroPoint]:
    return tuple(
        MacroPoint(series, date.fromordinal(period), Decimal(value), datetime.fromtimestamp(known_at, UTC))
        for period, value, known_at in json.loads(block)
    )
