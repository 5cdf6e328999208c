"""The experiment file: market, universe, window, seeds, account, arms, baselines and comparison."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Discriminator, Field, StrictBool, StrictInt, Tag, model_validator

from ..app.sections import CapSettings
from ..desk.backtest import Every
from ..desk.strategies.catalog import BASELINES, PORTFOLIO_BASELINES

MOST_BPS = 1_000
Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]{0,63}$")]
Bps = Annotated[StrictInt, Field(ge=0, le=MOST_BPS)]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


class ProtocolUniverse(_Part):
    """The symbols of a published protocol; with `restrict`, only those whose data the market has."""

    protocol: Name
    restrict: StrictBool = False


class IndexUniverse(_Part):
    """The members of an index on one day, those included that were delisted later."""

    as_of: date
    index: Name


def _kind_of_universe(value: object) -> str:
    if isinstance(value, ProtocolUniverse) or (isinstance(value, Mapping) and "protocol" in value):
        return "protocol"
    return "index" if isinstance(value, IndexUniverse | Mapping) else "symbols"


Universe = Annotated[
    Annotated[tuple[str, ...], Field(min_length=1), Tag("symbols")]
    | Annotated[ProtocolUniverse, Tag("protocol")]
    | Annotated[IndexUniverse, Tag("index")],
    Discriminator(_kind_of_universe),
]


class Period(_Part):
    """Days from `first` to `last`, both included; written as `from` and `to`."""

    first: Annotated[date, Field(alias="from")]
    last: Annotated[date, Field(alias="to")]

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.first > self.last:
            raise ValueError(f"from {self.first} is after to {self.last}; exchange them")
        return self

    def overlaps(self, other: "Period") -> bool:
        """Return whether the two periods share a day."""
        return self.first <= other.last and other.first <= self.last


class ExperimentWindow(Period):
    """The period of an experiment.

    Attributes:
        every: the interval of decisions.
        warm_up: the number of deciding sessions at the start that are traded but not counted in any figure.
        labelled_from: first day of the labelled warm-up of memories before `first`, for arms with a memory whose desk
            asks for one; no model decides in it. None for no such warm-up.
        trained_from: first day of the training before `first` of arms whose desk learns in one. None for no training.
    """

    every: Every = Every.DAY
    warm_up: Annotated[StrictInt, Field(ge=0)] = 0
    labelled_from: date | None = None
    trained_from: date | None = None

    @model_validator(mode="after")
    def _before_first(self) -> Self:
        for name, day in (("labelled_from", self.labelled_from), ("trained_from", self.trained_from)):
            if day is not None and day >= self.first:
                raise ValueError(f"{name} {day} is not before from {self.first}; give an earlier day")
        return self


class AccountScope(StrEnum):
    """Whether each symbol has an account of its own, or one account holds all of them."""

    SYMBOL = "symbol"
    BOOK = "book"


class TradedPrices(StrEnum):
    """The prices at which an account trades and is valued: those of whole bars, or only opens, or only closes."""

    BARS = "bars"
    OPEN = "open"
    CLOSE = "close"


Money = Annotated[Decimal, Field(ge=0, le=1_000, allow_inf_nan=False, decimal_places=6)]


class ExperimentAccount(_Part):
    """The account of each unit; costs in basis points, the borrow fee per year of the short value.

    Attributes:
        commission_per_share: commission in currency a share, in place of `commission_bps`; an order pays at least
            `commission_minimum` and at most `commission_cap_bps` of its value.
        fractional: whether orders may be for fractions of a share.
        participation_bps: largest share of a bar's volume that orders may fill; None for no limit.
        cushion_bps: reserve above the reference price of an order without a limit.
        prices: at which the account trades and is valued; the desk sees whole bars always.
        dividends: whether the account receives dividends.
        charge_tokens: whether the account pays for the model calls of its decisions, at their close. The orders do not
            depend on it, so a run is evaluated again and no unit is run.
    """

    cash: Annotated[Decimal, Field(gt=0, le=10**12, allow_inf_nan=False, decimal_places=2)] = Decimal(100_000)
    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$")] = "USD"
    margin: StrictBool = False
    commission_bps: Bps = 0
    slippage_bps: Bps = 0
    borrow_bps: Bps = 0
    scope: AccountScope = AccountScope.SYMBOL
    commission_per_share: Money = Decimal(0)
    commission_minimum: Annotated[Decimal, Field(ge=0, le=1_000, allow_inf_nan=False, decimal_places=2)] = Decimal(0)
    commission_cap_bps: Bps | None = None
    fractional: StrictBool = False
    participation_bps: Annotated[StrictInt, Field(ge=1, le=10_000)] | None = 1_000
    cushion_bps: Bps = 250
    prices: TradedPrices = TradedPrices.BARS
    dividends: StrictBool = True
    charge_tokens: StrictBool = False

    @property
    def is_free(self) -> bool:
        """Return whether trading costs nothing."""
        return not (self.commission_bps or self.slippage_bps or self.commission_per_share)

    @model_validator(mode="after")
    def _one_commission(self) -> Self:
        if self.commission_bps and self.commission_per_share:
            raise ValueError("account has commission_bps and commission_per_share; give one of them")
        return self

    @model_validator(mode="after")
    def _charged_in_usd(self) -> Self:
        if self.charge_tokens and self.currency != "USD":
            raise ValueError(
                f"charge_tokens needs currency USD, in which model prices are; currency is {self.currency}"
            )
        return self


class ArmSpec(_Part):
    """One arm: what it overrides in the settings.

    Attributes:
        desk: a built-in desk, or a desk file.
        prompts: a folder with prompts that replace built-in ones of the same id.
        model, deep_model: `rules`, or `openai:NAME`; None for the model of the settings.
        memory: a memory preset; `none` for no memory.
        limits: risk limits that replace those of the settings, by name.
        portfolio: limits over the whole account that replace those of the settings, by name; null for no limit.
    """

    desk: str = "debate"
    prompts: str | None = None
    model: str | None = None
    deep_model: str | None = None
    memory: Name = "none"
    limits: Mapping[str, Decimal] = {}
    portfolio: Mapping[str, Decimal | None] = {}


DESK_BASELINES: Mapping[str, ArmSpec] = {
    "rules_desk": ArmSpec(desk="debate", model="rules", deep_model="rules"),
    "single_agent": ArmSpec(desk="single_agent"),
}
"""Baselines that are desks: they run like arms."""


class CompareMetric(StrEnum):
    """What arms are compared by: session returns after or before costs."""

    NET_RETURN = "net_return"
    GROSS_RETURN = "gross_return"


ArmKey = Literal["desk", "prompts", "model", "memory", "limits"]


class CompareSpec(_Part):
    """The comparison.

    Attributes:
        against: the arm or baseline that every other arm is compared with; None for the first arm.
        varies: the only parts in which arms may differ; None to derive them from what the arms write.
    """

    against: Name | None = None
    metric: CompareMetric = CompareMetric.NET_RETURN
    confidence: Annotated[float, Field(gt=0.5, lt=1)] = 0.95
    varies: tuple[ArmKey, ...] | None = None


class Experiment(_Part):
    """An experiment.

    Attributes:
        market: `demo`, or a market folder.
        seeds: seed of the demo market and of the models; each seed is one repetition.
        tuning: the period that prompts or parameters were chosen on; the window must not overlap it.
        budget: caps of all model calls of the experiment together.
        allow_identical: whether two arms may have the same content.
    """

    name: Name
    description: str = ""
    market: str = "demo"
    universe: Universe
    window: ExperimentWindow
    seeds: Annotated[tuple[StrictInt, ...], Field(min_length=1)]
    account: ExperimentAccount = ExperimentAccount()
    arms: Annotated[Mapping[Name, ArmSpec], Field(min_length=1)]
    baselines: tuple[str, ...] = ()
    compare: CompareSpec = CompareSpec()
    tuning: Period | None = None
    budget: CapSettings = CapSettings()
    allow_identical: StrictBool = False

    @property
    def against(self) -> str:
        """Return the arm or baseline that the others are compared with."""
        return self.compare.against or next(iter(self.arms))

    @model_validator(mode="after")
    def _validate(self) -> Self:
        if len(set(self.seeds)) != len(self.seeds):
            raise ValueError("a seed occurs twice in seeds; each seed is one repetition")
        known = {*BASELINES, *DESK_BASELINES}
        if unknown := [name for name in self.baselines if name not in known]:
            raise ValueError(f"baselines: there is no {unknown[0]!r}; choose from {', '.join(sorted(known))}")
        if len(set(self.baselines)) != len(self.baselines):
            raise ValueError("a baseline occurs twice in baselines; name each once")
        if self.account.scope is AccountScope.SYMBOL and (whole := sorted(PORTFOLIO_BASELINES & set(self.baselines))):
            raise ValueError(f"baselines: {whole[0]} divides one account among symbols; set account.scope: book")
        if both := sorted(set(self.arms) & set(self.baselines)):
            raise ValueError(f"{both[0]} is the name of an arm and of a baseline; rename the arm")
        if self.against not in {*self.arms, *self.baselines}:
            raise ValueError(f"compare.against: {self.against!r} is neither an arm nor a baseline of this file")
        if self.tuning is not None and self.tuning.overlaps(self.window):
            raise ValueError(
                f"the tuning window {self.tuning.first} to {self.tuning.last} overlaps the window of the test; choose "
                "a window after it"
            )
        return self
