"""Orders to a target: they reach it and never pass through the other side."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openoutcry.domain.ids import ClientOrderId, Symbol
from openoutcry.risk.target_orders import orders_to_target

shares = st.integers(-1_000, 1_000).map(Decimal)


def orders(held, target):
    return orders_to_target(Symbol("AAA"), Decimal(held), Decimal(target), lambda leg: ClientOrderId(f"o-{leg}"))


@given(held=shares, target=shares)
def test_the_position_reaches_the_target_and_is_closed_before_the_other_side_is_opened(held, target):
    position = held
    for number, order in enumerate(made := orders(held, target)):
        after = position + order.action.sign * order.quantity
        assert order.quantity > 0
        assert order.action.opens == (abs(after) > abs(position))
        assert position * after >= 0
        assert order.awaits == (made[0].client_order_id if number else None)
        position = after
    assert position == target


@pytest.mark.parametrize(
    ("held", "target", "expected"),
    [
        (0, 5, ["buy"]),
        (5, 2, ["sell"]),
        (5, -2, ["sell", "short"]),
        (0, -5, ["short"]),
        (-5, -2, ["cover"]),
        (3, 3, []),
    ],
)
def test_the_action_says_what_the_order_does_to_the_position(held, target, expected):
    assert [order.action for order in orders(held, target)] == expected
