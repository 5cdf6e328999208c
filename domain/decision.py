"""The record of one decision, complete enough to explain and replay it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from pydantic import JsonValue

from .abstention import Abstention
from .account import AccountState
from .evidence import Evidence
from .execution import ExecutionPlan
from .ids import ClientOrderId, RunId, Symbol
from .learned_use import LearnedUse
from .orders import Clamp, DeniedOrder, Order, RestingAction, RestingOrderAction
from .outputs import (
    Argument,
    OrderPlan,
    Report,
    RiskOpinion,
    RiskReview,
    Thesis,
)
from .picture import ShownPicture
from .proposal import Proposal


class Outcome(StrEnum):
    """The outcome of a decision. An abstention is no view; a hold is a view without orders."""

    ORDERS = "orders"
    HOLD = "hold"
    ABSTAIN = "abstain"


@dataclass(frozen=True, slots=True)
class RoleReport:
    """A report and the role of its analyst."""

    role: str
    report: Report


@dataclass(frozen=True, slots=True)
class DebateTurn:
    """An argument with its speaker and round; round 0 is the opening."""

    speaker: str
    round: int
    argument: Argument


@dataclass(frozen=True, slots=True)
class RiskAssessment:
    """A risk opinion on a plan and the role that gave it."""

    speaker: str
    opinion: RiskOpinion


@dataclass(frozen=True, slots=True)
class RiskOutcome:
    """The result of the risk limits: orders as asked, limits that fired, denied orders and allowed orders."""

    asked: tuple[Order, ...] = ()
    clamps: tuple[Clamp, ...] = ()
    denied: tuple[DeniedOrder, ...] = ()
    allowed: tuple[Order, ...] = ()


@dataclass(frozen=True, slots=True)
class ModelInfo:
    """The models of the decision; `rules` if no language model was used."""

    provider: str
    name: str
    deep_name: str


@dataclass(frozen=True, slots=True)
class MarketInfo:
    """The market data source; `fingerprint` is a hash of exactly the facts that were shown to agents."""

    source: str
    fingerprint: str
    synthetic: bool


@dataclass(frozen=True, slots=True)
class RoleUsage:
    """The usage of one role: model calls, tokens, and seconds of waiting for the model."""

    model_calls: int
    prompt_tokens: int
    cached_tokens: int
    completion_tokens: int
    wall_s: float

    @property
    def cached_share(self) -> float:
        """Return the share of the prompt tokens that the endpoint served from its cache, from 0 to 1."""
        return min(self.cached_tokens / self.prompt_tokens, 1.0) if self.prompt_tokens else 0.0


@dataclass(frozen=True, slots=True)
class Usage:
    """The usage of a decision. `cost_usd` is None if the model's price is unknown."""

    by_role: Mapping[str, RoleUsage]
    cost_usd: Decimal | None
    wall_s: float


@dataclass(frozen=True, slots=True)
class RecalledMemory:
    """A memory shown to `roles`, with its score and the score's parts as shown to the first of them.

    A standing belief is shown in every situation; it has no parts and a score of 1. `source` is the memory's origin,
    `known_at` the time from which it was known.
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
class RecordedContribution:
    """What an agent or a computation contributed: a ballot, weights, prices, entries of a table, a decision.

    Attributes:
        author: the name of the role or computation.
        round: the number of turns that its stage had finished; 0 for the first.
        kind: the stored name of the form.
        content: the values of the form as JSON.
    """

    author: str
    round: int
    kind: str
    content: Mapping[str, JsonValue]


@dataclass(frozen=True, slots=True)
class KeptContribution:
    """A role that does not act at every decision, and the time of the earlier decision that it was asked for."""

    role: str
    made_at: datetime


@dataclass(frozen=True, slots=True)
class Provenance:
    """Versions, hashes and seed of a decision; `degraded` lists missing data and features in words.

    `memory` names the memory and its last visible journal row; empty without memory. `learned` is None for a desk that
    does not learn.
    """

    version: str
    config_hash: str
    prompt_hashes: Mapping[str, str]
    seed: int
    degraded: tuple[str, ...]
    memory: str = ""
    learned: LearnedUse | None = None


@dataclass(frozen=True, slots=True)
class Submission:
    """The broker's answer to a submitted order; `reason` explains a rejection."""

    client_order_id: ClientOrderId
    accepted: bool
    reason: str


@dataclass(frozen=True, slots=True)
class PositionSnapshot:
    """The account's position in the symbol when the decision was made.

    Attributes:
        quantity: in shares, negative when short.
        average_cost, last_close: in currency per share.
        unrealized: quantity * (last_close - average_cost), in currency.
        resting: open orders in the symbol.
        resting_ages: completed sessions that could have filled an open order; without the orders of unknown age.
    """

    quantity: Decimal
    average_cost: Decimal
    last_close: Decimal
    unrealized: Decimal
    resting: tuple[Order, ...] = ()
    resting_ages: Mapping[ClientOrderId, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Decision:
    """One decision, from the evidence to the orders.

    Attributes:
        plan: the trader's orders.
        review: the risk manager's verdict on the plan.
        proposal: the decision of a desk that decides in another form than orders.
        contributions: what agents contributed beside reports, debate, thesis, plan and committee.
        risk: the result of applying the review and the risk limits to the plan.
        account: name of the paper account.
        submissions: the broker's answers; None if nothing was submitted.
        superseded: orders of earlier decisions that are canceled when this decision is submitted; those that it
            replaces stay if none of its orders is accepted.
        currency: ISO 4217 code of all prices and amounts.
        position: None without a holding and without open orders in the symbol.
        account_state: the state of the account when the decision was made.
        resting_actions: the action on each resting order of the symbol. Empty if nothing rested, or if the plan did not
            state any: all entries in `superseded` are then replaced, or canceled by an intentional hold.
        execution: how the orders in `risk.allowed` are sent; None for orders that are sent as they are.
        kept: the roles that were not asked, because their contribution to an earlier decision of the same period
            was used again.
        charts: the charts that models were sent.
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
    proposal: Proposal | None = None
    contributions: tuple[RecordedContribution, ...] = ()
    account: str | None = None
    submissions: tuple[Submission, ...] | None = None
    superseded: tuple[ClientOrderId, ...] = ()
    currency: str = "USD"
    position: PositionSnapshot | None = None
    account_state: AccountState = AccountState.ACTIVE
    resting_actions: tuple[RestingOrderAction, ...] = ()
    execution: ExecutionPlan | None = None
    kept: tuple[KeptContribution, ...] = ()
    charts: tuple[ShownPicture, ...] = ()

    @property
    def is_intentional_hold(self) -> bool:
        """Return whether the desk planned no orders; false if the limits denied all planned orders."""
        return self.outcome is Outcome.HOLD and not self.risk.asked

    @property
    def known_resting(self) -> frozenset[ClientOrderId]:
        """Return the ids of the resting orders that the decision has taken into account."""
        return frozenset((*self.superseded, *(each.client_order_id for each in self.resting_actions)))

    def resting_ids(self, action: RestingAction) -> frozenset[ClientOrderId]:
        """Return the ids of the resting orders to which `action` applies; abstentions have none.

        Without stated actions, the entries in `superseded` are canceled by an intentional hold and replaced otherwise.
        """
        if self.outcome is Outcome.ABSTAIN:
            return frozenset()
        if self.resting_actions:
            return frozenset(each.client_order_id for each in self.resting_actions if each.action is action)
        default = RestingAction.CANCEL if self.is_intentional_hold else RestingAction.REPLACE
        return frozenset(self.superseded) if action is default else frozenset()
