"""The outputs of planners and portfolio managers."""

from typing import Annotated, ClassVar

from pydantic import Field

from .outputs import StructuredOutput, Text
from .remarks import TradeAction


class AnalystPick(StructuredOutput):
    """The analysts that work on a decision."""

    schema_name: ClassVar[str] = "AnalystPick"

    analysts: Annotated[tuple[str, ...], Field(min_length=1, max_length=50)]
    justification: Text


class TradableShares(StructuredOutput):
    """The signed shares that may be traded in one symbol after cap, grid and cash; `ratio` is the allowed ratio."""

    schema_name: ClassVar[str] = "TradableShares"

    shares: Annotated[float, Field(allow_inf_nan=False)]
    ratio: Annotated[float, Field(ge=0, le=1)]


class TradeChoice(StructuredOutput):
    """The trade of a portfolio manager in one symbol; `shares` is 0 for a hold."""

    schema_name: ClassVar[str] = "TradeChoice"

    action: TradeAction
    shares: Annotated[float, Field(ge=0, allow_inf_nan=False)]
    justification: Text
