"""The record of one decision: all that is needed to explain it and to replay it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from .abstention import Abstention
from .evidence import Evidence
from .ids import ClientOrderId, RunId, Symbol
from .orders import Clamp, DeniedOrder, Order
from .outputs import (
    Argument,
    OrderPlan,
    Report,
    RiskOpinion,
    RiskReview,
    Thesis,
)


class Outcome(StrEnum):
    """How a decision ended. Abstaining is no view; a hold is a view that asks for no order."""

    ORDERS = "orders"
    HOLD = "hold"
    ABSTAIN = "abstain"


@dataclass(frozen=True, slots=True)
class RoleReport:
    """A report and the member of the desk who filed it."""

    role: str
    report: Report


@dataclass(frozen=True, slots=True)
class DebateTurn:
    """An argument, who made it, and in which round: 0 for the opening."""

    speaker: str
    round: int
    argument: Argument


@dataclass(frozen=True, slots=True)
class RiskAssessment:
    """An opinion on a plan and the voice that gave it."""

    speaker: str
    opinion: RiskOpinion


@dataclass(frozen=True, slots=True)
class RiskOutcome:
    """What arithmetic made of a plan: orders as asked, the limits that fired, orders that fell, orders that stand."""

    asked: tuple[Order, ...] = ()
    clamps: tuple[Clamp, ...] = ()
    denied: tuple[DeniedOrder, ...] = ()
    allowed: tuple[Order, ...] = ()


@dataclass(frozen=True, slots=True)
class ModelInfo:
    """Which model answered; `rules` where none was asked."""

    provider: str
    name: str
    deep_name: str


@dataclass(frozen=True, slots=True)
class MarketInfo:
    """Which market was read; `fingerprint` is a hash over exactly the facts that were shown."""

    source: str
    fingerprint: str
    synthetic: bool


@dataclass(frozen=True, slots=True)
class RoleUsage:
    """What one role spent: calls, tokens, and seconds spent waiting for the model."""

    model_calls: int
    prompt_tokens: int
    cached_tokens: int
    completion_tokens: int
    wall_s: float


@dataclass(frozen=True, slots=True)
class Usage:
    """What the decision spent. `cost_usd` is None where no price is known for the model."""

    by_role: Mapping[str, RoleUsage]
    cost_usd: Decimal | None
    wall_s: float


@dataclass(frozen=True, slots=True)
class RecalledMemory:
    """A memory that roles were shown, with the parts of its score as the first of them was shown it.

    A standing belief is shown whatever the situation: it has no parts, and a score of one. `source` and `known_at` say
    what it comes from, and since when it could be known.
    """

    memory_id: str
    layer: str
    score: Decimal
    parts: Mapping[str, Decimal]
    text: str
    source: str
    known_at: datetime
    roles: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Provenance:
    """What the decision was made with; `degraded` lists in words what was missing or had to be done without.

    `memory` names the memory that was read and the last row of its journal that could be seen; empty without one.
    """

    version: str
    config_hash: str
    prompt_hashes: Mapping[str, str]
    seed: int
    degraded: tuple[str, ...]
    memory: str = ""


@dataclass(frozen=True, slots=True)
class Submission:
    """The broker's answer to an order that was sent; `reason` says why it was rejected."""

    client_order_id: ClientOrderId
    accepted: bool
    reason: str


@dataclass(frozen=True, slots=True)
class Decision:
    """One decision, from the evidence to the orders.

    `plan` is what the trader wrote, `review` the risk manager's last word on it; `risk` what arithmetic made of both.
    `account` names the paper account it was taken for; `submissions` are the broker's answers, None where nothing was
    sent. `superseded` are the entries of earlier decisions that are canceled when this one is sent, unless none of its
    orders is taken.
    """

    run_id: RunId
    ticker: Symbol
    as_of: datetime
    desk: str
    model: ModelInfo
    market: MarketInfo
    outcome: Outcome
    abstention: Abstention | None
    thesis: Thesis | None
    risk: RiskOutcome
    reports: tuple[RoleReport, ...]
    debate: tuple[DebateTurn, ...]
    opinions: tuple[RiskAssessment, ...]
    evidence: tuple[Evidence, ...]
    recalled: tuple[RecalledMemory, ...]
    usage: Usage
    provenance: Provenance
    plan: OrderPlan | None = None
    review: RiskReview | None = None
    account: str | None = None
    submissions: tuple[Submission, ...] | None = None
    superseded: tuple[ClientOrderId, ...] = ()

    @property
    def is_intentional_hold(self) -> bool:
        """Return whether the desk wants nothing done; a plan that the limits denied is no such wish."""
        return self.outcome is Outcome.HOLD and not self.risk.asked
