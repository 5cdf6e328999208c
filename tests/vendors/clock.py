"""Time for tests: nobody waits."""

from datetime import UTC, datetime, timedelta

BEGINNING = datetime(2025, 3, 3, 12, tzinfo=UTC)


class Clock:
    """Moves by what is slept, and remembers it."""

    def __init__(self, moment: datetime = BEGINNING) -> None:
        self.moment = moment
        self.slept: list[float] = []

    def now(self) -> datetime:
        return self.moment

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.moment += timedelta(seconds=seconds)
