"""Conversion between records and journal rows."""

import json
from decimal import Decimal
from typing import Any

from ...domain.ids import Symbol
from ..record import (
    Aspect,
    MemoryId,
    Namespace,
    Record,
    Source,
)
from ..timestamps import from_micros, to_micros

COLUMNS = (
    "id, space, symbol, source, aspect, event_at, available_at, learned_at, outcome_at, due_at, surprise, text, "
    "sources, cites, facts"
)

SOURCE = {source.value: source for source in Source}
ASPECT = {aspect.value: aspect for aspect in Aspect}
NONE = "[]"


def write_record(record: Record, space: int) -> tuple[Any, ...]:
    """Return the values of COLUMNS for `record`."""
    outcome, due, surprise, *links = write_content(record)
    stamps = (to_micros(record.event_at), to_micros(record.available_at), to_micros(record.learned_at), outcome, due)
    kind = (record.symbol or "", record.source.value, record.aspect.value)
    return (record.id, space, *kind, *stamps, surprise, record.text, *links)


def write_content(record: Record) -> tuple[Any, ...]:
    """Return the stored values of what the id leaves out: outcome_at, due_at, surprise, sources, cites and facts."""
    outcome, due = (None if at is None else to_micros(at) for at in (record.outcome_at, record.due_at))
    facts = json.dumps([[name, str(value)] for name, value in record.facts])
    return (outcome, due, float(record.surprise), json.dumps(record.sources), json.dumps(record.cites), facts)


def read_content(values: tuple[Any, ...]) -> dict[str, Any]:
    """Return the attributes of a record from the values of `write_content`."""
    outcome, due, surprise, sources, cites, facts = values
    return {
        "outcome_at": None if outcome is None else from_micros(outcome),
        "due_at": None if due is None else from_micros(due),
        "surprise": surprise,
        "sources": _ids(sources),
        "cites": _ids(cites),
        "facts": () if facts == NONE else tuple((name, Decimal(value)) for name, value in json.loads(facts)),
    }


def read_record(row: tuple[Any, ...], namespace: Namespace) -> Record:
    """Return the record for a row of COLUMNS."""
    _, _, symbol, source, aspect, event, available, learned, outcome, due, surprise, text, sources, cites, facts = row
    at = from_micros(available)
    return Record(
        namespace=namespace,
        symbol=Symbol(symbol) if symbol else None,
        source=SOURCE[source],
        aspect=ASPECT[aspect],
        text=text,
        event_at=at if event == available else from_micros(event),
        available_at=at,
        learned_at=at if learned == available else from_micros(learned),
        **read_content((outcome, due, surprise, sources, cites, facts)),
    )


def _ids(text: str) -> tuple[MemoryId, ...]:
    return () if text == NONE else tuple(map(MemoryId, json.loads(text)))
