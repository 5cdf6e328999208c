"""Exit codes, shared by all commands."""

from collections.abc import Iterable
from enum import IntEnum

from ...domain.abstention import Abstention, AbstentionCause
from ...domain.errors import (
    ChainBroken,
    ConfigError,
    ConflictError,
    DataError,
    LedgerError,
    ModelError,
    OpenOutcryError,
    OrderError,
    UnbalancedEntry,
)


class ExitCode(IntEnum):
    """The documented exit codes; part of the public interface."""

    DONE = 0
    BUG = 1
    USAGE = 2
    ABSTAINED = 3
    NO_DATA = 4
    NO_MODEL = 5
    REFUSED = 6
    WAITING = 7
    CONFLICT = 8
    INTERRUPTED = 130


URGENCY = (1, 2, 5, 4, 8, 6, 7, 3, 0)
"""The order in which the exit codes of several decisions are looked for; the first one present is returned."""


def first_present(codes: Iterable[ExitCode]) -> ExitCode:
    """Return the most urgent of the exit codes of several decisions."""
    return min(codes, key=URGENCY.index, default=ExitCode.DONE)


def exit_for_error(error: OpenOutcryError) -> ExitCode:
    """Return the exit code for an error that ended a command."""
    table: tuple[tuple[type[OpenOutcryError], ExitCode], ...] = (
        (ConfigError, ExitCode.USAGE),
        (ConflictError, ExitCode.CONFLICT),
        (DataError, ExitCode.NO_DATA),
        (ModelError, ExitCode.NO_MODEL),
        (OrderError, ExitCode.REFUSED),
        (UnbalancedEntry, ExitCode.BUG),
        (ChainBroken, ExitCode.BUG),
        (LedgerError, ExitCode.REFUSED),
    )
    return next((code for kind, code in table if isinstance(error, kind)), ExitCode.BUG)


def exit_for_abstention(abstention: Abstention | None) -> ExitCode:
    """Return the exit code for a decision: DONE without an abstention, else the code of its cause."""
    if abstention is None:
        return ExitCode.DONE
    return {
        AbstentionCause.DATA: ExitCode.NO_DATA,
        AbstentionCause.MODEL: ExitCode.NO_MODEL,
        AbstentionCause.BUG: ExitCode.BUG,
    }.get(abstention.cause, ExitCode.ABSTAINED)
