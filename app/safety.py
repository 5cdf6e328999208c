"""Automatic triggers that halt an account, or set it to reducing."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from .paper_section import SafetyAction, SafetySettings
from .session_rows import SessionResult


@dataclass(frozen=True, slots=True)
class SafetyTrigger:
    """What a trigger does to an account, and why."""

    action: SafetyAction
    reason: str


def loss_triggers(
    settings: SafetySettings, now: SessionResult, previous: SessionResult | None
) -> Iterator[SafetyTrigger]:
    """Yield the triggers on losses that a settled session crosses; `previous` is the result of the session before."""
    if previous is None:
        return
    loss, most = _fall(now.index, previous.index), settings.max_daily_loss
    if most is not None and loss > most:
        yield SafetyTrigger(settings.action, f"loss of {loss:.1%} in one session; the limit is {most:.1%}")
    fall, deepest = _fall(now.index, now.peak), settings.max_drawdown
    if deepest is not None and fall > deepest >= _fall(previous.index, previous.peak):
        yield SafetyTrigger(settings.action, f"equity is {fall:.1%} below its peak; the limit is {deepest:.1%}")


def failure_triggers(settings: SafetySettings, results: Sequence[SessionResult]) -> Iterator[SafetyTrigger]:
    """Yield the trigger on consecutive failed sessions; `results` are those of the last sessions, newest first."""
    count = settings.max_failed_sessions
    newly = [each.failed for each in results[: count + 1]]
    if newly[:count] == [True] * count and newly[count:] != [True]:
        yield SafetyTrigger(settings.action, f"data or models failed in {count} sessions in a row")


def _fall(index: Decimal, reference: Decimal) -> Decimal:
    """Return the loss from `reference` to `index` as a share of it; 0 for a gain, and without a positive reference."""
    return max(1 - index / reference, Decimal(0)) if reference > 0 else Decimal(0)
