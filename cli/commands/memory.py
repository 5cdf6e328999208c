"""`openoutcry memory`: inspection and maintenance of the desk's memory."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, time
from decimal import Decimal
from pathlib import Path

from rich.console import Console
from rich.text import Text

from ...app.as_of import parse_datetime, read_symbol
from ...app.clock import now
from ...app.factories import open_memory
from ...app.settings import load_settings
from ...domain.errors import ConfigError, InvalidData
from ...domain.ids import Symbol
from ...domain.text import escape_control, strip_control
from ...memory.inspection import list_status, record_history, resolve_id
from ...memory.journal.export import SCHEMA, export_lines
from ...memory.port import Query, RecalledRecord
from ...memory.presets.preset import Weights
from ...memory.recall.candidates import PARTS
from ...memory.record import (
    Aspect,
    Change,
    Event,
    Layer,
    Namespace,
)
from ...memory.store import FileMemoryStore
from ...storage.output_file import write_output
from ..console.exit_codes import ExitCode
from ..console.memory import life_document, print_life, print_memories
from ..console.tables import is_terminal, plain_text, print_line, print_rows, write_json

NOTHING = "No memories found. Decisions write memories; `openoutcry memory stats` lists the namespaces."


@dataclass(frozen=True, slots=True)
class MemoryFilter:
    """The filter options of a memory command, as given."""

    run: str | None
    as_of: str | None
    symbol: str | None
    layer: str | None

    @property
    def ticker(self) -> Symbol | None:
        return None if self.symbol is None else read_symbol(self.symbol)

    @property
    def only(self) -> Layer | None:
        """Return the layer, or None for all; raises ConfigError for an unknown layer."""
        if self.layer is None:
            return None
        if self.layer not in set(Layer):
            raise ConfigError(f"unknown layer {self.layer!r}; use {', '.join(Layer)}")
        return Layer(self.layer)


@dataclass(frozen=True, slots=True)
class MemoryLine:
    """One memory in the list."""

    memory_id: str
    available_at: datetime
    symbol: str
    source: str
    layer: str
    strength: Decimal
    copies: int
    recallable: bool
    run: str
    text: str


@dataclass(frozen=True, slots=True)
class FoundLine:
    """One search result, with the parts of its score; a part without a weight in the preset is None."""

    memory_id: str
    available_at: datetime
    symbol: str
    source: str
    layer: str
    score: Decimal
    relevance: Decimal | None
    recency: Decimal | None
    strength: Decimal | None
    outcome: Decimal | None
    text: str


@dataclass(frozen=True, slots=True)
class StatsLine:
    """Counts for one namespace."""

    namespace: str
    records: int
    events: int
    visible: int
    short: int
    mid: int
    long: int
    reflection: int
    recallable: int
    since: str
    until: str


def list_memories(asked: MemoryFilter, limit: int, *, as_json: bool) -> None:
    """Print the newest `limit` memories visible at a time, newest last."""
    at, only = read_when(asked.as_of), asked.only
    with open_configured_memory() as memory:
        found = {
            each.record.id: each
            for space in namespaces(memory, asked.run)
            for each in list_status(memory, memory.at(at, space), asked.ticker)
            if only in (None, each.layer)
        }
        newest = sorted(found.values(), key=lambda each: (each.record.available_at, each.record.id))[-limit:]
        lines = [
            MemoryLine(
                each.record.id,
                each.record.available_at,
                each.record.symbol or "",
                each.record.source,
                each.layer,
                _figure(each.strength),
                each.copies,
                each.recallable,
                each.record.namespace.run,
                each.record.text,
            )
            for each in newest
        ]
    if as_json or not lines or not is_terminal():
        print_rows(lines, as_json=as_json, nothing=NOTHING)
    else:
        print_memories(Console(), lines, ("strength",))


def search(text: str, asked: MemoryFilter, limit: int, *, as_json: bool) -> None:
    """Print what is recalled at a time, with the parts of each score, best first."""
    at, only = read_when(asked.as_of), asked.only
    query = Query((text,), asked.ticker, frozenset(Aspect), tokens=10**6, limit=limit if only is None else 200)
    with open_configured_memory() as memory:
        found: dict[str, RecalledRecord] = {}
        for space in namespaces(memory, asked.run):
            found |= {each.record.id: each for each in memory.at(at, space).recall(query)}
        best = sorted(found.values(), key=lambda each: (-each.score, each.record.id))
        weights = memory.preset.weights
    found_lines = [_found(each, weights) for each in best if only in (None, each.layer)][:limit]
    if as_json or not found_lines:
        print_rows(found_lines, as_json=as_json, nothing=NOTHING)
    else:
        words = f"{weights.relevance:.2f} relevance + {weights.recency:.2f} recency + {weights.strength:.2f} strength"
        Console(stderr=not is_terminal()).print(
            Text(f"As of {at:%Y-%m-%d %H:%M} UTC. Score = {words} + {weights.outcome:.2f} outcome")
        )
        if is_terminal():
            print_memories(Console(), found_lines, ("score", *PARTS))
        else:
            print_rows(found_lines, as_json=False, nothing="")


def show(text: str, as_of: str | None, *, as_json: bool) -> None:
    """Print one memory and its history."""
    with open_configured_memory() as memory:
        life = record_history(memory, resolve_id(memory, text), read_when(as_of))
    if as_json:
        write_json(life_document(life))
    else:
        print_life(life)


def forget(text: str, as_of: str | None, reason: str) -> None:
    """Exclude a memory from recall from a time on; raises ConfigError if that is not possible."""
    at = read_when(as_of)
    with open_configured_memory() as memory:
        memory_id = resolve_id(memory, text)
        try:
            memory.write([], [Event(memory_id, Change.FORGOTTEN, at, reason)])
        except InvalidData as error:
            raise ConfigError(f"{memory_id} cannot be forgotten: {error.reason}") from error
    print_line(f"{memory_id} is not recalled from {at:%Y-%m-%d %H:%M} UTC on; it stays in the journal")


def stats(as_of: str | None, *, as_json: bool) -> None:
    """Print the number of records and events by namespace and layer, and the size on disk."""
    at = read_when(as_of)
    with open_configured_memory() as memory:
        lines = [_counted(memory, space, at) for space in namespaces(memory, None)]
        size = sum(path.stat().st_size for path in memory.folder.rglob("*") if path.is_file())
        about = {"embedder": memory.vectors.embedder.name, "preset": memory.preset.name, "bytes": size}
    if as_json:
        write_json(about | {"as_of": at, "namespaces": [asdict(line) for line in lines]})
        return
    print_rows(lines, as_json=False, nothing=NOTHING)
    words = f"embedder {about['embedder']}, preset {about['preset']}, {size / 1e6:.1f} MB in {memory.folder}"
    Console(stderr=not is_terminal()).print(plain_text(words), soft_wrap=True)


def rebuild(*, as_json: bool) -> ExitCode:
    """Rebuild the index from the journal; returns REFUSED (6) if any vector differs from the journal's."""
    with open_configured_memory() as memory:
        result = memory.journal.rows("PRAGMA integrity_check")[0][0]
        if result != "ok":
            raise ConfigError(f"the journal {memory.journal.path} is damaged ({result}); restore it from a backup")
        done = memory.analogies.rebuild()
    print_rows(done, as_json=as_json, nothing=NOTHING)
    return ExitCode.REFUSED if any(each.differences for each in done) else ExitCode.DONE


