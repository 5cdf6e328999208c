"""Lines and live rows of several decisions on one console."""

from threading import Lock
from typing import Self

from rich.console import Console
from rich.text import Text

from ...domain.text import strip_control
from .live_rows import LiveRows


class RowDisplay:
    """Prints lines and, as a context manager on a terminal, shows a row for each decision at work. Thread-safe."""

    def __init__(self, console: Console) -> None:
        self._console, self._lock, self._printed = console, Lock(), set[str]()
        self.rows = LiveRows(console)

    def __enter__(self) -> Self:
        self.rows.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.rows.stop()

    def line(self, text: str) -> None:
        """Print one line."""
        with self._lock:
            self._console.print(Text(strip_control(text)), soft_wrap=True)

    def once(self, text: str) -> None:
        """Print one line, unless it was printed before."""
        with self._lock:
            known = text in self._printed
            self._printed.add(text)
        if not known:
            self.line(text)
