"""From plans to orders, and the defects that send a plan back to the trader."""

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openoutcry.domain.brief import Brief
from openoutcry.domain.errors import RiskDenied
from openoutcry.domain.ids import ClientOrderId
from openoutcry.domain.orders import (
    Action,
    Order,
    OrderClass,
    OrderType,
    StopLoss,
    TakeProfit,
    TimeInForce,
)
from openoutcry.domain.outputs import OrderPlan, PlannedOrder
from openoutcry.risk.order_checks import check_order
from openoutcry.risk.order_conversion import to_orders

Briefs = Callable[..., Brief]
Plans = Callable[..., PlannedOrder]
Words = dict[str, object]


def name(place: int) -> ClientOrderId:
    return ClientOrderId(f"leg-{place}")


def orders_of(brief: Brief, *planned: PlannedOrder) -> tuple[Order, ...]:
    return to_orders(OrderPlan(orders=planned, rationale="plan"), brief, name)


def test_prices_are_rounded_half_even_to_cents_and_quantities_cut_to_whole_shares(
    brief: Briefs, planned: Plans
) -> None:
    (order,) = orders_of(
        brief(),
        planned("buy", "limit", "10.9", limit="99.125", order_class="bracket", target="110.135", stop_loss="95.005"),
    )
    assert order.limit_price == Decimal("99.12")
    assert order.take_profit == TakeProfit(Decimal("110.14"))
    assert order.stop_loss == StopLoss(Decimal("95.00"))
    assert order.quantity == 10


def test_fractional_symbols_keep_eight_decimals_of_price_and_six_of_quantity(brief: Briefs, planned: Plans) -> None:
    coin = brief(whole=False)
    coin = replace(coin, quote=replace(coin.quote, tick=Decimal("1e-8")))
    (order,) = orders_of(coin, planned("buy", "limit", "0.12345678", limit="0.123456785"))
    assert (order.limit_price, order.quantity) == (Decimal("0.12345678"), Decimal("0.123456"))


def test_orders_are_named_by_their_place_and_keep_what_the_trader_wrote(brief: Briefs, planned: Plans) -> None:
    first, second = orders_of(brief(held=10), planned("sell", quantity=4), planned("sell", quantity=6, tif="gtc"))
    assert (first.client_order_id, second.client_order_id) == ("leg-0", "leg-1")
    assert (second.symbol, second.time_in_force, second.rationale) == ("CALDR", TimeInForce.GTC, "because")
    assert second.evidence == ("px.close",)
    assert second.take_profit is None
    assert second.stop_loss is None


@pytest.mark.parametrize(
    "order", [{"quantity": "0.5"}, {"quantity": "1e20"}, {"kind": "limit", "limit": "0.00004"}], ids=str
)
def test_a_number_that_cannot_be_an_order_is_denied_and_told_as_a_defect(
    brief: Briefs, planned: Plans, order: Words
) -> None:
    assert check_order(planned(**order), brief())
    with pytest.raises(RiskDenied):
        orders_of(brief(), planned(**order))


LONG: Words = {"held": 50}
SHORT: Words = {"held": -50}
FLAT: Words = {}

SOUND: list[tuple[Words, Words]] = [
    (FLAT, {}),
    (FLAT, {"action": "short"}),
    (LONG, {"action": "sell", "quantity": 50}),
    (SHORT, {"action": "cover", "quantity": 50}),
    (LONG, {"action": "buy"}),
    (FLAT, {"kind": "limit", "limit": 99}),
    (FLAT, {"kind": "stop", "stop": 101}),
    (FLAT, {"kind": "stop_limit", "stop": 101, "limit": 102}),
    (FLAT, {"kind": "trailing_stop", "trail": 3}),
    (LONG, {"action": "sell", "kind": "stop", "stop": 99}),
    (FLAT, {"order_class": "bracket", "target": 110, "stop_loss": 95, "stop_loss_limit": 94}),
    (FLAT, {"action": "short", "order_class": "bracket", "target": 90, "stop_loss": 105, "stop_loss_limit": 106}),
    (FLAT, {"order_class": "oto", "stop_loss": 95}),
    (FLAT, {"order_class": "oto", "target": 105}),
    (FLAT, {"kind": "limit", "limit": 90, "order_class": "bracket", "target": 95, "stop_loss": 85}),
    (FLAT, {"order_class": "bracket", "target": 110, "stop_loss": 95, "stop_loss_trail": 3}),
    (FLAT, {"order_class": "oto", "stop_loss": 95, "stop_loss_trail": 99}),
    (FLAT, {"action": "short", "order_class": "oto", "stop_loss": 105, "stop_loss_trail": 3}),
    (LONG, {"action": "sell", "kind": "limit", "limit": 110, "order_class": "oco", "stop_loss": 95}),
    (
        LONG,
        {"action": "sell", "kind": "limit", "limit": 110, "order_class": "oco", "stop_loss": 95, "stop_loss_trail": 3},
    ),
    (LONG, {"action": "sell", "kind": "limit", "limit": 110, "order_class": "oco", "target": 110, "stop_loss": 95}),
    (SHORT, {"action": "cover", "kind": "limit", "limit": 90, "order_class": "oco", "stop_loss": 105}),
    (FLAT, {"kind": "limit", "limit": 99, "tif": "opg"}),
    (FLAT, {"tif": "cls"}),
    (FLAT, {"kind": "limit", "limit": 99, "tif": "fok"}),
]


