"""Memories as terminal output and as JSON: a list, and the history of one memory."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, Protocol

from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from ...domain.text import strip_control
from ...market.text import truncate
from ...memory.inspection import RecordHistory
from ...memory.partitions.partition_view import EventRow
from ...memory.timestamps import from_micros
from .tables import print_line, print_pairs

LONGEST = 160
BLOCKS = "▁▂▃▄▅▆▇█"


def life_document(life: RecordHistory) -> dict[str, Any]:
    """Return the history of a memory as plain values for JSON."""
    record = life.record
    space = record.namespace
    return {
        "memory_id": record.id,
        "namespace": f"{space.workspace}/{space.run}/{space.branch}/{space.agent}",
        "symbol": record.symbol,
        "source": record.source,
        "aspect": record.aspect,
        "text": record.text,
        "event_at": record.event_at,
        "available_at": record.available_at,
        "learned_at": record.learned_at,
        "outcome_at": record.outcome_at,
        "due_at": record.due_at,
        "surprise": record.surprise,
        "facts": dict(record.facts),
        "sources": record.sources,
        "cites": record.cites,
        "copy_of": life.copy_of,
        "copies": life.copies,
        "curve": [
            {"at": p.at, "strength": p.strength, "layer": p.layer, "recallable": p.recallable} for p in life.curve
        ],
        "layers": [{"since": at, "layer": layer} for at, layer in life.moves],
        "events": [
            {
                "change": event.change,
                "effective_at": from_micros(event.effective_at),
                "gain": event.gain,
                "cause": event.cause,
            }
            for event in life.events
        ],
        "cited_by": [citing.id for citing in life.cited_by],
        "derived": [derived.id for derived in life.sources_of],
    }


def print_life(life: RecordHistory) -> None:
    """Print the history of a memory: its text, strength over time, and events."""
    record, last = life.record, life.curve[-1]
    about = f"{record.symbol or 'no ticker'}, {record.source}, {record.aspect}"
    rows = {
        "id": record.id,
        "about": about,
        "happened": f"{record.event_at:%Y-%m-%d %H:%M}, known {record.available_at:%Y-%m-%d %H:%M}, "
        f"learned {record.learned_at:%Y-%m-%d %H:%M} UTC",
        "state": f"{last.layer}, strength {last.strength:.3f} at {last.at:%Y-%m-%d}"
        + ("" if last.recallable else ", below the recall threshold"),
        "strength": _sparkline([point.strength for point in life.curve]),
        "curve": f"{life.curve[0].at:%Y-%m-%d} to {last.at:%Y-%m-%d}, 0 to 1",
        "layers": ", ".join(f"{layer} since {at:%Y-%m-%d}" for at, layer in life.moves),
        "copies": f"copy of {life.copy_of}" if life.copy_of else f"{life.copies} later duplicates",
        "cited by": ", ".join(citing.id for citing in life.cited_by) or "nothing",
        "derived": ", ".join(derived.id for derived in life.sources_of) or "nothing",
    }
    print_pairs([*rows.items(), *(_event(event) for event in life.events)])
    print_line(record.text)


def _event(event: EventRow) -> tuple[str, str]:
    gain = f" {event.gain:+.3f}" if event.gain else ""
    return f"{from_micros(event.effective_at):%Y-%m-%d %H:%M}", f"{event.change}{gain}: {event.cause}"


def _sparkline(values: list[float]) -> str:
    return "".join(BLOCKS[min(int(value * len(BLOCKS)), len(BLOCKS) - 1)] for value in values)


def _figure(value: Decimal | None) -> str:
    return "n/a" if value is None else f"{value:.2f}"


class MemoryRow(Protocol):
    """The columns of a memory in a list."""

    @property
    def memory_id(self) -> str: ...

    @property
    def available_at(self) -> datetime: ...

    @property
    def symbol(self) -> str: ...

    @property
    def source(self) -> str: ...

    @property
    def layer(self) -> str: ...

    @property
    def text(self) -> str: ...


def print_memories(console: Console, lines: Iterable[MemoryRow], figures: Sequence[str]) -> None:
    """Print memories: a heading, the attributes named in `figures`, and the beginning of the text."""
    for line in lines:
        about = f"{line.memory_id}  {line.available_at:%Y-%m-%d %H:%M}Z  {line.symbol}  {line.source}, {line.layer}"
        values = "  ".join(f"{name} {_figure(getattr(line, name))}" for name in figures)
        for words, inset in ((about, 0), (values, 4), (truncate(strip_control(line.text), LONGEST), 4)):
            console.print(Padding(Text(strip_control(" ".join(words.split()) if inset else words)), (0, 0, 0, inset)))
