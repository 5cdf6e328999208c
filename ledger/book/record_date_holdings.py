"""The history of an account's holdings, for the quantity held going into a day."""

from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from ..pricing.units import toward_zero


class Moment(NamedTuple):
    """The sort key of a change in time: corporate actions take effect before the open, fills after it."""

    day: str
    traded: bool


class Ratio(NamedTuple):
    """The factor of a corporate action, truncated toward zero: a split ratio, or 0/1 for a delisting."""

    numerator: int
    denominator: int

    def of(self, held: int) -> int:
        """Return the signed quantity `held` after the action."""
        return toward_zero(held * self.numerator, self.denominator)


GONE = Ratio(0, 1)


@dataclass(slots=True)
class HoldingHistory:
    """All changes of the holding in one symbol, in booking order.

    Attributes:
        moments: moments of the changes; consecutive fills of one session are one change.
        held: signed quantity after each change.
        ratios: ratio of each corporate action by its index in `moments`; all other changes are fills.
        since: last day on which the position was opened, changed sides or was split.
        noted: latest day of any change in the account up to the last change of this symbol.
        in_order: whether the moments never decrease.
    """

    moments: list[Moment] = field(default_factory=list)
    held: list[int] = field(default_factory=list)
    ratios: dict[int, Ratio] = field(default_factory=dict)
    since: str = ""
    noted: str = ""
    in_order: bool = True

    def add_fill(self, session: str, change: int) -> None:
        """Append a fill; `change` is positive for bought shares."""
        before = self.held[-1] if self.held else 0
        now = before + change
        if now * before <= 0:
            self.since = session
        if self.moments and self.moments[-1] == (session, True):
            self.held[-1] = now
        else:
            self._append(Moment(session, True), now)

    def add_action(self, day: str, ratio: Ratio) -> None:
        """Append a corporate action."""
        before = self.held[-1] if self.held else 0
        now = ratio.of(before)
        if now * before <= 0 or ratio is not GONE:
            self.since = day
        self.ratios[len(self.moments)] = ratio
        self._append(Moment(day, False), now)

    def joined(self, later: "HoldingHistory") -> "HoldingHistory":
        """Return this history, which ends without a holding, followed by the changes of `later`."""
        start = len(self.moments)
        moments = [*self.moments, *later.moments]
        return HoldingHistory(
            moments,
            [*self.held, *later.held],
            {**self.ratios, **{start + place: ratio for place, ratio in later.ratios.items()}},
            max(self.since, later.since),
            max(self.noted, later.noted),
            in_order=moments == sorted(moments),
        )

    def _append(self, timestamp: Moment, held: int) -> None:
        if self.moments and timestamp < self.moments[-1]:
            self.in_order = False
        self.moments.append(timestamp)
        self.held.append(held)

    def held_into(self, day: str) -> int:
        """Return the signed quantity held going into `day`, after a split on that day."""
        first_fill = Moment(day, True)
        if not self.in_order:
            return self._replayed(first_fill)
        place = bisect_left(self.moments, first_fill)
        return self.held[place - 1] if place else 0

    def _replayed(self, end: Moment) -> int:
        """Return the quantity after the changes before `end`, applied in booking order."""
        held = before = 0
        for place, (timestamp, after) in enumerate(zip(self.moments, self.held, strict=True)):
            if timestamp < end:
                ratio = self.ratios.get(place)
                held = ratio.of(held) if ratio else held + after - before
            before = after
        return held


@dataclass(slots=True)
class Holdings:
    """The holding histories of one account by symbol, ordered by their last booked change.

    `latest` is the symbol that changed last, `noted` the latest day of any change.
    """

    histories: dict[str, HoldingHistory] = field(default_factory=dict)
    latest: str = ""
    noted: str = ""

    def add_fill(self, symbol: str, session: str, change: int) -> None:
        """Append a fill to the history of `symbol`; `change` is positive for bought shares."""
        self._changing(symbol, session).add_fill(session, change)

    def add_split(self, symbol: str, ex_date: str, ratio: Ratio) -> None:
        """Append a split to the history of `symbol`."""
        self._changing(symbol, ex_date).add_action(ex_date, ratio)

    def add_delisting(self, symbol: str, day: str) -> None:
        """Append a delisting to the history of `symbol`; the holding becomes 0."""
        self._changing(symbol, day).add_action(day, GONE)

    def rename(self, symbol: str, new: str) -> None:
        """Move the history of `symbol` to `new`, after the closed history of `new` if there is one."""
        history = self.histories.pop(symbol, None)
        if history is None:
            return
        if new in self.histories:
            history = self.histories.pop(new).joined(history)
        self.histories[new], self.latest = history, new
        history.noted = self.noted

    def held_into(self, symbol: str, day: str) -> int:
        """Return the signed quantity of `symbol` held going into `day`, after a split on that day."""
        history = self.histories.get(symbol)
        return history.held_into(day) if history else 0

    def changed_since(self, day: str) -> Iterator[str]:
        """Yield the symbols whose last change was on `day` or later, without visiting those unchanged for longer."""
        for symbol, history in reversed(self.histories.items()):
            if history.noted < day:
                return
            if history.moments[-1].day >= day:
                yield symbol

    def _changing(self, symbol: str, day: str) -> HoldingHistory:
        """Return the history of `symbol`, moved to the end."""
        self.noted = max(self.noted, day)
        if symbol == self.latest:
            history = self.histories[symbol]
        else:
            history = self.histories.pop(symbol) if symbol in self.histories else HoldingHistory()
            self.histories[symbol], self.latest = history, symbol
        history.noted = self.noted
        return history
