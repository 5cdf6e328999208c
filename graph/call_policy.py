"""The section `calls:` of a desk file: how many calls a role makes for one answer, and how it is chosen."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from ..llm.events import CallObserver, ignore_event
from ..llm.policy.cascading_model import CascadingModel, UncertainWindow
from ..llm.policy.judging_model import Aggregation, JudgePolicy, JudgingModel
from ..llm.policy.voting_model import VotingModel
from ..llm.port import Model

Quantile = Annotated[float, Field(ge=0, le=1)]


class CascadeSpec(BaseModel):
    """The deep model is asked only if the quick conviction is between two quantiles of past ones."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True, defer_build=True)

    source: Annotated[Literal["quick"], Field(alias="from")] = "quick"
    window: tuple[Quantile, Quantile] = (0.2, 0.8)


class CallSpec(BaseModel):
    """The calls of one role.

    Attributes:
        samples: number of answers; 1 for one call.
        choose: the answer of the majority, or the one that judges score highest.
        judges: number of grades of each answer, by the deep model.
        aggregation: how the scores of several judges become one, with `risk_aversion` for the variance.
        cascade: asks the quick model first; None for the role's own model.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    samples: Annotated[int, Field(ge=1, le=15)] = 1
    choose: Literal["vote", "judge"] = "vote"
    judges: Annotated[int, Field(ge=1, le=5)] = 1
    aggregation: Aggregation = Aggregation.MINIMUM
    risk_aversion: Annotated[float, Field(ge=0, le=100)] = 1.0
    cascade: CascadeSpec | None = None


def no_history(_: str) -> Sequence[float]:
    """Return no convictions."""
    return ()


def ignore_conviction(_role: str, _conviction: float) -> None:
    """Discard a conviction."""


@dataclass(frozen=True, slots=True)
class PolicyContext:
    """What policies need beside a model: the observer of events, and the store of quick convictions."""

    events: CallObserver = ignore_event
    history: Callable[[str], Sequence[float]] = no_history
    learn: Callable[[str, float], None] = ignore_conviction


def with_policy(model: Model, spec: CallSpec | None, context: PolicyContext) -> Model:
    """Return the model with the calls of `spec`; unchanged without one. A cascade is inside of samples."""
    if spec is None:
        return model
    plain = model
    if spec.cascade is not None:
        window = UncertainWindow(*spec.cascade.window)
        model = CascadingModel(model, window, context.history, context.learn, context.events)
    if spec.samples == 1:
        return model
    if spec.choose == "vote":
        return VotingModel(model, spec.samples, context.events)
    policy = JudgePolicy(spec.samples, spec.aggregation, spec.risk_aversion)
    return JudgingModel(model, [plain] * spec.judges, policy, context.events)


def has_cascade(calls: Mapping[str, CallSpec]) -> bool:
    """Return whether a role has a cascade, which needs the convictions of past decisions."""
    return any(spec.cascade is not None for spec in calls.values())
