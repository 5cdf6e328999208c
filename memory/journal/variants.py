"""Variants: records of one id with different content beyond the id. The smallest counts, in any order of writing.

Two decisions as of the same moment can write the same text with other figures, for instance after a price was
corrected. A row is written only for content that precedes all earlier content of its record, so that of the rows up to
any journal row the last one counts.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from ..record import MemoryId, Record
from .codec import read_content, write_content

CONTENT = "outcome_at, due_at, surprise, sources, cites, facts"
VARIANT_COLUMNS = f"seq, record, space, {CONTENT}"


@dataclass(frozen=True, slots=True)
class Variant:
    """Content of the record with row `record` in namespace `space`, written as journal row `seq`."""

    seq: int
    record: int
    space: int
    content: tuple[Any, ...]

    @classmethod
    def of(cls, row: tuple[Any, ...]) -> "Variant":
        """Return the variant of a row of VARIANT_COLUMNS."""
        return cls(row[0], row[1], row[2], tuple(row[3:]))

    def applied(self, record: Record) -> Record:
        """Return `record` with this content."""
        return replace(record, **read_content(self.content))


def content_order(record: Record) -> str:
    """Return the sort key of the content beyond the id: its JSON with fixed order, of which the smallest counts."""
    return json.dumps(write_content(record))


def preferred(records: Iterable[Record], stored: Mapping[MemoryId, Record]) -> dict[MemoryId, Record]:
    """Return the records whose content precedes that of the stored record with the same id, the smallest of each id."""
    found: dict[MemoryId, Record] = {}
    for record in records:
        known = found.get(record.id, stored.get(record.id))
        if known is not None and content_order(record) < content_order(known):
            found[record.id] = record
    return found


def resolved(
    records: Mapping[int, Record], variants: Iterable[Variant], limits: Mapping[int, int] | None = None
) -> dict[int, Record]:
    """Return `records` by row with their last variants, up to the row that `limits` gives for a namespace."""
    result = dict(records)
    for variant in sorted(variants, key=lambda each: each.seq):
        if limits is None or variant.seq <= limits.get(variant.space, -1):
            result[variant.record] = variant.applied(records[variant.record])
    return result
