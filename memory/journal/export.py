"""Export of the journal as JSON lines, in the order of writing."""

import json
from collections.abc import Iterator, Sequence
from heapq import merge

from ..record import Namespace
from ..timestamps import from_micros
from .codec import COLUMNS
from .journal import MemoryJournal
from .variants import VARIANT_COLUMNS

SCHEMA = "openoutcry.memory/1"
_STAMPS = ("event_at", "available_at", "learned_at", "outcome_at", "due_at", "effective_at")
_LISTS = ("sources", "cites", "facts")


def export_lines(journal: MemoryJournal, spaces: Sequence[Namespace]) -> Iterator[str]:
    """Yield a schema line, then one line for each record, event and variant in the namespaces `spaces`."""
    yield json.dumps({"schema": SCHEMA}) + "\n"
    wanted = {space.id: space.namespace for space in journal.spaces() if space.namespace in spaces}
    written = f"SELECT seq, {COLUMNS} FROM records ORDER BY seq"  # noqa: S608 -- internal column names
    records = _rows(journal, "record", written, ("seq", *COLUMNS.split(", ")))
    names = ("seq", "record", "space", "change", "effective_at", "cause", "gain")
    query = (
        "SELECT e.seq, r.id, e.space, e.change, e.effective_at, e.cause, e.gain FROM events e "
        "JOIN records r ON r.seq = e.record ORDER BY e.seq"
    )
    others = (
        "SELECT v.seq, r.id, v.space, v.outcome_at, v.due_at, v.surprise, v.sources, v.cites, v.facts FROM variants v "
        "JOIN records r ON r.seq = v.record ORDER BY v.seq"
    )
    variants = _rows(journal, "variant", others, tuple(VARIANT_COLUMNS.split(", ")))
    for _, row in merge(records, _rows(journal, "event", query, names), variants, key=lambda each: each[0]):
        if row["space"] in wanted:
            space = wanted[row["space"]]
            names_of = {"workspace": space.workspace, "run": space.run, "branch": space.branch, "agent": space.agent}
            yield json.dumps(row | {"space": names_of}, ensure_ascii=False) + "\n"


def _rows(
    journal: MemoryJournal, kind: str, query: str, names: Sequence[str]
) -> Iterator[tuple[int, dict[str, object]]]:
    for row in journal.rows(query):
        values = dict(zip(names, row, strict=True))
        stamps = {n: from_micros(values[n]).isoformat() for n in _STAMPS if values.get(n) is not None}
        lists = {name: json.loads(values[name]) for name in _LISTS if name in values}
        yield row[0], {"kind": kind} | values | stamps | lists
