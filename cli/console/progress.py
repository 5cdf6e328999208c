"""Progress of a decision: one entry per finished agent and, on a terminal, a spinner with the agents at work."""

from contextlib import AbstractContextManager
from types import TracebackType
from typing import Self

from rich.console import Console, Group
from rich.live import Live
from rich.panel import Panel
from rich.spinner import Spinner
from rich.text import Text

from ...app.observer import RunStarted
from ...domain.abstention import Abstention
from ...domain.decision import DebateTurn, RiskAssessment, RoleReport
from ...domain.outputs import (
    OrderPlan,
    RiskOpinion,
    Stance,
    Thesis,
)
from ...domain.text import strip_control
from ...graph.runtime import Progress, Stage

STANCE_STYLE = {Stance.BULLISH: "green", Stance.NEUTRAL: "yellow", Stance.BEARISH: "red"}


class ProgressDisplay:
    """A DecisionObserver that prints progress to a console. Without a terminal every event is one plain line."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._busy: list[str] = []
        self._live: Live | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._live:
            self._live.stop()

    def notice(self, text: str) -> None:
        """Print one sentence for the user."""
        self._console.print(Text(strip_control(f"notice: {text}")), soft_wrap=True)

    def waiting(self, what: str) -> AbstractContextManager[object]:
        """Return a context manager that shows, on a terminal, that the service waits for `what`."""
        return self._console.status(what)

    def run_started(self, run: RunStarted) -> None:
        """Print ticker, time, desk and model of the run, and how to resume it."""
        lines = [f"{run.ticker} as of {run.as_of:%Y-%m-%d %H:%M} UTC, desk {run.desk}, model {run.model}"]
        if run.synthetic:
            lines.append("SYNTHETIC MARKET: companies, prices, news and filings are made up")
        lines.append(f"run {run.run_id} (if interrupted: openoutcry decide --resume {run.run_id})")
        for line in lines:
            self._console.print(Text(line), soft_wrap=True)
        if self._console.is_terminal:
            self._live = Live(console=self._console, refresh_per_second=8, transient=True)
            self._live.start()

    def progress(self, progress: Progress) -> None:
        """Show the start or the output of one agent's step."""
        if progress.stage is Stage.STARTED:
            self._busy.append(progress.role)
        else:
            self._busy.remove(progress.role)
            self._say(progress)
        if self._live:
            self._live.update(Spinner("dots", Text(f"working: {', '.join(self._busy)}")) if self._busy else Text(""))

    def _say(self, progress: Progress) -> None:
        title, body = describe(progress.role, progress.output)
        if self._live:
            self._console.print(Panel(Group(body), title=title, title_align="left", border_style="dim"))
        else:
            self._console.print(Text.assemble(title, " | ", " ".join(body.plain.split())), soft_wrap=True)


def describe(role: str, said: object) -> tuple[Text, Text]:
    """Return a heading and the text for one agent's output."""
    if isinstance(said, Abstention):
        return Text(f"{role} abstains", style="bold yellow"), Text(strip_control(f"{said.cause}: {said.reason}"))
    if isinstance(said, RoleReport):
        style = STANCE_STYLE[said.report.stance]
        heading = Text.assemble((role, "bold"), (f" {said.report.stance} {said.report.confidence:.0%}", style))
        return heading, Text(strip_control(said.report.summary))
    if isinstance(said, DebateTurn):
        return Text(f"{role}, {_round(said.round)}", style="bold"), Text(strip_control(said.argument.claim))
    if isinstance(said, Thesis):
        heading = Text(f"{role}: {said.rating}, conviction {said.conviction:+.2f}", style="bold")
        return heading, Text(strip_control(f"{said.summary} Invalidated by: {said.invalidation}"))
    if isinstance(said, OrderPlan):
        return Text(f"{role}: {len(said.orders)} order(s)", style="bold"), Text(strip_control(said.rationale))
    opinion = said.opinion if isinstance(said, RiskAssessment) else said
    if isinstance(opinion, RiskOpinion):
        return Text(f"{role}: {opinion.verdict}, lets through {opinion.allowed:.0%}", style="bold"), Text(
            strip_control(opinion.reason)
        )
    return Text(role, style="bold"), Text("done")


def _round(number: int) -> str:
    return "opening" if number == 0 else f"answer {number}"
