"""The states of a run, and which state may follow which."""

from collections.abc import Mapping
from enum import StrEnum


class Status(StrEnum):
    """The state of a run.

    Attributes:
        PLANNED: it has a row and an id; no work was done.
        RUNNING: a process works on it. A row that still says so after its process is gone counts as interrupted.
        AWAITING_APPROVAL: decided; its orders wait for a person.
        SUBMITTED: the account has answered its orders; the run is about to be closed.
        INTERRUPTED: stopped from outside; it can be resumed.
        DONE: it has its decision record, an abstention included.
        FAILED: an error ended it; it can be resumed once the cause is removed.
    """

    PLANNED = "planned"
    RUNNING = "running"
    AWAITING_APPROVAL = "awaiting_approval"
    SUBMITTED = "submitted"
    INTERRUPTED = "interrupted"
    DONE = "done"
    FAILED = "failed"


_STOPPED = frozenset({Status.INTERRUPTED, Status.FAILED})
TRANSITIONS: Mapping[Status, frozenset[Status]] = {
    Status.PLANNED: frozenset({Status.RUNNING}),
    Status.RUNNING: frozenset({Status.RUNNING, Status.AWAITING_APPROVAL, Status.SUBMITTED, Status.DONE}) | _STOPPED,
    Status.AWAITING_APPROVAL: frozenset({Status.RUNNING, Status.SUBMITTED, Status.DONE}),
    Status.SUBMITTED: frozenset({Status.SUBMITTED, Status.DONE}),
    Status.INTERRUPTED: frozenset({Status.RUNNING}),
    Status.FAILED: frozenset({Status.RUNNING}),
    Status.DONE: frozenset({Status.RUNNING, Status.SUBMITTED, Status.DONE}),
}
"""The states that may follow each state. A finished run runs again where its abstention can be retried, and is
submitted late where a version before these states stored its decision but not the answers of the account."""


def check_transition(run_id: str, before: Status, after: Status) -> None:
    """Raise ValueError for a transition that is not in TRANSITIONS."""
    if after not in TRANSITIONS[before]:
        raise ValueError(f"run {run_id} is {before}, so it cannot become {after}")
