"""Progress of an experiment: one line that is renewed on a terminal, plain lines at a distance elsewhere."""

from rich.live import Live
from rich.text import Text

from ...domain.text import strip_control
from ...evals.experiment_service import ExperimentProgress
from ...evals.plan import ExperimentPlan
from .live_display import LiveDisplay
from .progress import SYNTHETIC

LINES = 10
"""Number of progress lines without a terminal."""


class ExperimentProgressDisplay(LiveDisplay):
    """An ExperimentObserver that prints to a console. It is a context manager."""

    def notice(self, text: str) -> None:
        """Print one sentence for the user."""
        self._print(f"notice: {text}")

    def started(self, plan: ExperimentPlan, reused: int) -> None:
        """Print what is run."""
        self._print(f"experiment {plan.run_id}: {len(plan.units)} units, {reused} finished before")
        if plan.synthetic:
            self._print(SYNTHETIC)
        if self._console.is_terminal:
            self._live = Live(Text(""), console=self._console, refresh_per_second=4, transient=True)
            self._live.start()

    def progress(self, progress: ExperimentProgress) -> None:
        """Show the state after a unit."""
        ended = progress.done + progress.failed
        if self._live is not None:
            self._live.update(Text(progress_line(progress)))
        elif ended == progress.total or ended % max(1, progress.total // LINES) == 0:
            self._print(progress_line(progress))

    def _print(self, text: str) -> None:
        self._console.print(Text(strip_control(text)), soft_wrap=True)


def progress_line(progress: ExperimentProgress) -> str:
    """Return the state in one line: units, failures, rate, time left and money."""
    rate = "" if progress.rate is None else f", {progress.rate:.0f} decisions a second"
    left = "" if progress.left_s is None else f", {_duration(progress.left_s)} left"
    spent = "an unknown cost" if progress.spent_usd is None else f"{progress.spent_usd:.4f} USD"
    money = f", {spent}" + (f" of {progress.cap_usd}" if progress.cap_usd is not None else "")
    shown = money if progress.spent_usd or progress.cap_usd is not None else ""
    return f"[{progress.done}/{progress.total}] {progress.failed} failed{rate}{left}{shown}"


def _duration(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest:02d} s" if minutes else f"{rest} s"
