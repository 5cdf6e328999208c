"""What an account held going into a day: a history of holdings, kept up to date by every fold of an event."""

from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from .units import toward_zero


class Moment(NamedTuple):
    """The place of a movement within the days: corporate actions take effect before the open, fills after it."""

    day: str
    traded: bool


class Movement(NamedTuple):
    """One change of a holding: the signed quantity times numerator / denominator toward zero, plus `change`."""

    moment: Moment
    numerator: int
    denominator: int
    change: int

    def applied(self, held: int) -> int:
        """Return what the signed quantity `held` becomes."""
        return toward_zero(held * self.numerator, self.denominator) + self.change


def fill_movement(session: str, change: int) -> Movement:
    """Return the movement of a fill: `change` is positive for shares that come in."""
    return Movement(Moment(session, True), 1, 1, change)


def split_movement(ex_date: str, numerator: int, denominator: int) -> Movement:
    """Return the movement of a split."""
    return Movement(Moment(ex_date, False), numerator, denominator, 0)


def delisting_movement(day: str) -> Movement:
    """Return the movement of a delisting: nothing is left."""
    return Movement(Moment(day, False), 0, 1, 0)


@dataclass(slots=True)
class HoldingHistory:
    """All movements of one symbol, in the order in which they were booked.

    Attributes:
        held: the signed quantity after each movement.
        since: day on which the position was opened, changed sides, or was split; the last of them.
        noted: the latest day of any movement of the account up to the last one of this symbol.
        in_order: whether every movement came at the moment of the one before it, or later.
    """

    moments: list[Moment] = field(default_factory=list)
    movements: list[Movement] = field(default_factory=list)
    held: list[int] = field(default_factory=list)
    since: str = ""
    noted: str = ""
    in_order: bool = True

    @property
    def last_day(self) -> str:
        """Return the day of the last movement."""
        return self.moments[-1].day

    def add(self, movement: Movement) -> None:
        """Append a movement."""
        moment, before = movement.moment, self.held[-1] if self.held else 0
        now = movement.applied(before)
        if now * before <= 0 or (not moment.traded and movement.numerator):
            self.since = moment.day
        if self.moments and moment < self.moments[-1]:
            self.in_order = False
        self.moments.append(moment)
        self.movements.append(movement)
        self.held.append(now)

    def held_into(self, day: str) -> int:
        """Return the signed quantity held going into `day`, in the shares of that day: its own split has been made."""
        first_fill = Moment(day, True)
        if self.in_order:
            place = bisect_left(self.moments, first_fill)
            return self.held[place - 1] if place else 0
        held = 0
        for movement in self.movements:
            if movement.moment < first_fill:
                held = movement.applied(held)
        return held


@dataclass(slots=True)
class Holdings:
    """The holding histories of one account by symbol, the symbol that moved last at the end."""

    histories: dict[str, HoldingHistory] = field(default_factory=dict)

    def add(self, symbol: str, movement: Movement) -> None:
        """Append a movement to the history of `symbol`."""
        histories = self.histories
        latest = histories[next(reversed(histories))].noted if histories else ""
        history = histories.pop(symbol, None) or HoldingHistory()
        history.add(movement)
        history.noted = max(latest, movement.moment.day)
        histories[symbol] = history

    def held_into(self, symbol: str, day: str) -> int:
        """Return the signed quantity of `symbol` held going into `day`, in the shares of that day."""
        history = self.histories.get(symbol)
        return history.held_into(day) if history else 0

    def moved_since(self, day: str) -> Iterator[str]:
        """Yield the symbols whose last movement was on `day` or later; looks at no more than those, and one."""
        for symbol in reversed(self.histories):
            history = self.histories[symbol]
            if history.noted < day:
                return
            if history.last_day >= day:
                yield symbol
