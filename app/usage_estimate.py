"""The expected usage of many decisions, and of what a desk asks beside them because it learns."""

import math
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum

from .call_estimate import JUDGE, CallEstimate, total_cost


class LearningUse(StrEnum):
    """What the calls of learning are for; their numbers are bounds, because they follow from answers and outcomes."""

    STEPS = "steps of learning"
    SHADOW = "texts in shadow"
    TRAINING = "training"
    LESSONS = "lessons"


@dataclass(frozen=True, slots=True)
class RoleEstimate:
    """What one role is expected to use in all decisions; `cost_usd` is None if its model has no price.

    `use` is given for calls of learning: they are the most that it can take.
    """

    role: str
    calls: int
    prompt_tokens: int
    answer_tokens: int
    cost_usd: Decimal | None
    use: LearningUse | None = None

    @property
    def label(self) -> str:
        """Return the role with its use, such as `reflector (lessons, at most)`."""
        return self.role if self.use is None else f"{self.role} ({self.use}, at most)"


@dataclass(frozen=True, slots=True)
class UsageEstimate:
    """What a backtest or a session is expected to use.

    Attributes:
        decisions: number of decisions, one for each symbol and deciding session.
        sessions: number of deciding sessions.
        samples: number of decisions by rules that the estimate was scaled from.
        roles: the calls of decisions.
        learning: the calls of learning, at most; they are part of all sums.
    """

    decisions: int
    sessions: int
    samples: int
    roles: tuple[RoleEstimate, ...]
    learning: tuple[RoleEstimate, ...] = ()

    @property
    def without_learning(self) -> "UsageEstimate":
        """Return the usage of the decisions alone."""
        return replace(self, learning=())

    @property
    def calls(self) -> int:
        """Return the sum over all roles."""
        return sum(role.calls for role in (*self.roles, *self.learning))

    @property
    def learning_calls(self) -> int:
        """Return the sum over the calls of learning."""
        return sum(role.calls for role in self.learning)

    @property
    def prompt_tokens(self) -> int:
        """Return the sum over all roles."""
        return sum(role.prompt_tokens for role in (*self.roles, *self.learning))

    @property
    def answer_tokens(self) -> int:
        """Return the sum over all roles."""
        return sum(role.answer_tokens for role in (*self.roles, *self.learning))

    @property
    def cost_usd(self) -> Decimal | None:
        """Return the sum over all roles; None if the cost of any is not known."""
        return total_cost([role.cost_usd for role in (*self.roles, *self.learning)])


@dataclass(frozen=True, slots=True)
class DecisionSamples:
    """The calls of a few decisions, each in the order in which they are made."""

    decisions: Sequence[Sequence[CallEstimate]]

    def scaled(self, total: int, use: LearningUse | None = None) -> tuple[RoleEstimate, ...]:
        """Return the usage of `total` decisions like the sampled ones."""
        by_role: defaultdict[str, list[CallEstimate]] = defaultdict(list)
        for call in (call for decision in self.decisions for call in decision):
            by_role[call.role].append(call)
        if not total:
            return ()
        share = Decimal(total) / len(self.decisions)
        return tuple(role_estimate(name, calls, share, use) for name, calls in by_role.items())

    def since(self, role: str) -> "DecisionSamples":
        """Return the part of each decision from the first call of a role on: no more of it is asked for again."""
        return DecisionSamples([_since(role, decision) for decision in self.decisions])


def _since(role: str, decision: Sequence[CallEstimate]) -> Sequence[CallEstimate]:
    place = next((i for i, call in enumerate(decision) if call.role.removesuffix(JUDGE) == role), len(decision))
    return decision[place:]


def role_estimate(
    name: str, calls: Sequence[CallEstimate], factor: Decimal, use: LearningUse | None = None
) -> RoleEstimate:
    """Return the usage of `factor` times the given calls of one role, rounded up."""
    cost = total_cost([call.cost_usd for call in calls])
    return RoleEstimate(
        role=name,
        calls=math.ceil(sum(call.calls for call in calls) * factor),
        prompt_tokens=math.ceil(sum(call.prompt_tokens for call in calls) * factor),
        answer_tokens=math.ceil(sum(call.answer_tokens for call in calls) * factor),
        cost_usd=None if cost is None else cost * factor,
        use=use,
    )
