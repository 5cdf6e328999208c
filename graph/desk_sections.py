"""The sections of a desk file beside its roles and its deliberation."""

from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Literal, Self

from pydantic import Discriminator, Field, Tag, model_validator

from ..agents.decisions.forms import FormSettings
from ..agents.risk_committee import RiskAppetite
from ..domain.memory_queries import QueryHorizon
from ..domain.proposal import DecisionKind
from ..risk.limit_overrides import LimitOverrides
from ..risk.proposals.order_specs import AllocationRules, HoldMeaning, RatioRules
from .roles import Cadence, Part

SectionCount = Annotated[int, Field(ge=1, le=12)]
RewardToRisk = Annotated[Decimal, Field(gt=0, le=100, allow_inf_nan=False)]


class IntakeSpec(Part):
    """How the evidence comes in.

    Attributes:
        scope: whether the desk decides on one symbol at a time or over the whole book at once.
        order: all analysts at once, or one after another so that each sees the reports before it.
        select: who selects what is read: nothing is left out (`all`), a planner picks the analysts, or a filter the
            symbols whose further evidence is read.
        cadence: how often the roles act that read evidence for others and state no cadence of their own.
    """

    scope: Literal["symbol", "book"] = "symbol"
    order: Literal["parallel", "serial"] = "parallel"
    select: Literal["all", "planner", "filter"] = "all"
    cadence: Cadence = Cadence.SESSION


class DecisionSpec(Part):
    """The kind of decision that the desk emits.

    Attributes:
        horizon: sessions that every view is about; None leaves them to the agent that decides.
        forced: whether a direction must be long or short; otherwise the desk may stay out.
        hold: what `keep` does to a position: it stays, or it is closed.
        scale: steps of a rating.
        rr: smallest and largest reward to risk of a direction.
        sections: fewest and most sections of quoted evidence in the thesis of a rating.
        attempts: answers of the agent that decides over a book until one passes all checks; then it abstains.
        ratio, allocation: how stated shares of equity become target weights.
    """

    kind: DecisionKind = DecisionKind.ORDERS
    horizon: Annotated[int, Field(ge=1, le=252)] | None = None
    forced: bool = False
    hold: HoldMeaning = HoldMeaning.KEEP
    scale: Literal[3, 5] = 5
    rr: tuple[RewardToRisk, RewardToRisk] | None = None
    sections: tuple[SectionCount, SectionCount] | None = None
    attempts: Annotated[int, Field(ge=1, le=5)] = 2
    ratio: RatioRules = RatioRules()
    allocation: AllocationRules = AllocationRules()

    @model_validator(mode="after")
    def _fits_the_kind(self) -> Self:
        only = {
            "forced": DecisionKind.DIRECTION,
            "rr": DecisionKind.DIRECTION,
            "scale": DecisionKind.RATING,
            "sections": DecisionKind.RATING,
        }
        for key in sorted(self.model_fields_set & only.keys()):
            if self.kind is not only[key]:
                raise ValueError(f"{key} belongs to decisions of kind {only[key]}, not {self.kind}")
        if self.rr is not None and self.rr[0] > self.rr[1]:
            raise ValueError(
                f"rr must be the smallest and the largest reward to risk, not {self.rr[0]} and {self.rr[1]}"
            )
        if self.sections is not None and self.sections[0] > self.sections[1]:
            raise ValueError(f"sections must be the fewest and the most, not {self.sections[0]} and {self.sections[1]}")
        return self

    @property
    def form_settings(self) -> FormSettings:
        """Return what the agent that decides has to know."""
        return FormSettings(self.horizon, self.forced, self.scale, self.rr, self.sections)


def _limits_kind(stated: object) -> str:
    return "default" if stated == "default" else "limits"


RiskLimits = Annotated[
    Annotated[Literal["default"], Tag("default")] | Annotated[LimitOverrides, Tag("limits")],
    Discriminator(_limits_kind),
]


class RiskSpec(Part):
    """The risk committee. Without committee and chair, only the risk limits are applied to the decision.

    Attributes:
        chair: the risk manager reviews typed orders; the portfolio manager decides after a debate about a trade.
        limits: `default` for the limits of the settings, or tighter ones.
        order: all risk analysts at once, or one after another so that each sees what those before it said.
    """

    committee: tuple[RiskAppetite, ...] = ()
    chair: Literal["risk_manager", "portfolio_manager"] | None = None
    limits: RiskLimits = "default"
    order: Literal["parallel", "serial"] = "parallel"


class PosturePolicy(StrEnum):
    """How the desk's risk posture is set; `adaptive` is averse after a loss over three sessions."""

    NONE = "none"
    SEEKING = "seeking"
    AVERSE = "averse"
    ADAPTIVE = "adaptive"


LAST_DECISIONS = "last"
"""The preset of a desk that is shown its last decisions and has no other memory."""
MOST_PAST_DECISIONS = 60


class PostureMeasure(StrEnum):
    """What an adaptive posture measures the loss of: the symbol's price, or the position in it."""

    PRICE = "price"
    POSITION = "position"


class WarmUp(StrEnum):
    """How the memory is filled before the first decision; `labelled` acts on the known next move of past sessions."""

    NONE = "none"
    LABELLED = "labelled"


class MemorySpec(Part):
    """The memory of a desk.

    Attributes:
        preset: the preset of the memory with vectors; `none` for no memory, `last` for the last decisions only.
        tokens: the token budget of each role.
        last: the number of earlier decisions on each symbol that the desk is shown with their outcomes.
        within_days: calendar days that these go back; None for no limit.
        posture_by: what an adaptive risk posture measures the loss of.
        per_role: whether every role has memories of its own.
        warmup: how the memory is filled before the first decision.
        queries: the horizons of effect for which the first analyst that reads news writes a query of the memory; agents
            that see its work recall by these queries.
    """

    preset: Annotated[str, Field(pattern=r"^[a-z][a-z-]{0,31}$")] = "none"
    tokens: Annotated[int, Field(ge=0, le=8_000)] = 300
    risk_posture: PosturePolicy = PosturePolicy.NONE
    last: Annotated[int, Field(ge=0, le=MOST_PAST_DECISIONS)] = 0
    within_days: Annotated[int, Field(ge=1, le=3_660)] | None = None
    posture_by: PostureMeasure = PostureMeasure.POSITION
    per_role: bool = False
    warmup: WarmUp = WarmUp.NONE
    queries: tuple[QueryHorizon, ...] = ()

    @model_validator(mode="after")
    def _keys_belong_together(self) -> Self:
        if self.preset == LAST_DECISIONS and not self.last:
            raise ValueError("the preset last needs a number of decisions: last: 5")
        if self.within_days is not None and not self.last:
            raise ValueError("within_days limits the last decisions; give last, the number of them")
        if "posture_by" in self.model_fields_set and self.risk_posture is not PosturePolicy.ADAPTIVE:
            raise ValueError("posture_by belongs to an adaptive risk posture: risk_posture: adaptive")
        if not self.enabled and (self.per_role or self.warmup is not WarmUp.NONE):
            raise ValueError("per_role and warmup need a memory with vectors: give memory a preset, such as default")
        if self.queries and not self.enabled:
            raise ValueError("queries search a memory with vectors: give memory a preset, such as default")
        if len(set(self.queries)) != len(self.queries):
            raise ValueError("queries names a horizon twice")
        return self

    @property
    def enabled(self) -> bool:
        """Return whether the desk has a memory with vectors."""
        return self.preset not in {"none", LAST_DECISIONS}
