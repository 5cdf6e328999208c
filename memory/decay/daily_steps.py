"""Decay in daily steps through layers of different speed, as in FinMem, InvestorBench and FinCon.

The state of an uncited record depends only on its source and age, so it is computed once and looked up.
Only records with feedback are simulated day by day. The result is deterministic, and nothing is stored.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from ..partitions.partition import SOURCES, Floats, Ints
from ..partitions.partition_view import PartitionView
from ..presets.preset import DailyStepParams, FeedbackRule
from ..record import Layer, Source
from ..timestamps import DAY
from .port import DecayState

NEUTRAL = 0.5
LONGEST_DAYS = 4_000
UP = {Layer.SHORT: Layer.MID, Layer.MID: Layer.LONG}
DOWN = {Layer.MID: Layer.SHORT, Layer.LONG: Layer.MID}
LAYERS = tuple(Layer)


class _DayState(NamedTuple):
    """State of a record after one daily step."""

    recency: float
    importance: float
    layer: Layer
    alive: bool


@dataclass(slots=True)
class _RecordState:
    """Mutable state of one record during the daily simulation."""

    rules: DailyStepParams
    layer: Layer
    importance: float
    days_here: int = 0
    counter: int = 0

    def step(self) -> _DayState:
        """Advance one day: decay, then discard the record or move it, one layer at a time and at most twice."""
        layer = self.rules.rungs[self.layer]
        self.days_here += 1
        self.importance *= layer.keep
        recency = math.exp(-self.days_here / layer.recency_days)
        if recency < self.rules.least_recency or self.importance < self.rules.least_importance:
            return _DayState(recency, self.importance, self.layer, alive=False)
        for _ in range(2):
            self._move()
        return self.today()

    def today(self) -> _DayState:
        """Return the current state."""
        recency = math.exp(-self.days_here / self.rules.rungs[self.layer].recency_days)
        return _DayState(recency, self.importance, self.layer, alive=True)

    def credit(self, gain: float) -> None:
        """Apply the sign of one outcome to the importance."""
        sign = (gain > 0) - (gain < 0)
        self.counter += sign
        points = self.rules.credit_points
        if self.rules.credit is FeedbackRule.COUNTER:
            self.importance += points * self.counter
        elif self.rules.credit is FeedbackRule.SIGN or sign > 0:
            self.importance += points * sign

    def _move(self) -> None:
        layer = self.rules.rungs[self.layer]
        if layer.promote is not None and self.importance >= layer.promote:
            self.layer, self.days_here = UP[self.layer], 0
        elif layer.demote is not None and self.importance < layer.demote:
            self.layer = DOWN[self.layer]


class DailyStepDecay:
    """Recency is exp(-days/Q); importance is multiplied by a factor each day; strength is min(importance, 100)/100."""

    def __init__(self, rules: DailyStepParams, home: Mapping[Source, Layer]) -> None:
        self._rules, self._home = rules, home
        lives = [list(_days(_RecordState(rules, home[source], rules.start[source]))) for source in SOURCES]
        max_length = max(map(len, lives))
        gone = _DayState(0.0, 0.0, Layer.SHORT, alive=False)
        self._table = [life + [gone] * (max_length - len(life)) for life in lives]
        self._recency = np.array([[day.recency for day in life] for life in self._table])
        self._strength = np.array([[min(max(day.importance, 0), 100) / 100 for day in life] for life in self._table])
        self._alive = np.array([[day.alive for day in life] for life in self._table])

    def state(self, view: PartitionView, count: int, at: int) -> DecayState:
        """Return recency, strength and outcome of the first `count` records at `at`; the outcome part is not used."""
        sources = view.partition.sources[:count]
        days = np.minimum((at - view.partition.available[:count]) // DAY, self._recency.shape[1] - 1)
        recency, strength = self._recency[sources, days], self._strength[sources, days]
        alive = self._alive[sources, days]
        for place, day in self._walked(view, count, at).items():
            recency[place], alive[place] = day.recency, day.alive
            strength[place] = min(max(day.importance, 0.0), 100.0) / 100
        return DecayState(recency, strength, np.full(count, NEUTRAL), alive)

    def layers(self, view: PartitionView, places: Sequence[int], at: int) -> list[Layer]:
        """Return the layer of each record in `places` at `at`."""
        result = self._walked(view, view.count_until(at), at)
        return [result[place].layer if place in result else self._looked_up(view, place, at) for place in places]

    def _looked_up(self, view: PartitionView, place: int, at: int) -> Layer:
        days = min(int(at - view.partition.available[place]) // DAY, len(self._table[0]) - 1)
        return self._table[int(view.partition.sources[place])][days].layer

    def _walked(self, view: PartitionView, count: int, at: int) -> dict[int, _DayState]:
        """Return the state of every record with feedback by `at`, by place."""
        known = view.feedback.until(at)
        cited = sorted({place for place in known.places.tolist() if place < count})
        return {place: self._walk(view, place, known.at, known.gains, known.places, at) for place in cited}

    def _walk(self, view: PartitionView, place: int, moments: Ints, gains: Floats, places: Ints, at: int) -> _DayState:
        source = SOURCES[view.partition.sources[place]]
        walk = _RecordState(self._rules, self._home[source], self._rules.start[source])
        born = int(view.partition.available[place])
        mine = np.flatnonzero(places == place)
        due = [(int(moments[each] - born) // DAY, float(gains[each])) for each in mine.tolist()]
        for day in range(int(at - born) // DAY + 1):
            decay_state = walk.step() if day else walk.today()
            if not decay_state.alive:
                return decay_state
            for _, gain in (each for each in due if each[0] == day):
                walk.credit(gain)
        return walk.today()


def _days(walk: _RecordState) -> Iterator[_DayState]:
    """Yield the state of a record for each day, up to and including the day on which it is discarded."""
    yield walk.today()
    for _ in range(LONGEST_DAYS):
        day = walk.step()
        yield day
        if not day.alive:
            return
