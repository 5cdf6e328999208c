"""The sections `exits` and `execution` of a desk file, and the rules for holds and allocations."""

from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from ...domain.orders import TimeInForce
from .sizing_specs import AboveZero, AsDecidedSizing, PositiveShare, SizingSpec, SpecSection, default_kind


class AsOrderedExits(SpecSection):
    """Protect an entry with the stop that the proposal names, if it names one."""

    kind: Literal["as_ordered"] = "as_ordered"


class NoExits(SpecSection):
    """Place no protective orders; a stop that the proposal names is ignored."""

    kind: Literal["none"] = "none"


class BracketExits(SpecSection):
    """Protect an entry with a stop and a target.

    The stop is the proposal's; without one it is `stop` away, a share of the last close. The target is `reward_to_risk`
    times as far away, by default the proposal's. Without any ratio the entry gets the stop alone.
    """

    kind: Literal["bracket"] = "bracket"
    stop: Annotated[Decimal, Field(gt=0, lt=1)]
    reward_to_risk: AboveZero | None = None


class StyleMultiples(SpecSection):
    """The multiple of the standard deviation for each trading style; the source publishes none."""

    aggressive: AboveZero
    balanced: AboveZero
    conservative: AboveZero


class VolMultipleExits(SpecSection):
    """Stop and target at m(style) * standard deviation of `sessions` daily log returns from the last close."""

    kind: Literal["vol_multiple"] = "vol_multiple"
    stop: StyleMultiples
    target: StyleMultiples
    sessions: Annotated[int, Field(ge=2, le=250)] = 10


class HorizonExits(SpecSection):
    """Close a position after `sessions` sessions, unless the proposal wants it on the same side again.

    The session of the opening fill is the first. A position that was opened more than HORIZON_DAYS days ago, or not by
    fills of the account, is kept.
    """

    kind: Literal["horizon"] = "horizon"
    sessions: Annotated[int, Field(ge=1, le=252)]


ExitSpec = Annotated[
    Annotated[AsOrderedExits | BracketExits | VolMultipleExits | HorizonExits | NoExits, Field(discriminator="kind")],
    BeforeValidator(default_kind("as_ordered")),
]


class ExecutionSection(SpecSection):
    """The keys of every kind of execution.

    `tif` is the time in force of orders that are not split, by default day. Where a desk writes typed orders, a stated
    one is the only one that they may have.
    """

    tif: Literal[TimeInForce.DAY, TimeInForce.GTC] | None = None

    @property
    def time_in_force(self) -> TimeInForce:
        """Return the time in force of orders that arithmetic makes."""
        return self.tif or TimeInForce.DAY


class NextOpenExecution(ExecutionSection):
    """One order at the next open."""

    kind: Literal["next_open"] = "next_open"


class TwapExecution(ExecutionSection):
    """Equal slices over the hourly bars of the session."""

    kind: Literal["twap"] = "twap"


class VwapExecution(ExecutionSection):
    """Slices in proportion to the mean intraday volume curve."""

    kind: Literal["vwap"] = "vwap"


class AlmgrenChrissExecution(ExecutionSection):
    """Slices of the Almgren-Chriss schedule.

    `risk_aversion` is lambda, per currency; `impact` is eta, the temporary impact in currency per share for a trade of
    one share per bar. Without `impact`, a trade of the mean volume of a bar moves the price by one standard deviation
    of a bar's price change.
    """

    kind: Literal["almgren_chriss"] = "almgren_chriss"
    risk_aversion: Annotated[Decimal, Field(ge=0, allow_inf_nan=False)]
    impact: AboveZero | None = None


ExecutionSpec = Annotated[
    Annotated[NextOpenExecution | TwapExecution | VwapExecution | AlmgrenChrissExecution, Field(discriminator="kind")],
    BeforeValidator(default_kind("next_open")),
]


class HoldMeaning(StrEnum):
    """What a hold does to a position: keep it, or close it."""

    KEEP = "keep"
    FLAT = "flat"


class AllocationRules(SpecSection):
    """How stated weights become target weights.

    Attributes:
        negatives: whether negative weights are shorts; otherwise they count as 0.
        max_total: largest sum of stated weights that is normalised; a larger sum is an error.
    """

    negatives: bool = False
    max_total: Annotated[Decimal, Field(ge=1, le=10)] = Decimal("1.5")


class RatioRules(SpecSection):
    """The largest ratio and its grid; without `cap` it is DeepFund's for the number of symbols."""

    cap: PositiveShare | None = None
    grid: PositiveShare | None = Decimal("0.05")


@dataclass(frozen=True, slots=True)
class ProposalRules:
    """Everything of a desk file that decides what orders a proposal becomes.

    Its parts are validated with the desk file. Raises ValueError for parts that exclude each other.

    Attributes:
        hold: what a hold does to a position.
        forced: whether a direction must be long or short.
        reward_to_risk: smallest and largest ratio that a direction may name; None for any.
    """

    sizing: SizingSpec = field(default_factory=AsDecidedSizing)
    exits: ExitSpec = field(default_factory=AsOrderedExits)
    execution: ExecutionSpec = field(default_factory=NextOpenExecution)
    hold: HoldMeaning = HoldMeaning.KEEP
    forced: bool = False
    reward_to_risk: tuple[AboveZero, AboveZero] | None = None
    allocation: AllocationRules = field(default_factory=AllocationRules)
    ratio: RatioRules = field(default_factory=RatioRules)

    def __post_init__(self) -> None:
        if self.reward_to_risk and self.reward_to_risk[0] > self.reward_to_risk[1]:
            raise ValueError(f"reward_to_risk {self.reward_to_risk} is not smallest and largest")
