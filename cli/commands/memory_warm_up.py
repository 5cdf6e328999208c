"""`openoutcry memory warm-up`: fill the memory of a desk before its first decision."""

from collections.abc import Mapping

from ...app.memory_warm_up import MemoryWarmUp
from ...app.settings import load_settings
from ...desk.warm_up import WarmUpProgress
from ..console.tables import print_line, print_notice
from .backtest import read_day, read_watchlist

SHOWN_EVERY = 20
"""Sessions between two lines of progress."""


class _Progress:
    """Prints notices, and progress every SHOWN_EVERY sessions."""

    def notice(self, text: str) -> None:
        """Print a notice."""
        print_notice(text)

    def progress(self, progress: WarmUpProgress) -> None:
        """Print the state after a session."""
        if progress.done % SHOWN_EVERY == 0:
            print_notice(f"{progress.session}: {progress.done} of {progress.total} sessions")


def warm_up_command(symbols: str, first: str, last: str, before: str | None, flags: Mapping[str, object]) -> None:
    """Run a warm-up and print its result; raises ConfigError for a window that reaches into the test."""
    result = MemoryWarmUp(load_settings(flags), _Progress()).run(
        read_watchlist(symbols),
        read_day(first, "--from"),
        read_day(last, "--to"),
        None if before is None else read_day(before, "--before"),
    )
    if result.trained is not None:
        print_line(f"{result.trained.episodes} episodes, {result.trained.learned} beliefs or lessons")
    print_line(f"{result.labelled} decisions are labelled; the test begins at {result.test}")
