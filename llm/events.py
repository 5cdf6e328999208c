"""Typed and versioned events of the model calls of a run, stored as JSON lines."""

import json
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import ClassVar

VERSION = 1


@dataclass(frozen=True, slots=True)
class CallEvent:
    """Base class of all events; `kind` is the stored name."""

    kind: ClassVar[str] = ""

    role: str


@dataclass(frozen=True, slots=True)
class CallStarted(CallEvent):
    """A request is about to be sent; `key` is that of the call in the log."""

    kind = "call_started"

    key: str
    model: str


@dataclass(frozen=True, slots=True)
class FirstToken(CallEvent):
    """The first piece of a streamed answer arrived after `seconds`."""

    kind = "first_token"

    key: str
    seconds: float


@dataclass(frozen=True, slots=True)
class CallFinished(CallEvent):
    """A reply arrived from `model` at `endpoint`."""

    kind = "call_finished"

    key: str
    model: str
    endpoint: str
    reported_model: str
    attempts: int
    finish_reason: str
    prompt_tokens: int
    cached_tokens: int
    completion_tokens: int
    estimated: bool
    seconds: float


@dataclass(frozen=True, slots=True)
class CallFailed(CallEvent):
    """No usable reply arrived; `error` is the name of the error class and `reason` its text."""

    kind = "call_failed"

    key: str
    model: str
    error: str
    reason: str
    seconds: float


@dataclass(frozen=True, slots=True)
class AnswerCorrected(CallEvent):
    """An invalid answer is sent back with its defect."""

    kind = "answer_corrected"

    defect: str


@dataclass(frozen=True, slots=True)
class AnswerRepaired(CallEvent):
    """An answer was repaired without another call; `repair` names the change."""

    kind = "answer_repaired"

    repair: str


@dataclass(frozen=True, slots=True)
class AnswerChosen(CallEvent):
    """An answer was chosen among `candidates`, or none of them; `uncertainty` is their disagreement, from 0 to 1."""

    kind = "answer_chosen"

    policy: str
    candidates: int
    uncertainty: float


@dataclass(frozen=True, slots=True)
class CapabilityDowngraded(CallEvent):
    """A model at an endpoint rejected a feature of a request."""

    kind = "capability_downgraded"

    model: str
    endpoint: str
    effect: str
    complaint: str


@dataclass(frozen=True, slots=True)
class EndpointSwitched(CallEvent):
    """A call went to the next endpoint after an outage."""

    kind = "endpoint_switched"

    failed: str
    next: str
    reason: str


@dataclass(frozen=True, slots=True)
class AgentAbstained(CallEvent):
    """A role ended without an answer."""

    kind = "agent_abstained"

    cause: str
    reason: str


CallObserver = Callable[[CallEvent], None]


def ignore_event(_: CallEvent) -> None:
    """Discard an event."""


def to_observers(observers: Sequence[CallObserver]) -> CallObserver:
    """Return an observer that passes each event to all `observers`, in order."""

    def observe(event: CallEvent) -> None:
        for observer in observers:
            observer(event)

    return observe


def event_document(event: CallEvent) -> Mapping[str, object]:
    """Return the stored form of an event: `v`, `event` and its fields."""
    return {"v": VERSION, "event": event.kind, **asdict(event)}


class EventLog:
    """Appends events to a file as JSON lines; each is written before the call returns.

    The file and its folder are created with the first event. If writing fails, the event is lost and the decision
    continues. `at` returns the current time as text, stored with each event; None omits it.
    """

    def __init__(self, path: Path, at: Callable[[], str] | None = None) -> None:
        self._path, self._at = path, at

    def __call__(self, event: CallEvent) -> None:
        """Append one event."""
        document = dict(event_document(event))
        if self._at is not None:
            document["at"] = self._at()
        line = json.dumps(document, sort_keys=True, separators=(",", ":"))
        with suppress(OSError):
            self._path.parent.mkdir(parents=True, exist_ok=True)
            with self._path.open("a", encoding="utf-8") as lines:
                lines.write(line + "\n")
