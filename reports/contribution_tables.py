"""Tables of what agents and computations contributed: ballots, weights, prices, rankings, views of symbols.

The tables follow from the values alone, so that a form of output needs no code here. Short values become columns, long
texts notes below them, citations the evidence of the row, and lists of records tables of their own.
"""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ..desk.records.document import proposal_document
from ..domain.decision import Decision, RecordedContribution
from ..domain.ids import EvidenceId

SHORT = 28
"""Longest text of a column, in characters."""
EVIDENCE = "evidence"
DECISION = "Decision"
"""How the stored names of decisions end."""
DECIMAL = re.compile(r"-?\d+(\.\d+)?")
Record = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class ContributionColumn:
    """The heading of a column; `numeric` if all of its values are numbers."""

    name: str
    numeric: bool


@dataclass(frozen=True, slots=True)
class ContributionRow:
    """A row: one cell for each column, long texts by their names, and cited evidence."""

    cells: tuple[str, ...]
    notes: tuple[tuple[str, str], ...] = ()
    evidence: tuple[EvidenceId, ...] = ()


@dataclass(frozen=True, slots=True)
class ContributionTable:
    """A table with its title; `remarks` if any row has notes or evidence."""

    title: str
    columns: tuple[ContributionColumn, ...]
    rows: tuple[ContributionRow, ...]

    @property
    def remarks(self) -> bool:
        """Return whether a row has notes or evidence."""
        return any(row.notes or row.evidence for row in self.rows)


def contribution_tables(decision: Decision) -> tuple[ContributionTable, ...]:
    """Return a table for each kind of contribution, and one for each list of records in them.

    The lists of the only decision are left out if they are those of the proposal.
    """
    contributions = decision.contributions
    rounds = any(made.round for made in contributions)
    found = list[ContributionTable]()
    for kind in dict.fromkeys(made.kind for made in contributions):
        alike = [made for made in contributions if made.kind == kind]
        spoken = Counter(made.author for made in alike)
        records = [_with_author(made, rounds=rounds, once=spoken[made.author] == 1) for made in alike]
        found += [table for table in (_table(title_of(kind), records),) if len(table.columns) > 1 or table.remarks]
        if decision.proposal is None or len(alike) > 1 or not kind.endswith(DECISION):
            found += [
                table for made in alike for table in _inner_tables(f"{title_of(kind)} of {made.author}", made.content)
            ]
    return tuple(found)


def proposal_tables(decision: Decision) -> tuple[ContributionTable, ...]:
    """Return the tables of a proposal in another form than orders; empty without one."""
    if decision.proposal is None:
        return ()
    document = dict(proposal_document(decision) or {})
    kind = str(document.pop("kind"))
    if decision.thesis is not None and document.get("rationale") == decision.thesis.summary:
        document.pop("rationale")
        document.pop(EVIDENCE, None)
    values = _table(title_of(kind), [document])
    whole = (values,) if values.columns or values.remarks else ()
    return (*whole, *_inner_tables(title_of(kind), document))


def cited_in(contributions: Sequence[RecordedContribution]) -> tuple[tuple[str, tuple[EvidenceId, ...]], ...]:
    """Return the author of each contribution with all evidence that it cites."""
    return tuple((made.author, tuple(_cited(made.content))) for made in contributions)


