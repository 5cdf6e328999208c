"""Evidence of one account, kept for all arms that a process runs on it one after the other."""

from collections.abc import Callable, Hashable
from datetime import datetime
from typing import TypeVar, cast

from ..market.view_memo import ViewMemo

R = TypeVar("R")
MOST_KEPT = 6_000
"""Results that are kept: those of six tools on one symbol over a thousand sessions."""


class SharedMemo(ViewMemo):
    """Keeps the results of all times, up to MOST_KEPT, so that a second arm on the same sessions derives nothing anew.

    Results of other inputs than a time are kept as `ViewMemo` keeps them.
    """

    def __init__(self) -> None:
        super().__init__()
        self._at = dict[tuple[Hashable, datetime], object]()

    def derived(self, key: Hashable, inputs: object, derive: Callable[[], R]) -> R:
        """Return the kept result of `key` at this time; else derive and keep it."""
        if not isinstance(inputs, datetime):
            return super().derived(key, inputs, derive)
        place = key, inputs
        if place in self._at:
            return cast(R, self._at[place])
        result = derive()
        if len(self._at) < MOST_KEPT:
            self._at[place] = result
        return result
