"""Progress of a backtest: one line that is renewed on a terminal, plain lines at a distance elsewhere."""

from collections.abc import Callable
from time import monotonic

from rich.console import Console
from rich.live import Live
from rich.text import Text

from ...desk.backtest import BacktestProgress
from ...domain.text import strip_control
from ...ledger.pricing.units import MINOR
from .live_display import LiveDisplay
from .progress import SYNTHETIC

LINES = 10
"""Number of progress lines without a terminal."""


class BacktestProgressDisplay(LiveDisplay):
    """A BacktestObserver that prints to a console. It is a context manager."""

    def __init__(self, console: Console, timer: Callable[[], float] = monotonic) -> None:
        super().__init__(console)
        self._timer, self._begun = timer, timer()

    def notice(self, text: str) -> None:
        """Print one sentence for the user."""
        self._print(f"notice: {text}")

    def started(self, backtest_id: str, text: str, *, synthetic: bool) -> None:
        """Print the id and the description, and start the clock."""
        self._begun = self._timer()
        self._print(text)
        if synthetic:
            self._print(SYNTHETIC)
        self._print(f"backtest {backtest_id} (if interrupted: openoutcry backtest --resume {backtest_id})")
        if self._console.is_terminal:
            self._live = Live(Text(""), console=self._console, refresh_per_second=4, transient=True)
            self._live.start()

    def progress(self, progress: BacktestProgress) -> None:
        """Show the state after a session."""
        if self._live is not None:
            self._live.update(Text(self._line(progress)))
        elif progress.done == progress.total or progress.done % max(1, progress.total // LINES) == 0:
            self._print(self._line(progress))

    def _line(self, progress: BacktestProgress) -> str:
        elapsed = self._timer() - self._begun
        left = elapsed / progress.done * (progress.total - progress.done)
        return (
            f"[{progress.done}/{progress.total}] {progress.session} equity {progress.equity / MINOR:,.2f}, "
            f"{progress.decisions:,} decisions, {_duration(elapsed)} elapsed, {_duration(left)} left"
        )

    def _print(self, text: str) -> None:
        self._console.print(Text(strip_control(text)), soft_wrap=True)


def _duration(seconds: float) -> str:
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes:02d} min" if hours else f"{minutes} min {rest:02d} s"