def title_of(kind: str) -> str:
    """Return the stored name of a form as words: `DirectionDecision` becomes `direction decision`."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", kind).replace("_", " ").lower()


def in_one_line(content: Record, most: int = 6) -> str:
    """Return the values of a contribution in a few words, for a terminal: `direction long, confidence 0.7`.

    Of a list of records, up to `most` are named.
    """
    parts = [f"{_words(name)} {_text(value)}" for name, value in content.items() if _is_short(value)]
    for name, value in content.items():
        if records := _records(value):
            more = f" and {len(records) - most} more" if len(records) > most else ""
            parts.append(f"{_words(name)}: " + "; ".join(_entry(each) for each in records[:most]) + more)
    return ", ".join(parts)


def notes_of(content: Record) -> str:
    """Return the long texts of a contribution, one after another."""
    return " ".join(text for name, value in content.items() if name != EVIDENCE and (text := _long(value)))


def _long(value: object) -> str:
    return "" if _is_short(value) else _note(value)


def _with_author(made: RecordedContribution, *, rounds: bool, once: bool) -> Record:
    """Return the values of a contribution with its author, and with its round unless the author has only one."""
    number = {"round": None if once and not made.round else made.round + 1} if rounds else {}
    return {"author": made.author, **number, **made.content}


def _inner_tables(title: str, content: Record) -> list[ContributionTable]:
    return [
        _table(f"{title}: {_words(name)}", records) for name, value in content.items() if (records := _records(value))
    ]


def _table(title: str, records: Sequence[Record]) -> ContributionTable:
    names = list(dict.fromkeys(name for record in records for name in record if name != EVIDENCE))
    plain = [name for name in names if not any(_records(record.get(name)) for record in records)]
    columns = [name for name in plain if _fits([record.get(name) for record in records])]
    notes = [name for name in plain if name not in columns]
    return ContributionTable(
        title,
        tuple(ContributionColumn(_words(name), _numeric([record.get(name) for record in records])) for name in columns),
        tuple(_row(record, columns, notes) for record in records),
    )


def _row(record: Record, columns: Sequence[str], notes: Sequence[str]) -> ContributionRow:
    texts = ((_words(name), _note(record.get(name))) for name in notes)
    return ContributionRow(
        tuple(_text(record.get(name)) for name in columns),
        tuple((name, text) for name, text in texts if text),
        tuple(_ids(record.get(EVIDENCE))),
    )


def _fits(values: Sequence[object]) -> bool:
    """Return whether values fit a column: all of them short, and at least one present."""
    present = [value for value in values if value not in (None, [], "")]
    return bool(present) and all(_is_short(value) for value in present)


def _is_short(value: object) -> bool:
    if isinstance(value, str):
        return 0 < len(value) <= SHORT and "\n" not in value
    return isinstance(value, bool | int | float)


def _numeric(values: Sequence[object]) -> bool:
    return all(
        value is None
        or (isinstance(value, int | float) and not isinstance(value, bool))
        or (isinstance(value, str) and DECIMAL.fullmatch(value) is not None)
        for value in values
    )


def _text(value: object) -> str:
    """Return a short value: floats with four decimals at most, without trailing zeros."""
    if value is None or value == []:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{round(value, 4):.12g}" if isinstance(value, float) else str(value)


def _note(value: object) -> str:
    """Return a text or a list of texts; empty for records and for values of columns elsewhere."""
    if isinstance(value, list) and not _records(value):
        return "; ".join(map(_text, value))
    if isinstance(value, Mapping):
        return ", ".join(f"{_words(name)} {_text(each)}" for name, each in value.items())
    return _text(value) if isinstance(value, str) else ""


def _records(value: object) -> list[Record]:
    """Return a list of records; empty for every other value."""
    if isinstance(value, list) and value and all(isinstance(each, Mapping) for each in value):
        return value
    return []


def _entry(record: Record) -> str:
    return " ".join(_text(value) for name, value in record.items() if name != EVIDENCE and _is_short(value))


def _ids(value: object) -> list[EvidenceId]:
    return [EvidenceId(str(each)) for each in value] if isinstance(value, list) else []


def _cited(value: object) -> list[EvidenceId]:
    if isinstance(value, Mapping):
        return [cited for name, each in value.items() for cited in (_ids(each) if name == EVIDENCE else _cited(each))]
    return [cited for each in value for cited in _cited(each)] if isinstance(value, list) else []


def _words(name: str) -> str:
    return name.replace("_", " ")
