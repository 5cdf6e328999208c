"""The chain of vendors for each kind of rows: asked in order, every answer checked and archived, every failure told."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from ...domain.errors import InvalidData, LookAheadError, NoData, SourceUnavailable
from ...domain.sessions import Calendar
from ..archive.identity import as_read, canonical, could_be_known, identity
from ..archive.store import Archive, Fetch, Outcome
from ..folder.layout import LAYOUTS, Kind
from ..folder.row import Row
from ..folder.shelf import reader
from ..folder.track import Place
from ..vendors.port import Ask, Record, Vendor
from .coverage import BARS, Window, reach

EVERYONE = frozenset({Kind.NEWS})
"""Kinds that no vendor has all of: the whole chain is asked, not only up to the first answer."""


@dataclass(frozen=True, slots=True)
class Station:
    """One vendor of a chain, or why it cannot be asked."""

    name: str
    vendor: Vendor | None
    why_not: str = ""


Chain = Mapping[Kind, Sequence[Station]]


@dataclass(frozen=True, slots=True)
class Question:
    """What is to be fetched.

    Attributes:
        key: what the rows are archived under; `asked` is what vendors know it by.
        window: what nobody has answered for yet; `since` is from when vendors are asked, which may be earlier.
        sessions: the calendar of a ticker; None for macro series.
    """

    kind: Kind
    key: str
    asked: str
    window: Window
    since: datetime
    sessions: Calendar | None


def ask_chain(chain: Chain, archive: Archive, question: Question, now: datetime) -> None:
    """Ask the vendors in order until one answers (for news all of them), and archive what they say.

    It raises for nothing that a vendor does: the log of fetches tells.
    """
    for station in chain.get(question.kind, ()):
        fetch = ask_one(station, archive, question, now)
        if fetch.answered and question.kind not in EVERYONE:
            return


def ask_one(station: Station, archive: Archive, question: Question, now: datetime) -> Fetch:
    """Ask one vendor, archive its answer, and return how it ended."""
    window = question.window
    nothing = Fetch(
        question.kind, question.key, station.name, window.since, window.until, now, Outcome.SKIPPED, window.since
    )
    records: Sequence[Record] = ()
    if station.vendor is None:
        fetch = replace(nothing, reason=station.why_not)
    else:
        try:
            ask = Ask(question.kind, question.asked, question.since, window.until)
            records = _believable(station.vendor.fetch(ask), question, now)
            fetch = _answered(nothing, records, now)
        except NoData as error:
            fetch = replace(nothing, outcome=Outcome.UNKNOWN, reach=min(window.until, now), reason=str(error))
        except SourceUnavailable as error:
            fetch = replace(nothing, outcome=Outcome.UNAVAILABLE, reason=str(error))
        except InvalidData as error:
            fetch = replace(nothing, outcome=Outcome.BAD, reason=str(error))
        except LookAheadError:
            raise
        except Exception as error:  # noqa: BLE001 -- a fault in one adapter must not cost the desk the others
            reason = f"{station.name} was not understood ({type(error).__name__})"
            fetch, records = replace(nothing, outcome=Outcome.BAD, reason=reason), ()
    archive.add(fetch, records)
    return fetch


def _answered(fetch: Fetch, records: Sequence[Record], now: datetime) -> Fetch:
    days = [day for record in records if (day := could_be_known(record.kind, record.cells))]
    settled = reach(fetch.kind, fetch.until, now, max(days, default=None) if fetch.kind in BARS else None)
    outcome = Outcome.ROWS if records else Outcome.NOTHING
    return replace(fetch, outcome=outcome, rows=len(records), reach=max(fetch.since, settled))


def _believable(records: Sequence[Record], question: Question, now: datetime) -> list[Record]:
    """Return the rows under the key that they are archived under; raises InvalidData where one cannot be true.

    A bar that is not complete yet is left out, as it would become another one, and so is one of a day on which the
    exchange was closed. What is not believed is never archived,
    where it would spoil the ticker for good.
    """
    column = LAYOUTS[question.kind].key
    renamed = [replace(record, cells={**record.cells, column: question.key}) for record in records]
    rows = [
        Row(f"{question.kind} of a vendor", number, _cells(record, now)) for number, record in enumerate(renamed, 1)
    ]
    read = reader(question.kind, lambda: _sessions(question), rows)
    told: dict[str, str] = {}
    kept = []
    for record, row in zip(renamed, rows, strict=True):
        place = read.place(row)
        if place is None or (question.kind in BARS and not _is_complete(place, question, now)):
            continue
        read.fact(row, place.known_at)
        same, text = identity(record.kind, record.cells), canonical(record.cells)
        if told.setdefault(same, text) != text:
            raise row.bad("the vendor says two things about the same row")
        kept.append(record)
    return kept


def _is_complete(place: Place, question: Question, now: datetime) -> bool:
    if question.kind is not Kind.PRICES_HOURLY and not _sessions(question).is_session(place.order):
        return False
    return place.known_at <= now


def _cells(record: Record, now: datetime) -> dict[str, object]:
    cells = as_read(canonical(record.cells))
    return cells if record.dated else {**cells, "seen_at": now.isoformat()}


def _sessions(question: Question) -> Calendar:
    assert question.sessions is not None, "only tickers have bars"
    return question.sessions
