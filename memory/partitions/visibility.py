"""Visible namespaces of a view, each up to a journal row, and the visibility rule for records."""

from typing import NamedTuple

from ...domain.errors import LookAheadError
from ..journal.journal import MemoryJournal, NamespaceRow
from ..record import Namespace, Record
from ..timestamps import from_micros, to_micros


class VisibleRange(NamedTuple):
    """One namespace, by row id, as of the journal row `limit`."""

    space: int
    limit: int


def visible_ranges(journal: MemoryJournal, namespace: Namespace, head: int) -> tuple[VisibleRange, ...]:
    """Return the ranges of a namespace and the namespaces that it was forked from; empty for a new namespace."""
    spaces = {space.id: space for space in journal.spaces()}
    here = next((space for space in spaces.values() if space.namespace == namespace), None)
    lenses: list[VisibleRange] = []
    limit = head
    while here is not None:
        lenses.append(VisibleRange(here.id, limit))
        limit = min(limit, here.fork_seq or 0)
        here = _parent(spaces, here)
    return tuple(lenses)


def _parent(spaces: dict[int, NamespaceRow], space: NamespaceRow) -> NamespaceRow | None:
    return None if space.parent is None else spaces[space.parent]


def check_visible(record: Record, known_until: int, as_of: int) -> None:
    """Raise LookAheadError for a record that is not visible at `as_of` (microseconds).

    A record is visible at T iff available_at <= T, learned_at <= T and known_until > T. Every record that a view
    returns is checked here, independently of the search that found it.
    """
    if to_micros(record.available_at) > as_of or to_micros(record.learned_at) > as_of:
        raise LookAheadError(
            f"the memory {record.id} of {record.available_at:%Y-%m-%d %H:%M} is not yet known at "
            f"{from_micros(as_of):%Y-%m-%d %H:%M}. This is a bug; nothing was returned"
        )
    if known_until <= as_of:
        raise LookAheadError(
            f"the memory {record.id} was superseded or forgotten by {from_micros(as_of):%Y-%m-%d %H:%M}. "
            "This is a bug; nothing was returned"
        )
