"""Outputs of agents that are neither reports nor decisions: risk arguments, trade proposals, styles and scores."""

from decimal import Decimal
from enum import StrEnum
from typing import Annotated, ClassVar

from pydantic import Field

from .deliberation_outputs import StatedWork
from .outputs import Argument, Citations, Positive, Text

NewsGrade = Annotated[int, Field(ge=1, le=5, strict=True)]
RationaleGrade = Annotated[int, Field(ge=0, le=10, strict=True)]


class Remark(StatedWork):
    """An output that a decision record keeps as a turn of its debate."""

    evidence: Citations

    def as_argument(self) -> Argument:
        """Return the output as a turn of a debate."""
        return Argument(claim=self.line(), evidence=self.evidence)


class RiskArgument(Remark):
    """One turn of the debate about the risk of a proposed trade."""

    schema_name: ClassVar[str] = "RiskArgument"

    claim: Text

    def line(self) -> str:
        """Return the claim."""
        return self.claim


class TradeAction(StrEnum):
    """What a trader proposes, or a portfolio manager does."""

    BUY = "buy"
    HOLD = "hold"
    SELL = "sell"

    @property
    def sign(self) -> int:
        """Return +1 for buy, -1 for sell, else 0."""
        return {TradeAction.BUY: 1, TradeAction.SELL: -1}.get(self, 0)


class TradeProposal(Remark):
    """A trade in words, without typed orders.

    `entry_price` and `stop_price` are per share in currency, or null; `sizing` says in words how large the position
    should be, and may be empty.
    """

    schema_name: ClassVar[str] = "TradeProposal"

    action: TradeAction
    entry_price: Positive | None
    stop_price: Positive | None
    sizing: Annotated[str, Field(max_length=400)]
    reasoning: Text

    def line(self) -> str:
        """Return action, levels, size and reasons in one line."""
        entry, stop = _level("entry", self.entry_price), _level("stop", self.stop_price)
        size = f", size: {self.sizing}" if self.sizing else ""
        return f"{self.action}{entry}{stop}{size}. {self.reasoning}"


class TradingStyle(StrEnum):
    """The trading style that a style agent names."""

    AGGRESSIVE = "aggressive"
    BALANCED = "balanced"
    CONSERVATIVE = "conservative"


class StyleChoice(Remark):
    """The style in which the desk should trade."""

    schema_name: ClassVar[str] = "StyleChoice"

    style: TradingStyle
    reason: Text

    def line(self) -> str:
        """Return the style and its reason."""
        return f"{self.style}. {self.reason}"


class NewsScore(Remark):
    """The scores of the news about a symbol.

    `score` runs from 1 (very negative) to 5 (very positive), `risk` from 1 (very low) to 5 (very high); 3 is neutral.
    """

    schema_name: ClassVar[str] = "NewsScore"

    score: NewsGrade
    risk: NewsGrade
    reason: Text

    def line(self) -> str:
        """Return both scores and their reason."""
        return f"news {self.score} of 5, risk {self.risk} of 5. {self.reason}"


class RationaleScore(Remark):
    """How well the rationale of a decision is supported, from 0 (not at all) to 10 (completely)."""

    schema_name: ClassVar[str] = "RationaleScore"

    score: RationaleGrade
    reason: Text

    def line(self) -> str:
        """Return the score and its reason."""
        return f"{self.score} of 10. {self.reason}"


def _level(name: str, price: Decimal | None) -> str:
    return "" if price is None else f", {name} {price:f}"