@pytest.mark.parametrize(("account", "order"), SOUND, ids=str)
def test_a_sound_order_has_no_defects(brief: Briefs, planned: Plans, account: Words, order: Words) -> None:
    assert check_order(planned(**order), brief(**account)) == ()


BAD: list[tuple[Words, Words, str]] = [
    (FLAT, {"kind": "limit"}, "needs a limit_price"),
    (FLAT, {"kind": "stop_limit", "stop": 101}, "needs a limit_price"),
    (FLAT, {"kind": "stop"}, "needs a stop_price"),
    (FLAT, {"kind": "stop_limit", "limit": 101}, "needs a stop_price"),
    (FLAT, {"kind": "trailing_stop"}, "needs a trail"),
    (FLAT, {"limit": 99}, "does not use a limit_price"),
    (FLAT, {"kind": "limit", "limit": 99, "stop": 101}, "does not use a stop_price"),
    (FLAT, {"kind": "stop", "stop": 101, "trail": 2}, "does not use a trail"),
    (FLAT, {"kind": "trailing_stop", "trail": 100}, "trail of 100"),
    (FLAT, {"kind": "stop", "stop": 100}, "must lie above the last close"),
    (SHORT, {"action": "cover", "kind": "stop", "stop": 99}, "must lie above the last close"),
    (LONG, {"action": "sell", "kind": "stop", "stop": 100}, "must lie below the last close"),
    (FLAT, {"action": "short", "kind": "stop_limit", "stop": 101, "limit": 99}, "must lie below the last close"),
    (FLAT, {"order_class": "bracket", "target": 110}, "needs both"),
    (FLAT, {"order_class": "bracket", "stop_loss": 90}, "needs both"),
    (FLAT, {"order_class": "oto"}, "exactly one"),
    (FLAT, {"order_class": "oto", "target": 110, "stop_loss": 90}, "exactly one"),
    (FLAT, {"target": 110}, "simple order has neither"),
    (LONG, {"action": "sell", "order_class": "bracket", "target": 110, "stop_loss": 90}, "belongs to an order that"),
    (FLAT, {"stop_loss_limit": 90}, "needs a stop_loss_stop"),
    (FLAT, {"stop_loss_trail": 5}, "a stop_loss_trail needs a stop_loss_stop"),
    (
        FLAT,
        {"order_class": "oto", "stop_loss": 95, "stop_loss_limit": 94, "stop_loss_trail": 5},
        "a stop loss that trails is filled at the market",
    ),
    (
        FLAT,
        {"kind": "limit", "limit": 90, "order_class": "oto", "stop_loss": 85, "stop_loss_trail": 90},
        "stop_loss_trail of 90.00 is not smaller than the entry of 90.00",
    ),
    (
        FLAT,
        {"action": "short", "order_class": "oto", "stop_loss": 105, "stop_loss_trail": 100},
        "stop_loss_trail of 100.00 is not smaller than the entry of 100",
    ),
    (
        LONG,
        {
            "action": "sell",
            "kind": "limit",
            "limit": 110,
            "order_class": "oco",
            "stop_loss": 95,
            "stop_loss_trail": 100,
        },
        "stop_loss_trail of 100.00 is not smaller than the last close of 100",
    ),
    (FLAT, {"order_class": "oto", "stop_loss": 95, "stop_loss_trail": "0.00004"}, "stop_loss_trail rounds to zero"),
    (FLAT, {"order_class": "oto", "stop_loss": 95, "stop_loss_trail": "1e15"}, "beyond all reason"),
    (FLAT, {"kind": "limit", "limit": 99, "order_class": "oco", "stop_loss": 90}, "only closes"),
    (LONG, {"action": "sell", "order_class": "oco", "target": 110, "stop_loss": 90}, "an oco is a limit order"),
    (LONG, {"action": "sell", "kind": "limit", "limit": 110, "order_class": "oco"}, "an oco is a limit order"),
    (
        LONG,
        {"action": "sell", "kind": "limit", "limit": 110, "order_class": "oco", "target": 111, "stop_loss": 90},
        "target of an oco",
    ),
    (
        LONG,
        {"action": "sell", "kind": "limit", "limit": 99, "order_class": "oco", "stop_loss": 90},
        "target of 99.00 must lie above the last close",
    ),
    (
        SHORT,
        {"action": "cover", "kind": "limit", "limit": 90, "order_class": "oco", "stop_loss": 99},
        "stop loss of 99.00 must lie above the last close",
    ),
    (FLAT, {"order_class": "bracket", "target": 100, "stop_loss": 90}, "target of 100.00 must lie above the entry"),
    (FLAT, {"order_class": "bracket", "target": 110, "stop_loss": 100}, "stop loss of 100.00 must lie below"),
    (
        FLAT,
        {"kind": "limit", "limit": 90, "order_class": "bracket", "target": 110, "stop_loss": 95},
        "stop loss of 95.00 must lie below the entry of 90.00",
    ),
    (
        FLAT,
        {"kind": "stop_limit", "stop": 105, "limit": 107, "order_class": "oto", "stop_loss": 106},
        "stop loss of 106.00 must lie below the entry of 105.00",
    ),
    (
        FLAT,
        {"action": "short", "order_class": "bracket", "target": 110, "stop_loss": 105},
        "target of 110.00 must lie below the entry",
    ),
    (FLAT, {"action": "short", "order_class": "oto", "stop_loss": 95}, "stop loss of 95.00 must lie above the entry"),
    (FLAT, {"order_class": "oto", "stop_loss": 95, "stop_loss_limit": 96}, "must not lie above its stop"),
    (
        FLAT,
        {"action": "short", "order_class": "oto", "stop_loss": 105, "stop_loss_limit": 104},
        "must not lie below its stop",
    ),
    (FLAT, {"action": "sell"}, "no long position"),
    (SHORT, {"action": "sell"}, "no long position"),
    (FLAT, {"action": "cover"}, "no short position"),
    (LONG, {"action": "cover"}, "no short position"),
    (LONG, {"action": "sell", "quantity": 51}, "only 50 are held long"),
    (SHORT, {"action": "cover", "quantity": 51}, "only 50 are held short"),
    (SHORT, {"action": "buy"}, "cover first"),
    (LONG, {"action": "short"}, "sell first"),
    ({"margin": False}, {"action": "short"}, "cash account cannot short"),
    (FLAT, {"quantity": "0.99"}, "less than the smallest"),
    (FLAT, {"kind": "limit", "limit": "0.00001"}, "limit_price rounds to zero"),
    (FLAT, {"kind": "limit", "limit": "1e15"}, "beyond all reason"),
    (FLAT, {"kind": "stop", "stop": 101, "tif": "opg"}, "opg takes only"),
    (FLAT, {"order_class": "oto", "stop_loss": 95, "tif": "cls"}, "cls takes only"),
    (FLAT, {"kind": "trailing_stop", "trail": 2, "tif": "ioc"}, "ioc is for simple orders"),
    (FLAT, {"order_class": "bracket", "target": 110, "stop_loss": 95, "tif": "fok"}, "fok is for simple orders"),
]


