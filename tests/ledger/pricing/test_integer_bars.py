"""Bars as the ledger reads them: by the name of each field, in integers."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from openoutcry.domain.errors import InvalidData
from openoutcry.domain.ids import Symbol
from openoutcry.domain.market import Bar
from openoutcry.ledger.model.bars import to_integer_bar
from openoutcry.ledger.model.instrument import Instrument
from openoutcry.ledger.pricing.integer_bar import IntegerBar
from openoutcry.ledger.simulator.order_stream import read_stream

AAA = Instrument("AAA")


def daily(**prices: str) -> Bar:
    """Return a daily bar of AAA from 10.00 to 12.00 with some of its numbers changed."""
    day = date(2024, 7, 1)
    given = {"open": "10.50", "high": "12", "low": "10", "close": "11.25", "volume": "900"} | prices
    return Bar(
        symbol=Symbol("AAA"),
        session=day,
        start=datetime(2024, 7, 1, 13, 30, tzinfo=UTC),
        known_at=datetime(2024, 7, 1, 20, tzinfo=UTC),
        **{name: Decimal(text) for name, text in given.items()},
    )


def test_a_bar_becomes_ticks_and_shares_under_the_same_names() -> None:
    found = to_integer_bar(daily(), AAA)
    assert (found.open, found.high, found.low, found.close, found.volume) == (1_050, 1_200, 1_000, 1_125, 900)


def test_a_price_between_two_ticks_goes_to_the_nearest_half_to_even() -> None:
    found = to_integer_bar(daily(open="10.505", close="10.515", volume="12.9"), AAA)
    assert (found.open, found.close, found.volume) == (1_050, 1_052, 12)


def test_a_price_is_never_less_than_a_tick() -> None:
    found = to_integer_bar(daily(open="0.001", high="0.001", low="0.001", close="0.001"), AAA)
    assert found == IntegerBar(1, 1, 1, 1, 900)


@pytest.mark.parametrize("wrong", [{"low": "0"}, {"high": "NaN"}, {"volume": "-1"}, {"close": "12.01"}, {"open": "9"}])
def test_a_bar_that_cannot_be_true_is_refused(wrong: dict[str, str]) -> None:
    with pytest.raises(InvalidData):
        to_integer_bar(daily(**wrong), AAA)


def test_the_bars_of_an_order_stream_have_named_fields() -> None:
    stream = read_stream({
        "schema": "order-stream/1", "dates": ["2024-07-01", "2024-07-02"], "symbols": ["AAA"],
        "bars": {"AAA": [[1_050, 1_200, 1_000, 1_125, 900], None]},
        "orders": [], "initial_cash": 0, "fee_per_share": 0, "fee_per_fill": 0,
    })  # fmt: skip
    bar, halt = stream.bars["AAA"]
    assert bar == IntegerBar(open=1_050, high=1_200, low=1_000, close=1_125, volume=900)
    assert bar is not None
    assert (bar.high, bar.low) == (1_200, 1_000)
    assert halt is None
