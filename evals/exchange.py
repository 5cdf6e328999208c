"""What the exchange shows a broker, session by session: raw bars, and the corporate actions before them.

This is the market's side of a walk and knows the whole window. What a trader may know is a matter of the trader's view.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from ..desk.accounts.market_replay import Day as Facts
from ..domain.errors import ConfigError
from ..domain.ids import Symbol
from ..domain.market import Dividend, Interval, Split
from ..domain.sessions import Calendar
from ..ledger.fills import Row
from ..ledger.instrument import Instrument
from ..ledger.quotes import row
from ..tools.source import MarketSource

EVERYTHING = 1_000_000


@dataclass(frozen=True, slots=True)
class Day:
    """One session of one symbol, with its place in time.

    `facts.gone` is the price at which the listing ended before this session; `opens_month` says whether it is the
    first session of its month.
    """

    session: date
    opened: datetime
    closed: datetime
    facts: Facts
    opens_month: bool

    @property
    def row(self) -> Row | None:
        """Return the raw bar in the instrument's integer steps; None where nothing was traded."""
        return self.facts.row

    @property
    def gone(self) -> int | None:
        """Return the price at which the listing ended, on the session after it did."""
        return self.facts.gone


def days_of(
    source: MarketSource, instrument: Instrument, sessions: Calendar, first: date, last: date
) -> tuple[Day, ...]:
    """Return every session from `first` to `last`, whether the symbol was traded on it or not.

    A symbol whose bars stop before `last` has lost its listing: it is gone, at its last close, on the session after.
    Raises ConfigError where there is no session between the two.
    """
    window = sessions.between(first, last)
    if not window:
        raise ConfigError(f"there is no session of {sessions.name} from {first} to {last}; give a longer window")
    symbol, until = Symbol(instrument.symbol), sessions.close(window[-1])
    bars = source.bars(symbol, Interval.DAY, until=until, count=EVERYTHING)
    rows = {bar.session: row(bar, instrument) for bar in bars}
    listing = _Listing(
        symbol=symbol,
        sessions=sessions,
        rows=rows,
        splits=source.splits(symbol, until=until),
        dividends=source.dividends(symbol, until=until),
        end=bars[-1].session if bars else None,
    )
    return tuple(listing.day(session) for session in window)


@dataclass(frozen=True, slots=True)
class _Listing:
    """All that the exchange knows of one symbol; `end` is the session of its last bar."""

    symbol: Symbol
    sessions: Calendar
    rows: Mapping[date, Row]
    splits: Sequence[Split]
    dividends: Sequence[Dividend]
    end: date | None

    def day(self, session: date) -> Day:
        before = self.sessions.previous(session)
        return Day(
            session=session,
            opened=self.sessions.open(session),
            closed=self.sessions.close(session),
            facts=Facts(
                symbol=self.symbol,
                row=self.rows.get(session),
                splits=tuple(split for split in self.splits if before < split.ex_date <= session),
                dividends=tuple(paid for paid in self.dividends if before < paid.ex_date <= session),
                gone=self.rows[before][3] if before == self.end else None,
            ),
            opens_month=before.month != session.month,
        )
