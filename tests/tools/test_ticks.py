"""Prices of orders below 1.00 keep four decimals, coins eight, and other shares two."""

from datetime import date
from decimal import Decimal

import pytest
from openoutcry.domain.ids import Symbol
from openoutcry.domain.market import Quote
from openoutcry.domain.orders import OrderClass, OrderType, TimeInForce
from openoutcry.risk.order_rounding import round_for_order, round_price
from openoutcry.tools.quote import _rounded


def quote(tick="0.01", *, whole=True):
    return Quote(
        Symbol("AAA"), date(2025, 3, 3), Decimal("0.0149"), None, None, Decimal(1), whole_shares=whole,
        tick=Decimal(tick),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("tick", "asked", "rounded"),
    [
        ("0.01", "0.0149", "0.0149"),
        ("0.01", "0.01494", "0.0149"),
        ("0.01", "0.99996", "1.00"),
        ("0.01", "1.0149", "1.01"),
        ("0.01", "0.5", "0.50"),
        ("0.0001", "4.15414", "4.1541"),
        ("1e-8", "0.000012345", "0.00001234"),
    ],
)
def test_a_price_is_rounded_to_the_increment_at_that_price(tick, asked, rounded):
    assert round_price(Decimal(asked), quote(tick)) == Decimal(rounded)


@pytest.mark.parametrize(("price", "tick", "rounded"), [("0.00745", "0.01", "0.0074"), ("33.3333", "0.01", "33.33")])
def test_a_last_close_before_a_split_keeps_the_decimals_of_its_price(price, tick, rounded):
    assert _rounded(Decimal(price), Decimal(tick)) == Decimal(rounded)


@pytest.mark.parametrize(("tick", "traded"), [("0.0001", "2"), ("1e-8", "2.5")])
def test_fractions_of_a_share_in_pence_are_no_coins(tick, traded):
    class Form:
        type, time_in_force, order_class = OrderType.MARKET, TimeInForce.GTC, OrderClass.SIMPLE

    assert round_for_order(Form(), Decimal("2.5"), quote(tick, whole=False)) == Decimal(traded)
