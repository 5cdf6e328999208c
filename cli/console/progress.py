"""Progress of a decision: one entry per finished agent and, on a terminal, a spinner with the agents at work."""

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from time import monotonic

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.panel import Panel
from rich.spinner import Spinner
from rich.text import Text

from ...app.observer import RunStarted, Spent, TokenSink, no_spending
from ...domain.text import strip_control
from ...graph.runtime import Progress, Stage
from .descriptions import describe
from .live_answers import LiveAnswers
from .live_display import LiveDisplay
from .row_display import RowDisplay

SYNTHETIC = "SYNTHETIC MARKET: companies, prices, news and filings are made up"


class StepCounter:
    """Counts the finished steps of a run, its elapsed time and what it spent."""

    def __init__(self, timer: Callable[[], float] = monotonic) -> None:
        self._timer, self._begun, self._done, self._all = timer, timer(), 0, 0
        self._spent: Callable[[], Spent] = no_spending
        self._last = no_spending()

    def start(self, run: RunStarted) -> None:
        """Start to count the steps of a run."""
        self._begun, self._done, self._all, self._spent = self._timer(), 0, run.steps, run.spent

    def finish(self) -> None:
        """Count a finished step, and read what was spent until now."""
        self._done += 1
        self._last = self._spent()

    def text(self) -> str:
        """Return `[3/14, 12.5 s, 3 calls, 4,512 tokens, $0.0123]`; without model calls, only steps and time."""
        spent = self._last
        parts = [f"{self._done}/{max(self._all, self._done)}", f"{self._timer() - self._begun:.1f} s"]
        if spent.model_calls:
            parts += [f"{spent.model_calls} calls", f"{spent.tokens:,} tokens"]
            parts += [] if spent.cost_usd is None else [f"${spent.cost_usd:.4f}"]
        return f"[{', '.join(parts)}]"


class SharedProgress(RowDisplay):
    """Progress of several decisions on one console: plain lines that begin with the ticker.

    Attributes:
        started: the runs that have started, by ticker.
    """

    def __init__(self, console: Console) -> None:
        super().__init__(console)
        self.started: dict[str, str] = {}

    def observer(self, ticker: str) -> "TickerProgress":
        """Return the observer of the decision on one ticker."""
        return TickerProgress(self, ticker)


class TickerProgress:
    """A DecisionObserver of one of several decisions."""

    def __init__(self, shared: SharedProgress, ticker: str) -> None:
        self._shared, self._ticker, self._steps = shared, ticker, StepCounter()

    @property
    def tokens(self) -> TokenSink | None:
        """Return the function that shows answers while they arrive; None without a terminal."""
        return self._shared.rows.tokens(self._ticker)

    def notice(self, text: str) -> None:
        """Print one sentence for the user; a sentence of several decisions is printed once."""
        self._shared.once(f"notice: {text}")

    def waiting(self, what: str) -> AbstractContextManager[object]:
        """Print what the decision waits for."""
        self._shared.line(f"{self._ticker} {what}")
        return nullcontext()

    def run_started(self, run: RunStarted) -> None:
        """Print the run; that the market is synthetic is printed once."""
        self._steps.start(run)
        self._shared.started[self._ticker] = run.run_id
        self._shared.rows.begin(self._ticker, self._steps.text)
        if run.synthetic:
            self._shared.once(SYNTHETIC)
        self._shared.line(f"{run.ticker} as of {run.as_of:%Y-%m-%d %H:%M} UTC, desk {run.desk}, run {run.run_id}")

    def progress(self, progress: Progress) -> None:
        """Print the output of one agent's step."""
        self._shared.rows.progress(self._ticker, progress)
        if progress.stage is Stage.FINISHED:
            self._steps.finish()
            title, body = describe(progress.role, progress.output)
            self._shared.line(f"{self._ticker} {self._steps.text()} {title} | {' '.join(body.plain.split())}")


class ProgressDisplay(LiveDisplay):
    """A DecisionObserver that prints progress to a console. Without a terminal every event is one plain line."""

    def __init__(self, console: Console) -> None:
        super().__init__(console)
        self._busy: list[str] = []
        self._steps = StepCounter()
        self._answers = LiveAnswers()
        self._spinner = Spinner("dots")

    @property
    def tokens(self) -> TokenSink | None:
        """Return the function that shows answers while they arrive; None without a terminal."""
        return self._arriving if self._console.is_terminal else None

    def notice(self, text: str) -> None:
        """Print one sentence for the user."""
        self._console.print(Text(strip_control(f"notice: {text}")), soft_wrap=True)

    def waiting(self, what: str) -> AbstractContextManager[object]:
        """Return a context manager that shows, on a terminal, that the service waits for `what`."""
        return self._console.status(what)

    def run_started(self, run: RunStarted) -> None:
        """Print ticker, time, desk and model of the run, and how to resume it."""
        self._steps.start(run)
        lines = [f"{run.ticker} as of {run.as_of:%Y-%m-%d %H:%M} UTC, desk {run.desk}, model {run.model}"]
        if run.synthetic:
            lines.append(SYNTHETIC)
        lines.append(f"run {run.run_id} (if interrupted: openoutcry decide --resume {run.run_id})")
        for line in lines:
            self._console.print(Text(strip_control(line)), soft_wrap=True)
        if self._console.is_terminal:
            self._live = Live(console=self._console, refresh_per_second=8, transient=True, get_renderable=self._status)
            self._live.start()

    def progress(self, progress: Progress) -> None:
        """Show the start or the output of one agent's step."""
        if progress.stage is Stage.STARTED:
            self._busy.append(progress.role)
        else:
            self._busy.remove(progress.role)
            self._answers.end(progress.role)
            self._steps.finish()
            self._say(progress)

    def _arriving(self, role: str, piece: str) -> None:
        first = self._answers.add(role, piece)
        if first and self._live:
            self._live.refresh()

    def _status(self) -> RenderableType:
        """Return the lines below the finished answers: steps, elapsed time, spending, agents and arriving answers."""
        if not self._busy:
            return Text("")
        self._spinner.update(text=f"{self._steps.text()} working: {', '.join(self._busy)}")
        return Group(self._spinner, *self._answers.lines())

    def _say(self, progress: Progress) -> None:
        title, body = describe(progress.role, progress.output)
        if self._live:
            steps = Text(self._steps.text(), style="dim")
            panel = Panel(Group(body), title=title, title_align="left", subtitle=steps, border_style="dim")
            self._console.print(panel)
        else:
            said = " ".join(body.plain.split())
            self._console.print(Text.assemble(self._steps.text(), " ", title, " | ", said), soft_wrap=True)
