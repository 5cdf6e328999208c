"""Which rows a view may look at: namespaces, each up to a row; and the rule of what is visible in them."""

from typing import NamedTuple

from ...domain.errors import LookAheadError
from ..journal.journal import MemoryJournal, NamespaceRow
from ..record import Namespace, Record
from ..timestamps import from_micros, to_micros


class VisibleRange(NamedTuple):
    """One namespace, by its row, as it was when the journal ended with the row `limit`."""

    space: int
    limit: int


def visible_ranges(journal: MemoryJournal, namespace: Namespace, head: int) -> tuple[VisibleRange, ...]:
    """Return a namespace and the branches that it grew from, each as far as it can be seen; nothing for a new one."""
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
    """Raise LookAheadError for a record that must not be seen at `as_of`.

    Visible at T iff available_at <= T, learned_at <= T and known_until > T. Every answer of a view passes here,
    whatever found it.
    """
    if to_micros(record.available_at) > as_of or to_micros(record.learned_at) > as_of:
        raise LookAheadError(
            f"the memory {record.id} of {record.available_at:%Y-%m-%d %H:%M} is not known yet at "
            f"{from_micros(as_of):%Y-%m-%d %H:%M}; this is a bug, and nothing was shown"
        )
    if known_until <= as_of:
        raise LookAheadError(
            f"the memory {record.id} was replaced or forgotten by {from_micros(as_of):%Y-%m-%d %H:%M}; "
            "this is a bug, and nothing was shown"
        )
