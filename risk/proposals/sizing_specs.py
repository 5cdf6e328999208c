"""The section `sizing` of a desk file: how large the positions are that a proposal asks for.

`cap` is the largest position as a share of equity; without it the account's limit `max_position` is the cap. Positions
are never larger than that limit.
"""

from collections.abc import Callable
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

Share = Annotated[Decimal, Field(ge=0, le=1, allow_inf_nan=False)]
PositiveShare = Annotated[Decimal, Field(gt=0, le=1, allow_inf_nan=False)]
NotNegative = Annotated[Decimal, Field(ge=0, allow_inf_nan=False)]
AboveZero = Annotated[Decimal, Field(gt=0, allow_inf_nan=False)]
SignedShare = Annotated[Decimal, Field(ge=-1, le=1, allow_inf_nan=False)]


class SpecSection(BaseModel):
    """A part of a desk file: frozen, without unknown keys."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)


def default_kind(kind: str) -> Callable[[Any], Any]:
    """Return a validator that adds `kind` to a section of a desk file that names none."""

    def add(given: Any) -> Any:
        return {"kind": kind, **given} if isinstance(given, dict) else given

    return add


class SentimentOverlay(SpecSection):
    """Scale each trade by the news score of its symbol: FinRL-DeepSeek."""

    kind: Literal["sentiment"] = "sentiment"


class StyleOverlay(SpecSection):
    """Scale buys by the trading style: TradingGroup, where the conservative style buys half."""

    kind: Literal["style"] = "style"
    conservative_buys: PositiveShare = Decimal("0.5")


class CvarOverlay(SpecSection):
    """The risk-averse directive of FinCon, given while the CVaR of daily P&L falls or after a losing day.

    `tail` is the share of the worst days; `observations` the fewest days that it is computed from. With `scale`, new
    exposure is multiplied by it while the directive is given; without, the directive is a text of the prompt only.
    """

    kind: Literal["cvar"] = "cvar"
    tail: Annotated[Decimal, Field(gt=0, lt=1)] = Decimal("0.05")
    observations: Annotated[int, Field(ge=1)] = 60
    scale: Share | None = None

    @model_validator(mode="after")
    def _tail_holds_a_day(self) -> "CvarOverlay":
        if self.tail * self.observations < 1:
            needed = int((1 / self.tail).to_integral_value(rounding="ROUND_CEILING"))
            raise ValueError(f"a tail of {self.tail} needs at least {needed} observations, not {self.observations}")
        return self


class TurnoverOverlay(SpecSection):
    """Penalise the change of exposure by `penalty` times its absolute value: MM-DREX, lambda of its projection."""

    kind: Literal["turnover"] = "turnover"
    penalty: NotNegative


class GuideOverlay(SpecSection):
    """Multiply exposures by the strategist's tau = sign * confidence / 3 * certainty."""

    kind: Literal["guide"] = "guide"


OverlaySpec = Annotated[
    SentimentOverlay | StyleOverlay | CvarOverlay | TurnoverOverlay | GuideOverlay, Field(discriminator="kind")
]


class SizingSection(SpecSection):
    """The keys of every kind of sizing.

    Attributes:
        cap: largest position as a share of equity; None for the account's limit.
        overlays: changes of the sizes, in order; a name alone is an overlay with its default settings.
        min_trade_value: smallest value of an order in currency; exits to a flat position are always made.
        band: smallest change of a position as a share of equity; exits to a flat position are always made.
    """

    cap: PositiveShare | None = None
    overlays: tuple[OverlaySpec, ...] = ()
    min_trade_value: NotNegative = Decimal(0)
    band: Share = Decimal(0)

    @model_validator(mode="before")
    @classmethod
    def _named_overlays(cls, given: Any) -> Any:
        if not isinstance(given, dict) or not isinstance(given.get("overlays"), list | tuple):
            return given
        overlays = [{"kind": each} if isinstance(each, str) else each for each in given["overlays"]]
        return {**given, "overlays": overlays}


