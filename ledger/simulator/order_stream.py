"""The order stream document and its validation."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from itertools import pairwise
from typing import Annotated, Literal, Self, TypeVar

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    GetCoreSchemaHandler,
    GetPydanticSchema,
    StrictInt,
    ValidationError,
    model_validator,
)
from pydantic_core.core_schema import CoreSchema, no_info_after_validator_function

from ...domain.errors import ConfigError, DuplicateOrder
from ...domain.orders import OrderType, TimeInForce
from ..pricing.integer_bar import IntegerBar

SCHEMA = "order-stream/1"
RESULT_SCHEMA = "order-stream-result/1"

HasLimit = frozenset({OrderType.LIMIT, OrderType.STOP_LIMIT})
HasStop = frozenset({OrderType.STOP, OrderType.STOP_LIMIT})
Price = Annotated[StrictInt, Field(gt=0)]
Volume = Annotated[StrictInt, Field(ge=0)]


def _number(value: object) -> object:
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        raise ValueError("must be a number")
    return Decimal(str(value))


Fee = Annotated[Decimal, BeforeValidator(_number), Field(ge=0, le=10**9, allow_inf_nan=False)]
Ohlcv = tuple[Price, Price, Price, Price, Volume]


def _bar_schema(_: object, handler: GetCoreSchemaHandler) -> CoreSchema:
    """Return the schema of a bar: a list of the five integers open, high, low, close and volume."""
    return no_info_after_validator_function(IntegerBar._make, handler(Ohlcv))


StreamBar = Annotated[IntegerBar, GetPydanticSchema(_bar_schema)]


class StreamOrder(BaseModel):
    """One order, submitted after bar `submit_after_bar` closes; -1 is before the first bar. Prices are in cents."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    client_order_id: Annotated[str, Field(min_length=1)]
    symbol: str
    submit_after_bar: Annotated[StrictInt, Field(ge=-1)]
    side: Literal["BUY", "SELL"]
    qty: Annotated[StrictInt, Field(gt=0)]
    type: Literal["market", "limit", "stop", "stop_limit"]
    limit: Price | None
    stop: Price | None
    tif: Literal["DAY", "GTC"]

    @model_validator(mode="after")
    def _levels_fit_type(self) -> Self:
        if (self.limit is not None) != (self.type in HasLimit):
            raise ValueError(f"a {self.type} order {'needs a' if self.limit is None else 'has no'} limit")
        if (self.stop is not None) != (self.type in HasStop):
            raise ValueError(f"a {self.type} order {'needs a' if self.stop is None else 'has no'} stop")
        return self

    @property
    def order_type(self) -> OrderType:
        """Return the order type as a domain enum."""
        return OrderType(self.type)

    @property
    def time_in_force(self) -> TimeInForce:
        """Return the time in force as a domain enum."""
        return TimeInForce(self.tif.lower())


class Stream(BaseModel):
    """Bars and orders of symbols over common dates; prices and `initial_cash` in cents. A null bar is a halt."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)

    schema_name: Annotated[Literal["order-stream/1"], Field(alias="schema")]
    dates: list[str]
    symbols: list[str]
    bars: dict[str, list[StreamBar | None]]
    orders: list[StreamOrder]
    initial_cash: StrictInt
    fee_per_share: Fee
    fee_per_fill: Fee

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        self._check_dates()
        self._check_bars()
        self._check_orders()
        return self

    def _check_dates(self) -> None:
        for text in self.dates:
            date.fromisoformat(text)
        for earlier, later in pairwise(self.dates):
            if earlier >= later:
                raise ValueError(f"dates must increase, but {later} follows {earlier}")

    def _check_bars(self) -> None:
        if len(set(self.symbols)) != len(self.symbols):
            raise ValueError("a symbol is listed twice")
        if odd := set(self.symbols) ^ set(self.bars):
            raise ValueError(f"symbols and bars disagree about {', '.join(sorted(odd))}")
        for symbol, bars in self.bars.items():
            if len(bars) != len(self.dates):
                raise ValueError(f"{symbol} has {len(bars)} bars for {len(self.dates)} dates")
            for place, bar in enumerate(bars):
                if bar and not bar.low <= min(bar.open, bar.close) <= max(bar.open, bar.close) <= bar.high:
                    raise ValueError(f"bar {place} of {symbol} does not hold its open and close between low and high")

    def _check_orders(self) -> None:
        for order in self.orders:
            if order.symbol not in self.bars:
                raise ValueError(f"order {order.client_order_id} names the unknown symbol {order.symbol}")
            if order.submit_after_bar >= len(self.dates):
                raise ValueError(
                    f"order {order.client_order_id} comes after bar {order.submit_after_bar}, "
                    f"but the last one is {len(self.dates) - 1}"
                )


T = TypeVar("T")


def read_stream(document: object) -> Stream:
    """Validate a parsed JSON document and return its stream.

    Raises ConfigError for an invalid document and DuplicateOrder for one id with two different orders.
    """
    return _checked(lambda: Stream.model_validate(document))


def read_stream_text(text: str | bytes) -> Stream:
    """Validate a JSON text and return its stream; raises like `read_stream`."""
    return _checked(lambda: Stream.model_validate_json(text))


def _checked(read: Callable[[], Stream]) -> Stream:
    try:
        stream = read()
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        place = ".".join(str(part) for part in first["loc"]) or "document"
        raise ConfigError(f"not a valid {SCHEMA} document: {place}: {first['msg']}; correct it and run again") from None
    _refuse_two_bodies(stream)
    return stream


def _refuse_two_bodies(stream: Stream) -> None:
    seen: dict[str, StreamOrder] = {}
    for order in stream.orders:
        if seen.setdefault(order.client_order_id, order) != order:
            raise DuplicateOrder(f"{order.client_order_id} is the id of two different orders; give each its own id")