def export(run: str | None, out: Path | None, *, force: bool) -> None:
    """Write the journal as JSON lines to `out`, or to standard output."""
    with open_configured_memory() as memory:
        text = "".join(export_lines(memory.journal, namespaces(memory, run)))
    if out is None:
        sys.stdout.write(escape_control(text))
    else:
        write_output(out, text, lambda found: found.startswith(f'{{"schema": "{SCHEMA}"}}'), force=force)


@contextmanager
def open_configured_memory() -> Iterator[FileMemoryStore]:
    """Open the configured memory; repairs are reported on standard error."""
    with open_memory(load_settings({}), notice=_report) as memory:
        yield memory


def _report(text: str) -> None:
    sys.stderr.write(f"openoutcry: {strip_control(text)}\n")


def namespaces(memory: FileMemoryStore, run: str | None) -> list[Namespace]:
    """Return the namespaces that match `--run`; raises ConfigError if none does."""
    every = [space.namespace for space in memory.journal.spaces()]
    meant = [space for space in every if run in (None, space.run, path_of(space))]
    if run is not None and not meant:
        known = ", ".join(sorted({space.run for space in every})) or "none"
        raise ConfigError(f"no memories of run {run!r}; known runs: {known}")
    return meant


def path_of(space: Namespace) -> str:
    """Return a namespace in the form that `--run` accepts."""
    return f"{space.workspace}/{space.run}/{space.branch}/{space.agent}"


def read_when(text: str | None) -> datetime:
    """Parse `--as-of`: a date is the end of that day in UTC, None is now. Raises ConfigError for anything else."""
    if text is None:
        return now()
    try:
        return datetime.combine(date.fromisoformat(text), time.max, UTC)
    except ValueError:
        return parse_datetime(text)


def _counted(memory: FileMemoryStore, space: Namespace, at: datetime) -> StatsLine:
    seen = list(list_status(memory, memory.at(at, space)))
    row = memory.journal.space(space)
    counts = "SELECT (SELECT count(*) FROM records WHERE space = ?1), (SELECT count(*) FROM events WHERE space = ?1)"
    records, events = memory.journal.rows(counts, (row.id if row else 0,))[0]
    days = sorted(f"{each.record.available_at:%Y-%m-%d}" for each in seen) or [""]
    layers = {layer: sum(each.layer is layer for each in seen) for layer in Layer}
    return StatsLine(
        path_of(space),
        records,
        events,
        len(seen),
        short=layers[Layer.SHORT],
        mid=layers[Layer.MID],
        long=layers[Layer.LONG],
        reflection=layers[Layer.REFLECTION],
        recallable=sum(each.recallable for each in seen),
        since=days[0],
        until=days[-1],
    )


def _found(recall: RecalledRecord, weights: Weights) -> FoundLine:
    record = recall.record
    about = (record.id, record.available_at, record.symbol or "", record.source, recall.layer)
    relevance, recency, strength, outcome = (
        _figure(recall.parts[name]) if getattr(weights, name) else None for name in PARTS
    )
    return FoundLine(*about, _figure(recall.score), relevance, recency, strength, outcome, recall.excerpt)


def _figure(value: float) -> Decimal:
    return Decimal(f"{value:.4f}")
