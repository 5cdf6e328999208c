"""Random memories: a few tickers and namespaces, stamps in any order, copies, links, feedback, ends."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from random import Random

from openoutcry.domain.ids import Symbol
from openoutcry.memory.record import (
    Aspect,
    Change,
    Event,
    MemoryId,
    Namespace,
    Record,
    Source,
)

ROOT = Path(__file__).parent.parent.parent
START = datetime(2025, 1, 1, tzinfo=UTC)
RUN = Namespace("demo", "run")
BASE = Namespace("demo", "base")
OTHER = Namespace("demo", "other")
CALDR, GRUND = Symbol("CALDR"), Symbol("GRUND")
WORDS = ("orders", "rise", "fall", "guidance", "cut", "lifted", "margin", "robots", "debt", "strike", "merger", "weak")


def day(number: float) -> datetime:
    """Return the moment so many days after the start."""
    return START + timedelta(days=number)


def news(text, at=0.0, *, learned=None, namespace=RUN, symbol=CALDR, source=Source.NEWS, aspect=Aspect.NEWS, **more):
    """Return a record of something that happened, became known and was learned `at` so many days."""
    stamps = {"event_at": day(at), "available_at": day(at), "learned_at": day(at if learned is None else learned)}
    return Record(namespace=namespace, symbol=symbol, source=source, aspect=aspect, text=text, **(stamps | more))


@dataclass(frozen=True)
class World:
    """Records in an order in which they can be written, and events."""

    records: tuple[Record, ...]
    events: tuple[Event, ...]

    def until(self, at: datetime) -> "World":
        """Return the same world as if nothing had come after `at`."""
        records = tuple(r for r in self.records if r.available_at <= at and r.learned_at <= at)
        known = {record.id for record in records}
        return World(records, tuple(e for e in self.events if e.effective_at <= at and e.record in known))

    def shuffled(self, chance: Random) -> "World":
        """Return the same world written in another order; what rests on others comes after them."""
        left, done, order = list(self.records), set(), []
        while left:
            ready = [record for record in left if set(record.sources + record.cites) <= done]
            order.append(chance.choice(ready))
            left.remove(order[-1])
            done.add(order[-1].id)
        return World(tuple(order), tuple(chance.sample(self.events, len(self.events))))


def with_repeated_causes(drawn: World, seed: int) -> World:
    """Return the world with events of three records and two causes, so that several events are about the same."""
    chance = Random(seed)
    records = sorted(drawn.records, key=lambda record: record.available_at)[:3]
    known = max(record.available_at for record in records)
    events = []
    for event in drawn.events:
        record, cause = chance.choice(records).id, f"cause {chance.randrange(2)}"
        at = known + timedelta(days=chance.uniform(0, 60))
        events.append(replace(event, record=record, cause=cause, effective_at=at))
    return replace(drawn, events=tuple(events))


def with_variants(drawn: World, seed: int) -> World:
    """Return the world with a second or third content of every other record: another surprise, facts, links or due."""
    chance, records = Random(seed), list[Record]()
    for record in drawn.records:
        records.append(record)
        for _ in range(chance.choice((0, 1, 2))):
            changes: dict[str, object] = {
                "surprise": chance.choice((0.0, 0.5, 3.0)),
                "facts": (("price", Decimal(chance.randrange(99))),),
                "cites": record.cites[:1],
                "due_at": record.available_at + timedelta(days=chance.randrange(1, 30)),
            }
            name = chance.choice(tuple(changes))
            records.append(replace(record, **{name: changes[name]}))  # type: ignore[arg-type]
    return replace(drawn, records=tuple(records))


def world(seed: int, size: int = 25, days: int = 400) -> World:
    """Draw a world; its stamps lie within `days` of the start."""
    chance = Random(seed)
    records: dict[MemoryId, Record] = {}
    while len(records) < size:
        record = _record(chance, list(records.values()), days)
        records[record.id] = record
    events = [_event(chance, chance.choice(list(records.values())), days) for _ in range(size // 2)]
    unique = {(e.record, e.change, e.cause, e.namespace): e for e in events}
    return World(tuple(records.values()), tuple(unique.values()))


def _record(chance: Random, earlier: list[Record], days: int) -> Record:
    source = chance.choice(list(Source))
    text = " ".join(chance.choices(WORDS, k=8)) if not earlier or chance.random() < 0.7 else chance.choice(earlier).text
    event = chance.uniform(0, days)
    links = [each for each in chance.sample(earlier, min(len(earlier), 2)) if each.namespace == RUN]
    links = links if source in (Source.THESIS, Source.TRADE_REFLECTION) else []
    available = max([day(event + chance.choice([0, 0, 1, 30])), *(each.available_at for each in links)])
    learned = max([available - timedelta(days=chance.choice([0, 0, -9, 20])), *(each.learned_at for each in links)])
    return Record(
        namespace=RUN if links or chance.random() < 0.7 else BASE,
        symbol=chance.choice([CALDR, CALDR, GRUND, None]),
        source=source,
        aspect=chance.choice(list(Aspect)),
        text=text,
        event_at=day(event),
        available_at=available,
        learned_at=learned,
        due_at=available + timedelta(days=7) if source is Source.THESIS else None,
        surprise=chance.choice([0.0, 0.0, 1.5, 6.0]),
        sources=tuple(each.id for each in links) if source is Source.TRADE_REFLECTION else (),
        cites=tuple(each.id for each in links) if source is Source.THESIS else (),
    )


def _event(chance: Random, record: Record, days: int) -> Event:
    change = chance.choice([Change.FEEDBACK] * 4 + [Change.SUPERSEDED, Change.FORGOTTEN])
    at = record.available_at + timedelta(days=chance.uniform(0, days / 2))
    gain = chance.uniform(-0.3, 0.5) if change is Change.FEEDBACK else 0.0
    return Event(record.id, change, at, f"cause {chance.randrange(10**9)}", gain, namespace=RUN)


def write(memory, drawn: World, chance: Random | None = None) -> None:
    """Write a world in one step, or in several of random size."""
    records, events = list(drawn.records), list(drawn.events)
    while chance is not None and len(records) > 1:
        count = chance.randint(1, len(records))
        memory.write(records[:count])
        records = records[count:]
    memory.write(records, events)
