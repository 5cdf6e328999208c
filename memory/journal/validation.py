"""Validation of records and events before writing: timestamps, links, numbers and text."""

import math
from collections.abc import Iterator, Mapping, Sequence

from ...domain.errors import InvalidData
from ..record import Event, MemoryId, Record
from ..timestamps import to_micros
from .journal import RecordHeader

LONGEST = 4_000_000
"""Maximum length of a text in characters, about ten times a full filing."""


def validate_record(record: Record, known: Mapping[MemoryId, RecordHeader]) -> None:
    """Raise InvalidData for an invalid record; `known` holds the headers of all records written before it."""
    _check_text(record.text)
    if not (math.isfinite(record.surprise) and record.surprise >= 0):
        raise _bad(record, f"its surprise {record.surprise} is not a finite number of at least zero")
    available, learned = to_micros(record.available_at), to_micros(record.learned_at)
    if available < to_micros(record.event_at):
        raise _bad(record, "available_at must not be before event_at")
    if record.outcome_at is not None and available < to_micros(record.outcome_at):
        raise _bad(record, "available_at must not be before outcome_at")
    if record.due_at is not None and record.due_at < record.event_at:
        raise _bad(record, "due_at must not be before event_at")
    for link in (*record.sources, *record.cites):
        if link not in known:
            raise _bad(record, f"it references {link!r}, which is not in this memory")
        if available < known[link].available_at or learned < known[link].learned_at:
            raise _bad(record, f"it would be known before {link!r}, which it references")


def check_event(event: Event, known: Mapping[MemoryId, RecordHeader]) -> None:
    """Raise InvalidData for an invalid event.

    An event is invalid if its record is unknown, its gain is not finite, or it takes effect before its record or its
    cause is available.
    """
    if event.record not in known:
        raise InvalidData("memory", None, f"{event.change} refers to the memory {event.record!r}, which does not exist")
    if not math.isfinite(event.gain):
        raise InvalidData("memory", None, f"the gain {event.gain} of {event.record!r} is not a finite number")
    effective = to_micros(event.effective_at)
    if effective < known[event.record].available_at:
        raise InvalidData(
            "memory", None, f"{event.change} of {event.record!r} would take effect before the record is available"
        )
    cause = known.get(MemoryId(event.cause))
    if cause is not None and effective < cause.available_at:
        raise InvalidData(
            "memory", None, f"{event.change} of {event.record!r} would take effect before its cause is available"
        )


def links_of(records: Sequence[Record], events: Sequence[Event]) -> set[MemoryId]:
    """Return every id that must be looked up before `records` and `events` are written."""
    wanted = {record.id for record in records} | {event.record for event in events}
    wanted |= {MemoryId(event.cause) for event in events}
    return wanted.union(*(record.sources + record.cites for record in records)) if records else wanted


def check_stamps(record: Record) -> None:
    """Raise InvalidData for a timestamp without a time zone."""
    for at in (record.event_at, record.available_at, record.learned_at, record.outcome_at, record.due_at):
        if at is not None:
            to_micros(at)


def text_fields(records: Sequence[Record], events: Sequence[Event]) -> Iterator[str]:
    """Yield every text field of `records` and `events`."""
    for record in records:
        yield record.text
        yield record.symbol or ""
        yield from (name for name, _ in record.facts)
        yield from (*record.sources, *record.cites)
    for event in events:
        yield from (event.cause, event.record)
    spaces = [record.namespace for record in records] + [event.namespace for event in events if event.namespace]
    for space in spaces:
        yield from (space.workspace, space.run, space.branch, space.agent)


def _check_text(text: str) -> None:
    if not text.strip():
        raise InvalidData("memory", None, "the text is empty")
    if len(text) > LONGEST:
        raise InvalidData(
            "memory", None, f"a text of {len(text):,} characters is too long; at most {LONGEST:,} are accepted"
        )


def check_unicode(text: str) -> None:
    """Raise InvalidData for text that cannot be encoded as UTF-8."""
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise InvalidData(
            "memory", None, f"the text cannot be encoded as UTF-8 ({error.reason}); decode the source correctly"
        ) from error


def _bad(record: Record, reason: str) -> InvalidData:
    start = " ".join(record.text.split())[:40]
    return InvalidData("memory", None, f"{record.source} {start!r} is invalid: {reason}")
