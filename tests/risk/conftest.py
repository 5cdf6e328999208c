"""Builders of briefs and orders: everything has a plain default, and a test names only what it is about."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from openoutcry.domain.account import Account, Holding, OpenLot
from openoutcry.domain.brief import Brief
from openoutcry.domain.ids import (
    ClientOrderId,
    EvidenceId,
    LotId,
    Symbol,
)
from openoutcry.domain.market import Quote
from openoutcry.domain.orders import (
    Action,
    Order,
    OrderClass,
    OrderType,
    StopLoss,
    TakeProfit,
    TimeInForce,
)
from openoutcry.domain.outputs import PlannedOrder

CALDR = Symbol("CALDR")


def decimal(value: object) -> Decimal | None:
    return None if value is None else Decimal(str(value))


def some(value: object) -> Decimal:
    return Decimal(str(value))


def make_holding(quantity: object, mark: object, symbol: str = "CALDR") -> Holding:
    return Holding(Symbol(symbol), some(quantity), some(mark), some(mark))


def make_brief(
    *,
    held: object = 0,
    cash: object = 100_000,
    margin: bool = True,
    close: object = 100,
    sigma: object = "0.01",
    volume: object = 1_000_000,
    whole: bool = True,
    others: tuple[Holding, ...] = (),
    open_orders: tuple[Order, ...] = (),
    lots: tuple[str, ...] | None = None,
) -> Brief:
    """Return a brief for CALDR; a position is marked at the last close. With `lots` the account picks among them."""
    holdings = {holding.symbol: holding for holding in others}
    if some(held):
        parts = tuple(OpenLot(LotId(lot), some(1), some(close), date(2025, 1, 2)) for lot in lots or ())
        holdings[CALDR] = replace(make_holding(held, close), lots=parts)
    return Brief(
        symbol=CALDR,
        as_of=datetime(2025, 3, 3, 21, tzinfo=UTC),
        session=date(2025, 3, 3),
        next_session=date(2025, 3, 4),
        quote=Quote(CALDR, date(2025, 3, 3), some(close), decimal(sigma), Decimal(2), some(volume), whole),
        account=Account("test", some(cash), margin, holdings, open_orders, supports_specific_lots=lots is not None),
        synthetic=True,
    )


def make_order(action: str = "buy", quantity: object = 100, kind: str = "market", **more: object) -> Order:
    """Return an order for CALDR; `target` and `stop_loss` are its legs."""
    target, stop = decimal(more.get("target")), decimal(more.get("stop_loss"))
    return Order(
        client_order_id=ClientOrderId(str(more.get("name", "o-0"))),
        symbol=Symbol(str(more.get("symbol", "CALDR"))),
        action=Action(action),
        quantity=some(quantity),
        type=OrderType(kind),
        limit_price=decimal(more.get("limit")),
        stop_price=decimal(more.get("stop")),
        trail=decimal(more.get("trail")),
        time_in_force=TimeInForce.DAY,
        order_class=OrderClass(str(more.get("order_class", "simple"))),
        take_profit=TakeProfit(target) if target is not None else None,
        stop_loss=StopLoss(stop, trail=decimal(more.get("stop_loss_trail"))) if stop is not None else None,
        rationale="because",
        evidence=(EvidenceId("px.close"),),
        lots=tuple(LotId(lot) for lot in str(more.get("lots", "")).split()),
    )


def make_planned(action: str = "buy", kind: str = "market", quantity: object = 10, **more: object) -> PlannedOrder:
    """Return an order as a trader would write it."""
    return PlannedOrder(
        action=Action(action),
        quantity=some(quantity),
        type=OrderType(kind),
        limit_price=decimal(more.get("limit")),
        stop_price=decimal(more.get("stop")),
        trail=decimal(more.get("trail")),
        time_in_force=TimeInForce(str(more.get("tif", "day"))),
        order_class=OrderClass(str(more.get("order_class", "simple"))),
        take_profit_limit=decimal(more.get("target")),
        stop_loss_stop=decimal(more.get("stop_loss")),
        stop_loss_limit=decimal(more.get("stop_loss_limit")),
        stop_loss_trail=decimal(more.get("stop_loss_trail")),
        rationale="because",
        evidence=(EvidenceId("px.close"),),
    )


@pytest.fixture(scope="session")
def brief() -> Callable[..., Brief]:
    return make_brief


@pytest.fixture(scope="session")
def order() -> Callable[..., Order]:
    return make_order


@pytest.fixture(scope="session")
def planned() -> Callable[..., PlannedOrder]:
    return make_planned


@pytest.fixture(scope="session")
def holding() -> Callable[..., Holding]:
    return make_holding
