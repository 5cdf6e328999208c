"""Progress of a session on standard error: lines for each decision and each notice, and rows of those at work."""

from threading import Lock
from typing import Self

from rich.console import Console
from rich.text import Text

from ...agents.context import Contribution
from ...app.observer import RunObserver, RunStarted, TokenSink
from ...domain.abstention import Abstention
from ...domain.ids import Symbol
from ...domain.outputs import Thesis
from ...domain.text import strip_control
from ...graph.runtime import Progress, Stage
from .live_rows import LiveRows
from .progress import SYNTHETIC, StepCounter


class SessionProgress:
    """A SessionObserver; thread-safe, so that several accounts can share a console.

    As a context manager it also shows, on a terminal, a row for each decision at work.
    """

    def __init__(self, console: Console) -> None:
        self._console, self._lock, self._once = console, Lock(), set[str]()
        self.rows = LiveRows(console)

    def __enter__(self) -> Self:
        self.rows.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.rows.stop()

    def notice(self, text: str) -> None:
        """Print one sentence for the user."""
        self.line(f"notice: {text}")

    def line(self, text: str) -> None:
        """Print one line."""
        with self._lock:
            self._console.print(Text(strip_control(text)), soft_wrap=True)

    def once(self, text: str) -> None:
        """Print one line, unless it was printed before."""
        with self._lock:
            known = text in self._once
            self._once.add(text)
        if not known:
            self.line(text)

    def run_observer(self, symbol: Symbol) -> RunObserver:
        """Return the observer of the decision on one ticker."""
        return _RunLines(self, symbol)


class _RunLines:
    """Prints the start of a run, its thesis, and abstentions of its roles."""

    def __init__(self, shared: SessionProgress, symbol: Symbol) -> None:
        self._shared, self._symbol, self._steps = shared, symbol, StepCounter()

    @property
    def tokens(self) -> TokenSink | None:
        """Return the function that shows answers while they arrive; None unless rows are shown."""
        return self._shared.rows.tokens(self._symbol)

    def notice(self, text: str) -> None:
        self._shared.once(f"notice: {text}")

    def run_started(self, run: RunStarted) -> None:
        self._steps.start(run)
        self._shared.rows.begin(self._symbol, self._steps.text)
        if run.synthetic:
            self._shared.once(SYNTHETIC)
        self._shared.line(f"{self._symbol} as of {run.as_of:%Y-%m-%d %H:%M} UTC, desk {run.desk}, run {run.run_id}")

    def progress(self, progress: Progress) -> None:
        self._shared.rows.progress(self._symbol, progress)
        if progress.stage is not Stage.FINISHED:
            return
        self._steps.finish()
        said = progress.output.output if isinstance(progress.output, Contribution) else progress.output
        if isinstance(said, Thesis):
            text = f"{said.rating}, conviction {said.conviction:+.2f}"
        elif isinstance(said, Abstention):
            text = f"{said.role} abstained: {said.reason}"
        else:
            return
        self._shared.line(f"{self._symbol} {self._steps.text()} {text}")