class AsDecidedSizing(SizingSection):
    """The sizes are those of the proposal."""

    kind: Literal["as_decided"] = "as_decided"


class VolTargetSizing(SizingSection):
    """Conviction or exposure times target volatility over annual volatility, at most the cap."""

    kind: Literal["vol_target"] = "vol_target"


class Unchanged(StrEnum):
    """A rating step that names no weight: keep the position, or halve it."""

    KEEP = "keep"
    HALF = "half"


RatingStep = Unchanged | SignedShare


class RatingSteps(SpecSection):
    """The weight of each rating as a share of the cap; `overweight` and `underweight` are absent on 3-step scales."""

    buy: RatingStep
    overweight: RatingStep | None = None
    hold: RatingStep = Unchanged.KEEP
    underweight: RatingStep | None = None
    sell: RatingStep


class RatingMapSizing(SizingSection):
    """The weight that the desk file states for the rating."""

    kind: Literal["rating_map"] = "rating_map"
    map: RatingSteps


class AllInSizing(SizingSection):
    """The whole cap on the side of the direction."""

    kind: Literal["all_in"] = "all_in"


class UnitSizing(SizingSection):
    """Long buys and short sells `shares`, whatever is held: FinMem, where it is one share."""

    kind: Literal["unit"] = "unit"
    shares: AboveZero = Decimal(1)


class PositiveSharpeSizing(SizingSection):
    """Weights max(S, 0) / sum(max(S, 0)) of predicted Sharpe ratios S; all cash if none is positive: ContestTrade."""

    kind: Literal["positive_sharpe"] = "positive_sharpe"


class EstimateSection(SizingSection):
    """The keys of sizing kinds that estimate from past prices.

    `prices` is the fewest closes of each symbol; `shrinkage` the share of the shrinkage target in the estimates.
    """

    prices: Annotated[int, Field(ge=3)] = 7
    shrinkage: Share = Decimal("0.1")


class MeanVarianceSizing(EstimateSection):
    """argmax mu'w - risk_aversion * w'Sw over bounds by side: InvestorBench with the defaults.

    Attributes:
        fully_invested: whether the weights sum to 1; the sides are then ignored and no weight is negative.
        turnover: largest sum of absolute weight changes; None for no limit.
        views: whether expected returns are added to the trailing means.
    """

    kind: Literal["mean_variance"] = "mean_variance"
    risk_aversion: AboveZero = Decimal(1)
    fully_invested: bool = False
    turnover: Annotated[Decimal, Field(gt=0, le=2)] | None = None
    views: bool = False


class BlackLittermanSizing(EstimateSection):
    """Mean-variance weights on the Black-Litterman posterior, with views from convictions.

    `tau` is the uncertainty of the prior, `risk_aversion` delta in Pi = delta S w and in mu'w - delta / 2 * w'Sw. The
    view of a symbol is its conviction times `view_scale` times its daily volatility.
    """

    kind: Literal["black_litterman"] = "black_litterman"
    tau: AboveZero = Decimal("0.05")
    risk_aversion: AboveZero = Decimal("2.5")
    view_scale: AboveZero


class HrpSizing(EstimateSection):
    """Hierarchical risk parity over the symbols with a long view; requires the extra `portfolio`."""

    kind: Literal["hrp"] = "hrp"
    prices: Annotated[int, Field(ge=3)] = 60


class EqualSizing(SizingSection):
    """The same weight for every symbol with a view, 1 / number of them, on its side."""

    kind: Literal["equal"] = "equal"


SizingSpec = Annotated[
    Annotated[
        AsDecidedSizing
        | VolTargetSizing
        | RatingMapSizing
        | AllInSizing
        | UnitSizing
        | PositiveSharpeSizing
        | MeanVarianceSizing
        | BlackLittermanSizing
        | HrpSizing
        | EqualSizing,
        Field(discriminator="kind"),
    ],
    BeforeValidator(default_kind("as_decided")),
]
