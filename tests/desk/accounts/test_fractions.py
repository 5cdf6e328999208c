"""Parts of a share: where the account allows them, for the orders that a broker takes in parts."""

from decimal import Decimal

import pytest
from desk_factory import scripted, taken
from openoutcry.desk.accounts.paper_account import instrument_of
from openoutcry.domain.account import Account
from openoutcry.domain.orders import OrderClass, TimeInForce
from openoutcry.domain.outputs import OrderPlan
from openoutcry.ledger.model.account_rules import AccountRules
from scripted_answers import ORDER, TICKER

PARTS = Decimal("3.1234567")


def allowed(demo, *, fractional, **form):
    planned = ORDER.model_copy(update={"quantity": PARTS, **form})
    floor = scripted(demo, trader=OrderPlan(orders=(planned,), rationale="."))
    account = Account("test", Decimal(100_000), fractional=fractional)
    (order,) = taken(floor, account=account).risk.allowed
    return order.quantity


@pytest.mark.parametrize(
    ("form", "quantity"),
    [
        ({}, "3.123456"),
        ({"time_in_force": TimeInForce.GTC}, "3"),
        (
            {
                "order_class": OrderClass.BRACKET,
                "take_profit_limit": Decimal(1000),
                "stop_loss_stop": Decimal(1),
            },
            "3",
        ),
    ],
)
def test_plain_day_orders_may_be_in_parts_and_no_others(demo, form, quantity):
    assert allowed(demo, fractional=True, **form) == Decimal(quantity)


def test_without_leave_shares_are_whole(demo):
    assert allowed(demo, fractional=False) == 3


def test_the_instrument_of_such_an_account_has_micro_shares_and_prices_to_a_hundredth_of_a_cent(demo):
    decision = taken(scripted(demo), TICKER)
    parts, whole = (instrument_of(demo, decision, AccountRules(fractional=leave)) for leave in (True, False))
    assert (parts.quantity_scale, parts.price_scale) == (1_000_000, 10_000)
    assert (whole.quantity_scale, whole.price_scale) == (1, 10_000)
