"""The states of a session of an account."""

from enum import StrEnum


class SessionStatus(StrEnum):
    """How far a session has come.

    Attributes:
        RUNNING: it was opened; its work is not finished. It can be continued.
        SETTLED: the account was settled, and no decision was asked for.
        AWAITING_APPROVAL: decided; at least one order waits for a person.
        DONE: its decisions were submitted.
        FAILED: an error ended it. It can be continued once the cause is removed.
        MISSED: it was not decided before its deadline, or its account was halted. Its bars were settled.
        LATE: it was decided, but not before its deadline; nothing was submitted.
    """

    RUNNING = "running"
    SETTLED = "settled"
    AWAITING_APPROVAL = "awaiting_approval"
    DONE = "done"
    FAILED = "failed"
    MISSED = "missed"
    LATE = "late"

    @property
    def is_final(self) -> bool:
        """Whether a session in this state is never worked on again."""
        return self in {SessionStatus.DONE, SessionStatus.MISSED, SessionStatus.LATE}
