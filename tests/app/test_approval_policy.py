"""Approval policies as people write them."""

from collections.abc import Callable
from decimal import Decimal

import pytest
from openoutcry.app.approval_policy import ApprovalPolicy, parse_approval_policy
from openoutcry.domain.errors import ConfigError
from openoutcry.domain.orders import Order
from openoutcry.tests.risk.conftest import make_order

PRICE = Decimal(100)


@pytest.mark.parametrize(
    ("policy", "order", "needed"),
    [
        ("none", {"quantity": 10**6}, False),
        ("all", {"quantity": 1}, True),
        (" all ", {"quantity": 1, "action": "sell"}, True),
        ("above 5000", {"quantity": 50}, False),
        ("above 5,000.00", {"quantity": 51}, True),
        ("above 5000", {"quantity": 51, "action": "sell"}, True),
        # the value of a limit order above the close is that of its limit
        ("above 5000", {"quantity": 50, "kind": "limit", "limit": 101}, True),
        ("outside max_quantity=10", {"quantity": 11}, True),
        ("outside max_quantity=10", {"quantity": 10}, False),
        ("outside price_collar=0.05", {"quantity": 1, "kind": "limit", "limit": "94.99"}, True),
        ("outside price_collar=0.05", {"quantity": 1, "kind": "limit", "limit": 95}, False),
        ("outside max_order_notional=5_000, max_quantity=100", {"quantity": 51}, True),
        ("outside max_order_notional=5000,max_quantity=10", {"quantity": 11}, True),
        ("outside max_order_notional=5000,max_quantity=10", {"quantity": 10}, False),
    ],
)
def test_an_order_needs_an_approval_as_the_policy_says(policy: str, order: dict[str, object], needed: bool) -> None:
    build: Callable[..., Order] = make_order
    assert parse_approval_policy(policy).needs_approval(build(**order), PRICE) is needed


@pytest.mark.parametrize(
    "text",
    [
        "", "some", "All", "above", "above x", "above 0", "above -1", "above nan", "above inf", "none 5", "all 5",
        "outside", "outside size=1", "outside max_quantity", "outside max_quantity=1,max_quantity=2",
        "outside max_quantity=0", "above 1 2",
    ],
)  # fmt: skip
def test_an_invalid_policy_is_refused_with_the_syntax(text: str) -> None:
    with pytest.raises(ConfigError, match="write none, all, `above AMOUNT`"):
        parse_approval_policy(text)


def test_the_default_policy_needs_no_approval() -> None:
    assert parse_approval_policy("none") == ApprovalPolicy()
