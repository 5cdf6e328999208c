"""Results derived from one market source, kept between its views."""

from collections.abc import Callable, Hashable
from typing import TypeVar, cast

R = TypeVar("R")


class ViewMemo:
    """Keeps the last result of each derivation, with the inputs that it was derived from.

    A derivation is a pure function of its inputs: facts of the source, or the time of the view where the source's
    answers at one time do not change. It is computed again only if the inputs differ from those of the kept result. A
    backtest asks for one session after the other, so the last result is enough and memory does not grow with time.
    """

    def __init__(self) -> None:
        self._kept: dict[Hashable, tuple[object, object]] = {}

    def derived(self, key: Hashable, inputs: object, derive: Callable[[], R]) -> R:
        """Return the kept result of `key` if `inputs` equal those it was derived from; else derive and keep it.

        What `derive` raises is not kept.
        """
        kept = self._kept.get(key)
        if kept is not None and kept[0] == inputs:
            return cast(R, kept[1])
        result = derive()
        self._kept[key] = (inputs, result)
        return result

    def last(self, key: Hashable) -> object | None:
        """Return the kept result of `key`, whatever it was derived from; None without one."""
        kept = self._kept.get(key)
        return None if kept is None else kept[1]
