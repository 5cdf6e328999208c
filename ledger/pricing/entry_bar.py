"""The exits of an entry that fills inside a bar: what the rest of the bar certainly does to them.

After an entry inside the bar, the price visits the extreme in the entry's direction (a falling entry: the low; a rising
entry: the high) and the close. Everything else in the bar may have happened before the entry. Intraday bars, where
given, replace this rule from the bar on that fills the entry.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from ...domain.orders import OrderType
from .integer_bar import IntegerBar
from .triggers import OrderLevels, Phase, Trigger, evaluate

EXITS = (OrderType.LIMIT, OrderType.STOP, OrderType.STOP_LIMIT, OrderType.TRAILING_STOP)


@dataclass(frozen=True, slots=True)
class ExitTrigger:
    """The trigger of the exit with index `exit`; `place` is the index of its intraday bar, 0 without intraday bars."""

    exit: int
    trigger: Trigger
    place: int = 0


@dataclass(frozen=True, slots=True)
class EntryBarOutcome:
    """The exits that the rest of the bar reaches, in order; `uncertain` when the bar leaves open whether one fills."""

    reached: tuple[ExitTrigger, ...]
    uncertain: bool = False


class EntryBar:
    """One bar on which an entry filled at `price`; `falling` for an entry that a falling price reached."""

    __slots__ = ("_falling", "_price", "_whole")

    def __init__(self, whole: IntegerBar, price: int, *, falling: bool) -> None:
        self._whole, self._price, self._falling = whole, price, falling

    def outcome(self, exits: Sequence[OrderLevels], triggered: Sequence[bool] = ()) -> EntryBarOutcome:
        """Return what happens to the exits; `triggered` marks stop-limits that are limit orders already.

        A stop that is certainly crossed fills, and is ambiguous when another exit may have been reached before it. A
        limit that is certainly crossed fills if the bar holds no stop.
        """
        done = triggered or [False] * len(exits)
        pairs = list(zip(exits, done, strict=True))
        sure = [_inside(evaluate(levels, self._certain(), was)) for levels, was in pairs]
        possible = [_inside(evaluate(levels, self._possible(), was)) for levels, was in pairs]
        in_order = sorted(range(len(exits)), key=lambda index: exits[index].stop is None)
        for index in in_order:
            found = sure[index]
            if found is None:
                continue
            others = any(possible[other] is not None for other in in_order if other != index)
            if exits[index].stop is not None:
                return EntryBarOutcome((ExitTrigger(index, replace(found, ambiguous=others or found.ambiguous)),))
            if not any(possible[other] for other in in_order if exits[other].stop is not None):
                return EntryBarOutcome((ExitTrigger(index, found),))
        return EntryBarOutcome((), uncertain=any(possible))

    def _certain(self) -> IntegerBar:
        """Return the range that the price certainly covers after the entry."""
        whole, price = self._whole, self._price
        if self._falling:
            return whole._replace(open=price, high=max(price, whole.close))
        return whole._replace(open=price, low=min(price, whole.close))

    def _possible(self) -> IntegerBar:
        return self._whole._replace(open=self._price)


def _inside(trigger: Trigger | None) -> Trigger | None:
    """Return a trigger at the entry's own price as one inside the bar: the open of the bar has passed."""
    if trigger is None or trigger.phase is not Phase.OPEN:
        return trigger
    return replace(trigger, phase=Phase.STOPS)


def follow_intraday(
    entry: tuple[OrderLevels, bool], exits: Sequence[OrderLevels], intraday: Sequence[IntegerBar], whole: IntegerBar
) -> EntryBarOutcome | None:
    """Return what the intraday bars from the entry on do to the exits, or None when they do not show the entry.

    `entry` is the entry's levels and whether it was triggered before the bar. Each intraday bar is matched like a bar
    of its own: the open before stops, stops before limits. Prices are clamped to the range of `whole`, because the
    intraday bars may come from another feed.
    """
    started = _find_entry(*entry, intraday)
    if started is None:
        return None
    place, hit = started
    walk = _Walk(exits, whole)
    if hit.phase is not Phase.OPEN and hit.price is not None:
        falling = is_falling(entry[0].sign, hit.phase)
        walk.take(place, EntryBar(intraday[place], hit.price, falling=falling).outcome(exits))
        place += 1
    for number in range(place, len(intraday)):
        if walk.filled:
            break
        if intraday[number].volume:
            walk.take(number, _whole_bar(exits, walk.triggered, intraday[number]))
    return EntryBarOutcome(tuple(walk.reached), walk.uncertain)


def is_falling(sign: int, phase: Phase) -> bool:
    """Return whether a falling price reached an entry: a buy at its limit or a sale at its stop."""
    return (sign > 0) is (phase is Phase.LIMITS)


def _find_entry(levels: OrderLevels, triggered: bool, intraday: Sequence[IntegerBar]) -> tuple[int, Trigger] | None:
    for place, bar in enumerate(intraday):
        trigger = evaluate(levels, bar, triggered) if bar.volume else None
        if trigger is not None:
            triggered = triggered or trigger.triggered
            if trigger.price is not None:
                return place, trigger
    return None


def _whole_bar(exits: Sequence[OrderLevels], triggered: Sequence[bool], bar: IntegerBar) -> EntryBarOutcome:
    """Return the exits that a bar after the entry reaches, up to the first fill; a stop before a limit is ambiguous."""
    found = [evaluate(levels, bar, was) for levels, was in zip(exits, triggered, strict=True)]
    reached = sorted(
        ((trigger.phase, index, trigger) for index, trigger in enumerate(found) if trigger is not None),
        key=lambda each: each[:2],
    )
    doubtful = len(reached) > 1 and reached[0][0] is not Phase.OPEN
    taken = list[ExitTrigger]()
    for _, index, trigger in reached:
        taken.append(ExitTrigger(index, replace(trigger, ambiguous=trigger.ambiguous or doubtful)))
        if trigger.price is not None:
            break
    return EntryBarOutcome(tuple(taken))


class _Walk:
    """The state of the exits on their way through the intraday bars."""

    def __init__(self, exits: Sequence[OrderLevels], whole: IntegerBar) -> None:
        self._exits, self._whole = exits, whole
        self.triggered = [False] * len(exits)
        self.reached: list[ExitTrigger] = []
        self.filled = self.uncertain = False

    def take(self, place: int, outcome: EntryBarOutcome) -> None:
        """Add the outcome of the intraday bar `place`."""
        self.uncertain = self.uncertain or outcome.uncertain
        for each in outcome.reached:
            trigger = self._clamped(each.exit, each.trigger)
            self.triggered[each.exit] = self.triggered[each.exit] or trigger.triggered
            self.filled = self.filled or trigger.price is not None
            self.reached.append(ExitTrigger(each.exit, trigger, place))

    def _clamped(self, index: int, trigger: Trigger) -> Trigger:
        """Return the trigger inside the whole bar, without a price if clamping made it worse than the limit."""
        if trigger.price is None:
            return trigger
        levels = self._exits[index]
        price = min(max(trigger.price, self._whole.low), self._whole.high)
        if levels.limit is not None and levels.sign * (levels.limit - price) < 0:
            return replace(trigger, price=None)
        phase = Phase.LIMITS if trigger.phase is Phase.LIMITS else Phase.STOPS
        return replace(trigger, phase=phase, price=price)
