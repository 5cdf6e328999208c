"""The stated rules once more, plainly and slowly, one record at a time; the fast code is held against it."""

import math
from collections import Counter
from dataclasses import dataclass
from datetime import timedelta

import numpy as np
from openoutcry.llm.embeddings.hashing import HashingEmbedder
from openoutcry.memory.presets.catalog import DEFAULT
from openoutcry.memory.record import Change, Layer, Source

from .random_memories import World

DAY = timedelta(days=1)
SPANS = {Source.NEWS: 7, Source.QUARTERLY: 90, Source.ANNUAL: 365}
LADDER = [Layer.SHORT, Layer.MID, Layer.LONG]


@dataclass(frozen=True)
class Hit:
    """A record with what it is worth."""

    record: object
    score: float
    parts: dict[str, float]
    vector: object


class Reference:
    """A world, and what may be known of it at a moment."""

    def __init__(self, world: World, namespaces) -> None:
        embedder = HashingEmbedder()
        self.world, self.namespaces = world, namespaces
        self.vectors = {r.id: np.rint(embedder.embed([r.text])[0].astype(float) * 32767) / 32767 for r in world.records}

        self._known, self._feedback = {}, {}
        counted = set()
        for event in sorted(world.events, key=lambda event: (event.effective_at, event.gain)):
            if event.change == Change.FEEDBACK and (event.record, event.cause) not in counted:
                counted.add((event.record, event.cause))
                self._feedback.setdefault(event.record, []).append(event)

    def once(self, what, record):
        """Return what does not change with time, worked out once."""
        key = (what, id(record))
        if key not in self._known:
            self._known[key] = getattr(self, what)(record)
        return self._known[key]

    def visible(self, at):
        ended = {e.record for e in self.world.events if e.change != Change.FEEDBACK and e.effective_at <= at}
        return [
            r for r in self.world.records if r.namespace in self.namespaces and self.born(r) <= at and r.id not in ended
        ]

    def born(self, record):
        return max(record.available_at, record.learned_at)

    def before(self, record):
        """Yield the earlier records of the same kind that this one is compared with, in order."""
        mine = (self.born(record), record.id)
        same = [
            r
            for r in self.world.records
            if (r.namespace, r.symbol, r.source) == (record.namespace, record.symbol, record.source)
            and (self.born(r), r.id) < mine
            and r.available_at >= record.available_at - 4 * SPANS.get(r.source, 0) * DAY
        ]
        return sorted(same, key=lambda r: (self.born(r), r.id)) if record.source in SPANS else []

    def nearest(self, record):
        best, value = None, -1.0
        for other in self.before(record):
            alike = round(float(self.vectors[record.id] @ self.vectors[other.id]), 4)
            if alike > value:
                best, value = other, alike
        return best, value

    def root(self, record):
        other, alike = self.once("nearest", record)
        if other is None or alike < 0.95:
            return record
        first = self.once("root", other)
        near = record.available_at - first.available_at <= SPANS[record.source] * DAY
        return first if near else record

    def first_strength(self, record):
        rules = DEFAULT.decay
        start = rules.start[record.source] * (1 - 0.2 * max(self.once("nearest", record)[1], 0))
        return min(start + 0.2 * min(record.surprise, 3) / 3, 1)

    def feedback(self, record, at):
        events = [e for e in self.once("events", record) if e.effective_at <= at]
        return sum(e.gain * 2 ** (-((at - e.effective_at) / DAY) / 90) for e in events)

    def events(self, record):
        return self._feedback.get(record.id, [])

    def strength(self, record, at):
        total = self.once("first_strength", record) * self.recency(record, at) + self.feedback(record, at)
        moments = [born for born in self.once("copies", record) if born <= at][:3]
        total += sum(0.05 * 2 ** (-((at - born) / DAY) / 90) for born in moments)
        return min(max(total, 0), 1)

    def copies(self, record):
        """Return when each copy of a record came, in order."""
        copies = [r for r in self.world.records if r.id != record.id and self.once("root", r).id == record.id]
        return sorted(self.born(copy) for copy in copies)

    def recency(self, record, at):
        life = DEFAULT.decay.half_life[record.source]
        return 1.0 if life is None else 2 ** (-((at - record.available_at) / DAY) / life)

    def layer(self, record, at):
        layer, life = DEFAULT.initial_layer[record.source], DEFAULT.decay.half_life[record.source]
        if layer not in LADDER:
            return layer
        rung, since = LADDER.index(layer), 0
        for age in range((at - record.available_at) // DAY + 1):
            strength = self.strength(record, record.available_at + age * DAY)
            if age - since < math.ceil(life):
                continue
            if strength >= 0.65 and rung < 2:
                rung, since = rung + 1, age
            elif strength < 0.45 and rung > 0:
                rung, since = rung - 1, age
        return LADDER[rung]

    def ranked(self, query, at):
        """Return everything that may be told, by score alone."""
        asked = np.rint(HashingEmbedder().embed(query.texts).astype(float) * 32767) / 32767
        hits = []
        for record in self.visible(at):
            if record.aspect not in query.aspects or self.once("root", record).id != record.id:
                continue
            if query.symbol is not None and record.symbol not in (query.symbol, None):
                continue
            strength = self.strength(record, at)
            if strength < DEFAULT.decay.floor:
                continue
            outcome = min(max(0.5 + self.feedback(record, at), 0), 1)
            relevance = max(min(max(float(self.vectors[record.id] @ text) for text in asked), 1), 0)
            values = {"relevance": relevance, "recency": self.recency(record, at), "strength": strength}
            parts = {name: round(value, 6) for name, value in (values | {"outcome": outcome}).items()}
            score = sum(weight * parts[name] for name, weight in WEIGHTS.items())
            hits.append(Hit(record, round(score, 8), parts, self.vectors[record.id]))
        return sorted(hits, key=lambda hit: (-hit.score, hit.record.id))

    def recalled(self, query, at):
        """Return what is told: different ones, from several layers, within the budget."""
        pool, told, tokens = self.ranked(query, at)[: max(32, 4 * query.limit)], [], query.tokens
        layers = {hit.record.id: self.layer(hit.record, at) for hit in pool}
        for capped in (True, False):
            left = [hit for hit in pool if hit not in told]
            while left and len(told) < query.limit:
                taken = Counter(layers[hit.record.id] for hit in told)
                full = [layer for layer in Layer if taken[layer] >= max(1, round(query.limit / 2))]
                ready = [hit for hit in left if not (capped and layers[hit.record.id] in full)]
                if not ready:
                    break
                best = max(ready, key=lambda h: round(0.7 * h.score - 0.3 * self.alike(h, told), 9))
                left.remove(best)
                cost = math.ceil(len(best.record.text.encode()) / 4)
                if cost <= tokens:
                    tokens -= cost
                    told.append(best)
        return [(hit, layers[hit.record.id]) for hit in sorted(told, key=lambda hit: (-hit.score, hit.record.id))]

    def alike(self, hit, told):
        return max([0.0, *(float(hit.vector @ other.vector) for other in told)])


WEIGHTS = {"relevance": 0.45, "recency": 0.20, "strength": 0.20, "outcome": 0.15}
