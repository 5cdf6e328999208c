"""One demo market and one oracle for the whole folder: both are immutable answers to the same seed."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime

import numpy as np
import pytest
from numpy.typing import NDArray
from openoutcry.domain.ids import Symbol
from openoutcry.domain.market import Interval
from openoutcry.market.demo import cache, source
from openoutcry.market.demo.oracle import Oracle, demo_oracle
from openoutcry.market.demo.source import DemoSource, demo_market
from openoutcry.market.view import HasKnownAt

LAST = date(2026, 11, 18)
EVER, NEVER = datetime(2045, 1, 1, tzinfo=UTC), datetime(1900, 1, 1, tzinfo=UTC)
EVERYTHING = 1_000_000

Facts = Mapping[str, Sequence[HasKnownAt]]
Ask = Callable[[DemoSource, Symbol], Facts]


@dataclass(frozen=True)
class History:
    """Sessions and total log returns of one ticker, put together from bars, splits and dividends alone."""

    days: tuple[date, ...]
    returns: NDArray[np.float64]


SIMULATE, BARS = cache.FreshMarket, source._bars


@pytest.fixture(autouse=True, scope="module")
def drawn_anew() -> Iterator[None]:
    """Simulate every market of these tests, which compare one simulation with another."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(cache, "FreshMarket", SIMULATE)
        patch.setattr(source, "_bars", BARS)
        yield


@pytest.fixture(scope="session")
def market() -> DemoSource:
    return demo_market(last=LAST)


@pytest.fixture(scope="session")
def oracle() -> Oracle:
    return demo_oracle(last=LAST)


@pytest.fixture(scope="session")
def ask() -> Ask:
    def everything(source: DemoSource, symbol: Symbol) -> Facts:
        found: dict[str, Sequence[HasKnownAt]] = {
            "bars": source.bars(symbol, Interval.DAY, until=EVER, count=EVERYTHING),
            "splits": source.splits(symbol, until=EVER),
            "dividends": source.dividends(symbol, until=EVER),
            "news": source.news(symbol, since=NEVER, until=EVER),
            "filings": source.filings(symbol, until=EVER),
            "insider trades": source.insider_trades(symbol, until=EVER),
        }
        return found | {s: source.macro(s, until=EVER, count=EVERYTHING) for s in source.macro_series()}

    return everything


def history(source: DemoSource, symbol: Symbol) -> History:
    bars = source.bars(symbol, Interval.DAY, until=EVER, count=EVERYTHING)
    close = np.array([float(bar.close) for bar in bars])
    ratio = {split.ex_date: float(split.ratio) for split in source.splits(symbol, until=EVER)}
    cash = {dividend.ex_date: float(dividend.amount) for dividend in source.dividends(symbol, until=EVER)}
    gross = [
        (now + cash.get(bar.session, 0.0)) * ratio.get(bar.session, 1.0) / before
        for bar, now, before in zip(bars[1:], close[1:], close, strict=False)
    ]
    return History(tuple(bar.session for bar in bars), np.log(np.array([1.0, *gross])))


@pytest.fixture(scope="session")
def histories(market: DemoSource) -> Mapping[Symbol, History]:
    return {symbol: history(market, symbol) for symbol in market.symbols()}
