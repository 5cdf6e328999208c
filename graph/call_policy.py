"""The section `calls:` of a desk file: how many calls a role makes for one answer, and how it is chosen."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

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


NAMED_AGGREGATIONS: Mapping[str, Aggregation] = {
    "min_judge": Aggregation.MINIMUM,
    "mean_minus_var": Aggregation.MEAN_VARIANCE,
}


class CallSpec(BaseModel):
    """The calls of one role.

    Attributes:
        samples: number of answers; 1 for one call.
        choose: the answer of the majority, or the one that judges score highest; `min_judge` and `mean_minus_var` are
            judges with the aggregation that they name.
        judges: number of grades of each answer, by the deep model.
        aggregation: how the scores of several judges become one, with `risk_aversion` for the variance.
        cascade: asks the quick model first; None for the role's own model.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    samples: Annotated[int, Field(ge=1, le=15)] = 1
    choose: Literal["vote", "judge", "min_judge", "mean_minus_var"] = "vote"
    judges: Annotated[int, Field(ge=1, le=5)] = 1
    aggregation: Aggregation = Aggregation.MINIMUM
    risk_aversion: Annotated[float, Field(ge=0, le=100)] = 1.0
    cascade: CascadeSpec | None = None

    @model_validator(mode="after")
    def _one_aggregation(self) -> Self:
        if self.choose in NAMED_AGGREGATIONS and "aggregation" in self.model_fields_set:
            raise ValueError(
                f"choose: {self.choose} names the aggregation; leave out aggregation, or use choose: judge"
            )
        return self

    @property
    def judged_by(self) -> Aggregation:
        """Return how the scores of several judges become one."""
        return NAMED_AGGREGATIONS.get(self.choose, self.aggregation)

    @property
    def judged(self) -> bool:
        """Return whether judges choose one of several answers."""
        return self.samples > 1 and self.choose != "vote"

    @property
    def answers(self) -> int:
        """Return the number of calls for answers, without those of judges; a cascade may ask twice for each."""
        return self.samples * (1 if self.cascade is None else 2)

    @property
    def grades(self) -> int:
        """Return the number of calls of judges."""
        return self.samples * self.judges if self.judged else 0

    @property
    def slots(self) -> int:
        """Return how many of the calls follow one another: the answers, their second opinion, and the grades."""
        return 1 + (self.cascade is not None) + self.judged


SINGLE_CALL = CallSpec()


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
    policy = JudgePolicy(spec.samples, spec.judged_by, spec.risk_aversion)
    return JudgingModel(model, [plain] * spec.judges, policy, context.events)


def has_cascade(calls: Mapping[str, CallSpec]) -> bool:
    """Return whether a role has a cascade, which needs the convictions of past decisions."""
    return any(spec.cascade is not None for spec in calls.values())
