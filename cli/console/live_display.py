"""A part of the terminal that is renewed in place."""

from types import TracebackType
from typing import Self

from rich.console import Console
from rich.live import Live


class LiveDisplay:
    """Base class of displays that renew a part of the terminal: a context manager that ends with it."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._live: Live | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._live:
            self._live.stop()
