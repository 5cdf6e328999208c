"""Exit codes: the same for every command."""

from enum import IntEnum

from ...domain.abstention import Abstention, Cause
from ...domain.errors import ConfigError, DataError, LedgerError, ModelError, OpenOutcryError, OrderError


class Exit(IntEnum):
    """What a caller may rely on."""

    DONE = 0
    BUG = 1
    USAGE = 2
    ABSTAINED = 3
    NO_DATA = 4
    NO_MODEL = 5
    REFUSED = 6
    INTERRUPTED = 130


def exit_for_error(error: OpenOutcryError) -> Exit:
    """Return the exit code for an error that ended a command."""
    table: tuple[tuple[type[OpenOutcryError], Exit], ...] = (
        (ConfigError, Exit.USAGE),
        (DataError, Exit.NO_DATA),
        (ModelError, Exit.NO_MODEL),
        (OrderError, Exit.REFUSED),
        (LedgerError, Exit.REFUSED),
    )
    return next((code for kind, code in table if isinstance(error, kind)), Exit.BUG)


def exit_for_abstention(abstention: Abstention | None) -> Exit:
    """Return the exit code for a decision; it is done where the desk did not abstain."""
    if abstention is None:
        return Exit.DONE
    return {Cause.DATA: Exit.NO_DATA, Cause.MODEL: Exit.NO_MODEL, Cause.BUG: Exit.BUG}.get(
        abstention.cause, Exit.ABSTAINED
    )
