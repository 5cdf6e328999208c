"""Fallback chain of vendors for each kind of rows: responses are validated and archived, failures are logged."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from ...domain.errors import (
    InvalidData,
    LookAheadError,
    NoData,
    SourceUnavailable,
)
from ...domain.trading_calendar import TradingCalendar
from ..archive.answered import ACTIONS, BARS, RowMoment
from ..archive.fetch_log import FetchLog, FetchOutcome
from ..archive.row_identity import (
    canonical_json,
    decode_cells,
    earliest_known_at,
    identity,
)
from ..archive.store import Archive
from ..folder.layout import LAYOUTS, DatasetKind
from ..folder.point_in_time import RowTiming
from ..folder.row import TableRow, midnight
from ..folder.tables import row_reader_for
from ..vendors.port import PartialRows, Vendor, VendorRequest, VendorRow
from .coverage import Window, covered_until

FAN_OUT_KINDS = frozenset({DatasetKind.NEWS})
"""Kinds of which no vendor has complete data; all vendors of the chain are queried."""


@dataclass(frozen=True, slots=True)
class VendorSlot:
    """One vendor of a chain; if `vendor` is None, `why_not` is the reason why it is not available."""

    name: str
    vendor: Vendor | None
    why_not: str = ""


StatedTime = Callable[[], datetime | None]
"""Returns the time that servers stated last, or None if none did."""

MOST_SKEW = timedelta(minutes=2)
"""Difference between two clocks that says nothing."""


def unstated() -> datetime | None:
    """Return None: no server states a time."""
    return None


FallbackChain = Mapping[DatasetKind, Sequence[VendorSlot]]


@dataclass(frozen=True, slots=True)
class FetchRequest:
    """A request to a chain of vendors.

    Attributes:
        key: key under which the rows are archived.
        asked: key used in the requests to vendors.
        window: window that no vendor has covered yet.
        since: beginning of the requests to vendors, which may be earlier than that of the window.
        sessions: calendar of a ticker; None for macro series.
    """

    kind: DatasetKind
    key: str
    asked: str
    window: Window
    since: datetime
    sessions: TradingCalendar | None


def ask_chain(
    chain: FallbackChain, archive: Archive, question: FetchRequest, now: datetime, stated: StatedTime = unstated
) -> None:
    """Query the vendors in order until one responds (for news all vendors), and archive the rows.

    Failures of vendors do not raise; they are recorded in the fetch log.
    """
    for slot in chain.get(question.kind, ()):
        fetch = ask_one(slot, archive, question, now, stated)
        if fetch.answered and question.kind not in FAN_OUT_KINDS:
            return


def ask_one(
    slot: VendorSlot, archive: Archive, question: FetchRequest, now: datetime, stated: StatedTime = unstated
) -> FetchLog:
    """Query one vendor, archive its response, and return the log entry of the fetch.

    A bar is complete if its session is over by the clock (`now`) and by the time that the servers state.
    """
    window = question.window
    nothing = FetchLog(
        question.kind, question.key, slot.name, window.since, window.until, now, FetchOutcome.SKIPPED, window.since
    )
    records: Sequence[VendorRow] = ()
    moments: Sequence[RowMoment] = ()
    if slot.vendor is None:
        fetch = replace(nothing, reason=slot.why_not)
    else:
        try:
            ask = VendorRequest(question.kind, question.asked, question.since, window.until)
            found = slot.vendor.fetch(ask)
            at = _earlier(now, stated())
            checked = _validated(found, question, at)
            records, moments = [record for record, _ in checked], [moment for _, moment in checked]
            fetch = _answered(nothing, records, at, question.sessions)
            fetch = replace(fetch, reason=found.reason) if isinstance(found, PartialRows) else fetch
        except NoData as error:
            fetch = replace(nothing, outcome=FetchOutcome.UNKNOWN, reach=min(window.until, now), reason=str(error))
        except SourceUnavailable as error:
            fetch = replace(nothing, outcome=FetchOutcome.UNAVAILABLE, reason=str(error))
        except InvalidData as error:
            fetch = replace(nothing, outcome=FetchOutcome.BAD, reason=str(error))
        except LookAheadError:
            raise
        except Exception as error:  # noqa: BLE001 -- an error in one adapter must not disable the other vendors
            reason = f"the response of {slot.name} could not be processed ({type(error).__name__})"
            fetch, records = replace(nothing, outcome=FetchOutcome.BAD, reason=reason), ()
            moments = ()
    archive.add(fetch, records, moments)
    return fetch


def _earlier(now: datetime, stated: datetime | None) -> datetime:
    """Return `now`, or the time that servers state if the clock is ahead of it."""
    return now if stated is None or now - stated <= MOST_SKEW else stated


def _answered(
    fetch: FetchLog, records: Sequence[VendorRow], now: datetime, sessions: TradingCalendar | None
) -> FetchLog:
    days = [day for record in records if (day := earliest_known_at(record.kind, record.cells))]
    last = max(days, default=None) if fetch.kind in BARS else None
    settled = covered_until(fetch.kind, fetch.until, now, last, sessions)
    outcome = FetchOutcome.ROWS if records else FetchOutcome.NOTHING
    return replace(fetch, outcome=outcome, rows=len(records), reach=max(fetch.since, settled))


def _validated(
    records: Sequence[VendorRow], question: FetchRequest, now: datetime
) -> list[tuple[VendorRow, RowMoment]]:
    """Return the rows to archive, under the archive key, with the times at which they became known.

    Raises InvalidData if a row is invalid.

    Incomplete bars and bars of days without a session are omitted. An invalid response is not archived at all, because
    archived rows are permanent.
    """
    column = LAYOUTS[question.kind].key
    renamed = [replace(record, cells={**record.cells, column: question.key}) for record in records]
    rows = [
        TableRow(f"{question.kind} of a vendor", number, _cells(record, now))
        for number, record in enumerate(renamed, 1)
    ]
    read = row_reader_for(question.kind, lambda: _sessions(question), rows)
    texts: dict[str, str] = {}
    kept = []
    for record, row in zip(renamed, rows, strict=True):
        place = read.timing(row)
        if place is None or (question.kind in BARS and not _is_complete(place, question, now)):
            continue
        read.fact(row, place.known_at)
        same, text = identity(record.kind, record.cells), canonical_json(record.cells)
        if texts.setdefault(same, text) != text:
            raise row.invalid("the vendor returned two different versions of the same row")
        kept.append((record, _moment(question.kind, place)))
    return kept


def _moment(kind: DatasetKind, place: RowTiming) -> RowMoment:
    """Return the moments of a row. Windows bound the date of prices, corporate actions and macro points."""
    by_date = kind in BARS or kind in ACTIONS or kind is DatasetKind.MACRO
    day = place.order.date() if isinstance(place.order, datetime) else place.order
    return RowMoment(midnight(day) if by_date else place.known_at, place.known_at)


def _is_complete(place: RowTiming, question: FetchRequest, now: datetime) -> bool:
    if question.kind is not DatasetKind.PRICES_HOURLY and not _sessions(question).is_session(place.order):
        return False
    return place.known_at <= now


def _cells(record: VendorRow, now: datetime) -> dict[str, object]:
    cells = decode_cells(canonical_json(record.cells))
    return cells if record.dated else {**cells, "seen_at": now.isoformat()}


def _sessions(question: FetchRequest) -> TradingCalendar:
    assert question.sessions is not None, "only tickers have bars"
    return question.sessions