@pytest.mark.parametrize(("account", "order", "words"), BAD, ids=str)
def test_a_defect_is_told_in_words(brief: Briefs, planned: Plans, account: Words, order: Words, words: str) -> None:
    assert any(words in defect for defect in check_order(planned(**order), brief(**account)))


def test_every_defect_of_an_order_is_told_at_once(brief: Briefs, planned: Plans) -> None:
    defects = check_order(planned("sell", "stop", limit=5, target=90, tif="ioc"), brief())
    assert len(defects) >= 5


LEVEL = st.none() | st.decimals("0.001", "1e18", allow_nan=False, allow_infinity=False)


@given(
    action=st.sampled_from(Action),
    kind=st.sampled_from(OrderType),
    tif=st.sampled_from(TimeInForce),
    order_class=st.sampled_from(OrderClass),
    quantity=st.decimals("1e-12", "1e18", allow_nan=False, allow_infinity=False),
    levels=st.tuples(*[LEVEL] * 7),
    held=st.integers(-100, 100),
    whole=st.booleans(),
)
def test_whatever_a_model_writes_is_judged_and_what_has_no_defect_becomes_an_order(
    brief: Briefs,
    action: Action,
    kind: OrderType,
    tif: TimeInForce,
    order_class: OrderClass,
    quantity: Decimal,
    levels: tuple[Decimal | None, ...],
    held: int,
    whole: bool,
) -> None:
    limit, stop, trail, target, stop_loss, stop_loss_limit, stop_loss_trail = levels
    planned = PlannedOrder(
        action=action,
        quantity=quantity,
        type=kind,
        limit_price=limit,
        stop_price=stop,
        trail=trail,
        time_in_force=tif,
        order_class=order_class,
        take_profit_limit=target,
        stop_loss_stop=stop_loss,
        stop_loss_limit=stop_loss_limit,
        stop_loss_trail=stop_loss_trail,
        rationale="r",
        evidence=(),
    )
    account = brief(held=held, whole=whole)
    if not check_order(planned, account):
        (order,) = orders_of(account, planned)
        assert 0 < order.quantity <= quantity
