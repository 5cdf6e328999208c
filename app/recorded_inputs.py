"""What a recorded run starts from and ends in, as JSON in its recording."""

import json
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache

from pydantic import TypeAdapter, ValidationError

from .. import __version__
from ..desk.learning.instructions.window import SessionStart
from ..domain.account import Account
from ..domain.decision import Decision
from ..domain.errors import ConfigError
from ..domain.ids import RunId, Symbol
from ..llm.recording import RecordedRun
from .recorded_convictions import Convictions


@dataclass(frozen=True, slots=True)
class BookMember:
    """A further symbol of a run over a book, with the id of its own decision."""

    run_id: RunId
    ticker: Symbol
    account: Account


@dataclass(frozen=True, slots=True)
class LearningStart:
    """A session before whose first run the desk takes the step of learning that is due, if one is.

    Attributes:
        start: the account before the session decides.
        counted: whether the calls of the step count in the usage of the run's decision.
    """

    start: SessionStart
    counted: bool


@dataclass(frozen=True, slots=True)
class RunOrigin:
    """Where a run comes from, if it is not a decision of the account of its settings.

    Attributes:
        past: the convictions that cascades read; None for those of the home folder.
        learning: the step of learning before the run, which is recorded with it; a run that is not begun by its step
            of learning has none.
        owner, remembers: as in `RunInputs`.
    """

    past: Convictions | None = None
    learning: LearningStart | None = None
    owner: str | None = None
    remembers: bool = True


OWN_ACCOUNT = RunOrigin()


@dataclass(frozen=True, slots=True)
class RunInputs:
    """What a run starts from, beside the market, the desk file and the prompts.

    Attributes:
        settings: the settings of the run as JSON, without those that depend on the machine.
        attempt: number of the decision for one account and session.
        convictions: quick convictions of past decisions by role, for cascades.
        others: the further symbols of a run over a book, in the order of their decisions.
        learning: the step of learning before the run; None for a desk that takes none there.
        owner: the backtest to which memory and learning belong; None for the account of the settings.
        remembers: whether the run had the memory of its desk.
    """

    settings: str
    ticker: Symbol
    as_of: datetime
    account: Account
    attempt: int
    convictions: Convictions = field(default_factory=dict)
    others: tuple[BookMember, ...] = ()
    learning: LearningStart | None = None
    owner: str | None = None
    remembers: bool = True


@cache
def inputs_type() -> TypeAdapter[RunInputs]:
    """Return the reader and writer of inputs as JSON."""
    return TypeAdapter(RunInputs)


@cache
def decision_type() -> TypeAdapter[Decision]:
    """Return the reader and writer of one decision as JSON."""
    return TypeAdapter(Decision)


@cache
def decisions_type() -> TypeAdapter[tuple[Decision, ...]]:
    """Return the reader and writer of the decisions over a book as JSON."""
    return TypeAdapter(tuple[Decision, ...])


def inputs_of(run: RecordedRun) -> RunInputs:
    """Return what a recorded run starts from; raises ConfigError for a recording that this version cannot read."""
    try:
        return inputs_type().validate_json(run.inputs)
    except ValidationError as error:
        raise ConfigError(
            f"the recording of {run.run_id} was written by version {run.version} and cannot be read by {__version__}"
        ) from error


def decisions_of(run: RecordedRun) -> tuple[Decision, ...]:
    """Return the recorded decisions, one for each symbol of a book; raises ConfigError if the run was not finished."""
    if run.decision is None:
        raise ConfigError(f"run {run.run_id} was recorded, but it has no decision; resume it first")
    try:
        if run.decision.startswith("["):
            return decisions_type().validate_json(run.decision)
        return (decision_type().validate_json(run.decision),)
    except ValidationError as error:
        raise ConfigError(
            f"the recording of {run.run_id} was written by version {run.version} and cannot be read by {__version__}"
        ) from error


def settings_of(inputs: RunInputs) -> dict[str, object]:
    """Return the stored settings of a run by name."""
    stored: dict[str, object] = json.loads(inputs.settings)
    return stored
