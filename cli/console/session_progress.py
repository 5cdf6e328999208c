"""Progress of a session on standard error: lines for each decision and each notice, and rows of those at work."""

from ...agents.context import Contribution
from ...app.observer import RunObserver, RunStarted, TokenSink
from ...domain.abstention import Abstention
from ...domain.ids import Symbol
from ...domain.outputs import Thesis
from ...graph.runtime import Progress, Stage
from .progress import SYNTHETIC, StepCounter
from .row_display import RowDisplay


class SessionProgress(RowDisplay):
    """A SessionObserver of one or more accounts on one console."""

    def notice(self, text: str) -> None:
        """Print one sentence for the user."""
        self.line(f"notice: {text}")

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
