"""What a market lacks of the names and days of a protocol."""

from collections.abc import Sequence
from dataclasses import dataclass

from ..app.as_of import read_symbol
from ..domain.ids import Symbol
from ..domain.market import Interval
from ..domain.trading_calendar import trading_calendar
from ..market.source import MarketSource
from .experiment import Period
from .protocol import ProtocolSpec

MOST_DAYS = 3


@dataclass(frozen=True, slots=True)
class DataGap:
    """A name that a market lacks, or lacks days of; `reason` says which."""

    symbol: Symbol
    reason: str


def protocol_gaps(spec: ProtocolSpec, window: Period, source: MarketSource) -> tuple[DataGap, ...]:
    """Return the names of the protocol that the market lacks, or lacks sessions of inside the window.

    A protocol with delisted names accepts a name that has a bar on the first session and ends later.
    """
    known = set(source.symbols())
    found = [_gap(read_symbol(name), window, source, known, delisted=spec.delisted) for name in spec.universe]
    return tuple(gap for gap in found if gap is not None)


def _gap(symbol: Symbol, window: Period, source: MarketSource, known: set[Symbol], *, delisted: bool) -> DataGap | None:
    if symbol not in known:
        return DataGap(symbol, "no daily bars")
    calendar = trading_calendar(source.calendar_name(symbol))
    sessions = calendar.between(window.first, window.last)
    if not sessions:
        return DataGap(symbol, "no session in the window")
    bars = source.bars(symbol, Interval.DAY, until=calendar.close(sessions[-1]), count=len(sessions))
    days = {bar.session for bar in bars}
    end = max(days, default=sessions[0]) if delisted else sessions[-1]
    missing = [day for day in sessions if day <= end and day not in days]
    return DataGap(symbol, _days(missing)) if missing else None


def _days(missing: Sequence[object]) -> str:
    shown = ", ".join(map(str, missing[:MOST_DAYS]))
    more = len(missing) - MOST_DAYS
    return f"no bar on {shown}" + (f" and {more} more sessions" if more > 0 else "")
