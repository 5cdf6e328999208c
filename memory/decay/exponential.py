"""Closed-form decay: one exponential per record and one per outcome that it contributed to."""

import math
from collections.abc import Mapping, Sequence
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from ..partitions.partition import (
    SOURCES,
    Floats,
    Ints,
    Partition,
)
from ..partitions.partition_view import FeedbackColumns, PartitionView
from ..presets.preset import ExponentialParams
from ..record import Layer, Source
from ..timestamps import DAY
from .port import DecayState

LAYERS = (Layer.SHORT, Layer.MID, Layer.LONG)
NEUTRAL = 0.5
SURPRISE_CAP = 3.0


class ExponentialDecay:
    """S(t) = v0 2^(-age/h) + sum of g_j 2^(-(t-t_j)/h_feedback), within [0, 1]; recency is 2^(-age/h).

    v0 = start (1 - novelty_share max(cosine, 0)) + surprise_bonus min(surprise, 3)/3, at most 1. The outcome part is
    0.5 + the sum of the same g_j. Age is measured from `available_at`. Layers are evaluated once per whole day of age.
    """

    def __init__(self, rules: ExponentialParams, home: Mapping[Source, Layer]) -> None:
        self._rules, self._home = rules, home
        self._first: WeakKeyDictionary[Partition, Floats] = WeakKeyDictionary()
        self._start = np.array([rules.start[source] for source in SOURCES])
        lives = [rules.half_life[source] for source in SOURCES]
        self._rate = np.array([0.0 if life is None else 1 / (life * DAY) for life in lives])
        self._rung = np.array([LAYERS.index(home[source]) if home[source] in LAYERS else -1 for source in SOURCES])

    def first_strength(self, partition: Partition) -> Floats:
        """Return v0 of every record; it does not change with time."""
        if partition not in self._first:
            rules = self._rules
            repetition = rules.novelty_share * np.maximum(partition.similarity, 0.0)
            surprise = rules.surprise_bonus / SURPRISE_CAP * np.minimum(partition.surprise, SURPRISE_CAP)
            self._first[partition] = np.minimum(self._start[partition.sources] * (1 - repetition) + surprise, 1.0)
        return self._first[partition]

    def state(self, view: PartitionView, count: int, at: int) -> DecayState:
        """Return recency, strength and outcome of the first `count` records at `at`."""
        partition = view.partition
        age = partition.available[:count] - at
        recency = np.exp2(age * self._rate.take(partition.sources[:count]))
        strength = self.first_strength(partition)[:count] * recency
        outcome, repeated = self._sum(view.feedback, count, at), self._repeated(view, count, at)
        for more in (outcome, repeated):
            if more is not None:
                strength += more
        if outcome is not None or repeated is not None:  # without additions the strength is already within [0, 1]
            strength = np.clip(strength, 0.0, 1.0)
        worth = np.full(count, NEUTRAL) if outcome is None else np.clip(NEUTRAL + outcome, 0.0, 1.0)
        return DecayState(recency, strength, worth, strength >= self._rules.floor)

    def layers(self, view: PartitionView, places: Sequence[int], at: int) -> list[Layer]:
        """Return the layer of each record in `places` at `at`, from strength and age with hysteresis."""
        partition, here = view.partition, np.asarray(places, np.int64)
        touched = {*view.feedback.until(at).places.tolist(), *view.copies.until(at).places.tolist()}
        columns = (
            places,
            partition.sources[here].tolist(),
            ((at - partition.available[here]) // DAY).tolist(),
            self.first_strength(partition)[here].tolist(),
        )
        return [
            self._layer(view, place, SOURCES[source], days, first, cited=place in touched)
            for place, source, days, first in zip(*columns, strict=True)
        ]

    def _layer(self, view: PartitionView, place: int, source: Source, days: int, first: float, *, cited: bool) -> Layer:
        life, home = self._rules.half_life[source], self._home[source]
        if life is None or days < life or home not in LAYERS:
            return home
        stay, layer = math.ceil(life), LAYERS.index(home)
        if cited:
            return LAYERS[self._climbed(self._course(view, place, first, life, days), stay, layer)]
        return LAYERS[max(layer - self._steps_down(first, life, days, stay), 0)]

    def _steps_down(self, first: float, life: float, days: int, stay: int) -> int:
        """Return how often a record without feedback or copies was demoted; its strength only falls."""
        fade = life * math.log2(first / self._rules.demote) if first > self._rules.demote else -1.0
        leaves = max(stay, math.floor(fade) + 1)
        return 0 if days < leaves else 1 + (days - leaves) // stay

    def _climbed(self, course: Floats, stay: int, layer: int) -> int:
        """Apply each promotion and demotion along `course` and return the index of the final layer."""
        rules, since = self._rules, 0
        while since + stay < len(course):
            rest = course[since + stay :]
            up = (rest >= rules.promote) & (layer < len(LAYERS) - 1)
            moves = np.flatnonzero(up | ((rest < rules.demote) & (layer > 0)))
            if not len(moves):
                break
            layer += 1 if up[moves[0]] else -1
            since += stay + int(moves[0])
        return layer

    def _course(self, view: PartitionView, place: int, first: float, life: float, days: int) -> Floats:
        """Return the strength of one record on each whole day of its age up to `days`."""
        born = int(view.partition.available[place])
        ages = np.arange(days + 1, dtype=np.float64)
        course = first * np.exp2(-ages / life)
        moments = born + np.arange(days + 1) * DAY
        for mask, feedback, gain in (
            (view.feedback.places == place, view.feedback, None),
            (view.copies.places == place, view.copies, self._rules.repeat_gain),
        ):
            chosen = np.flatnonzero(mask)[: None if gain is None else self._rules.repeats]
            for each in chosen.tolist():
                since = (moments - feedback.at[each]) / DAY
                step = feedback.gains[each] if gain is None else gain
                course += np.where(since >= 0, step * np.exp2(-since / self._rules.feedback_half_life), 0.0)
        return np.clip(course, 0.0, 1.0)

    def _sum(self, feedback: FeedbackColumns, count: int, at: int) -> Floats | None:
        """Return the decayed sum of outcome gains per record; None without feedback."""
        known = feedback.until(at)
        if not len(known.at):
            return None
        faded = known.gains * np.exp2(-(at - known.at) / (self._rules.feedback_half_life * DAY))
        here = known.places < count
        total: Floats = np.bincount(known.places[here], faded[here], minlength=count).astype(np.float64)
        return total

    def _repeated(self, view: PartitionView, count: int, at: int) -> Floats | None:
        known = view.copies.until(at)
        if not len(known.at):
            return None
        early = _first_of_each(known.places, self._rules.repeats)
        gains = np.full(int(early.sum()), self._rules.repeat_gain)
        return self._sum(FeedbackColumns(known.places[early], known.at[early], gains), count, at)


def _first_of_each(places: Ints, limit: int) -> NDArray[np.bool_]:
    """Return a mask of the first `limit` entries of every place, in input order."""
    order = np.argsort(places, kind="stable")
    ranked = places[order]
    starts = np.flatnonzero(np.r_[True, ranked[1:] != ranked[:-1]])
    rank = np.arange(len(places)) - np.repeat(starts, np.diff(np.r_[starts, len(places)]))
    mask = np.zeros(len(places), dtype=bool)
    mask[order] = rank < limit
    return mask
