"""The loss of a position at its stops stays within the limit over any sequence of decisions."""

from dataclasses import replace
from decimal import Decimal

import hypothesis.strategies as st
from hypothesis import given, settings
from openoutcry.domain.account import Account, Holding
from openoutcry.domain.orders import Order, OrderClass, OrderType
from openoutcry.risk.limit_settings import Limits
from openoutcry.risk.limits import apply_limits
from openoutcry.risk.position_loss import loss_at_stops

from .conftest import CALDR, make_brief, make_holding, make_order

LIMITS = Limits(
    target_volatility=Decimal(1),
    max_position=Decimal(1),
    max_gross=Decimal(2),
    max_net=Decimal(2),
    max_volume_share=Decimal(1),
    max_loss=Decimal("0.02"),
    price_collar=Decimal("0.1"),
)


ROUNDING = Decimal("1e-12")
"""The average cost of several fills is rounded to 28 digits."""


def test_shares_without_a_stop_lose_the_collar() -> None:
    assert loss_at_stops(make_holding(100, 100), (), Decimal(100), Decimal("0.1")) == 1_000


def test_each_stop_protects_its_own_shares_and_the_widest_counts_first() -> None:
    stops = [make_order("sell", 60, "stop", stop=95, name="a"), make_order("sell", 60, "stop", stop=80, name="b")]
    # 60 shares to 80 lose 1,200 and the other 40 to 95 lose 200
    assert loss_at_stops(make_holding(100, 100), stops, Decimal(100), Decimal("0.1")) == 1_400


def test_a_loss_that_has_happened_counts_and_a_gain_does_not_hide_one() -> None:
    held = replace(make_holding(100, 90), average_cost=Decimal(100))
    stop = [make_order("sell", 100, "stop", stop=85)]
    assert loss_at_stops(held, stop, Decimal(90), Decimal("0.1")) == 1_500
    assert loss_at_stops(held, stop, Decimal(120), Decimal("0.1")) == 3_500


def test_a_short_loses_upwards() -> None:
    stop = [make_order("cover", 100, "stop", stop=110)]
    assert loss_at_stops(make_holding(-100, 100), stop, Decimal(100), Decimal("0.1")) == 1_000
    assert loss_at_stops(make_holding(-100, 100), (), Decimal(100), Decimal("0.2")) == 2_000


def filled(account: Account, order: Order, price: Decimal) -> Account:
    """Return the account after an opening order was filled at `price`, with its stop resting."""
    held = account.holdings.get(CALDR)
    before, cost = (held.quantity, held.average_cost) if held else (Decimal(0), Decimal(0))
    after = before + order.quantity
    average = (before * cost + order.quantity * price) / after
    resting = account.open_orders
    if order.stop_loss is not None:
        stop = make_order("sell", order.quantity, "stop", stop=order.stop_loss.stop_price, name=order.client_order_id)
        resting = (*resting, stop)
    return replace(
        account,
        cash=account.cash - order.quantity * price,
        holdings={CALDR: Holding(CALDR, after, average, price)},
        open_orders=resting,
    )


def stopped_out(account: Account, price: Decimal) -> Account:
    """Return the account marked at `price`, with every stop that lies above it filled there."""
    held = account.holdings.get(CALDR)
    if held is None:
        return account
    hit = [order for order in account.open_orders if order.stop_price is not None and order.stop_price >= price]
    sold = sum((order.quantity for order in hit), Decimal(0))
    left = replace(held, quantity=held.quantity - sold, mark=price)
    return replace(
        account,
        cash=account.cash + sold * price,
        holdings={CALDR: left} if left.quantity else {},
        open_orders=tuple(order for order in account.open_orders if order not in hit),
    )


decisions = st.lists(
    st.tuples(st.integers(90, 110), st.integers(1, 2_000), st.one_of(st.none(), st.integers(1, 12))), max_size=12
)


@settings(max_examples=150, deadline=None)
@given(decisions)
def test_no_sequence_of_decisions_builds_a_position_beyond_the_limit(asked: list[tuple[int, int, int | None]]) -> None:
    account = make_brief().account
    for number, (close, quantity, distance) in enumerate(asked):
        price = Decimal(close)
        account = stopped_out(account, price)
        brief = replace(make_brief(close=close), account=account)
        order = make_order(
            "buy",
            quantity,
            order_class="oto" if distance else "simple",
            stop_loss=close - distance if distance else None,
            name=f"o-{number}",
        )
        assert order.type is OrderType.MARKET
        assert order.order_class in (OrderClass.OTO, OrderClass.SIMPLE)
        for allowed in apply_limits((order,), Decimal(1), Decimal(1), brief, LIMITS).allowed:
            account = filled(account, allowed, price)
            at_risk = loss_at_stops(account.holdings[CALDR], account.open_orders, price, LIMITS.price_collar)
            assert at_risk <= LIMITS.max_loss * account.equity + ROUNDING
