"""Several decisions at work, one row of the terminal each: who answers, the last words, and what was spent."""

from collections.abc import Callable
from threading import Lock

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.text import Text

from ...app.observer import TokenSink
from ...graph.runtime import Progress, Stage
from .live_answers import LiveAnswers
from .live_display import LiveDisplay

MOST_ROWS = 12
ROWS_LEFT = 3
"""Lines of the terminal that the rows leave free."""


class _Row:
    """The roles of one decision that are at work, and their answers."""

    def __init__(self) -> None:
        self.busy: list[str] = []
        self.answers = LiveAnswers()
        self.steps: Callable[[], str] = str


class LiveRows(LiveDisplay):
    """Shows a row for each decision with a role at work. Thread-safe; without a terminal it shows nothing.

    The rows take at most MOST_ROWS lines, and fewer on a low terminal; a last line counts the others.
    """

    def __init__(self, console: Console) -> None:
        super().__init__(console)
        self._lock, self._rows = Lock(), dict[str, _Row]()

    def start(self) -> None:
        """Show rows from now on."""
        if self._console.is_terminal and self._live is None:
            self._live = Live(
                console=self._console, refresh_per_second=8, transient=True, get_renderable=self._status,
                redirect_stdout=False, redirect_stderr=False,
            )  # fmt: skip
            self._live.start()

    def stop(self) -> None:
        """Show no rows any more, and restore the terminal."""
        if self._live is not None:
            self._live.stop()
            self._live = None

    def tokens(self, ticker: str) -> TokenSink | None:
        """Return what receives the arriving answers of one decision; None while no rows are shown."""
        if self._live is None:
            return None
        row = self._row(ticker)

        def add(role: str, piece: str) -> None:
            first, live = row.answers.add(role, piece), self._live
            if first and live is not None:
                live.refresh()

        return add

    def begin(self, ticker: str, steps: Callable[[], str]) -> None:
        """Show a decision as soon as one of its roles works; `steps` returns its steps and spending."""
        self._row(ticker).steps = steps

    def progress(self, ticker: str, progress: Progress) -> None:
        """Take the start or the end of one role's step."""
        row = self._row(ticker)
        with self._lock:
            if progress.stage is Stage.STARTED:
                row.busy.append(progress.role)
            elif progress.role in row.busy:
                row.busy.remove(progress.role)
        if progress.stage is Stage.FINISHED:
            row.answers.end(progress.role)

    def end(self, ticker: str) -> None:
        """Forget a decision that has finished or failed."""
        with self._lock:
            self._rows.pop(ticker, None)

    def _row(self, ticker: str) -> _Row:
        with self._lock:
            return self._rows.setdefault(ticker, _Row())

    def _status(self) -> RenderableType:
        with self._lock:
            working = [(ticker, row, tuple(row.busy)) for ticker, row in self._rows.items() if row.busy]
        most = max(1, min(MOST_ROWS, self._console.height - ROWS_LEFT))
        shown = working if len(working) <= most else working[: most - 1]
        lines = [_line(ticker, row, busy) for ticker, row, busy in shown]
        if len(shown) < len(working):
            lines.append(Text(f"and {len(working) - len(shown)} more decisions at work", style="dim"))
        return Group(*lines)


def _line(ticker: str, row: _Row, busy: tuple[str, ...]) -> Text:
    line = Text(no_wrap=True, overflow="ellipsis")
    line.append(f"{ticker} ", style="bold").append(f"{row.steps()} ", style="dim")
    arriving = row.answers.lines()
    if not arriving:
        return line.append(f"working: {', '.join(busy)}")
    if len(busy) > 1:
        line.append(f"{len(busy)} roles, ", style="dim")
    return line.append_text(arriving[-1])
