"""Orders as a desk sends them, sent to a broker that lives through sessions of a market."""

from dataclasses import replace
from decimal import Decimal

from openoutcry.desk.accounts.market_replay import advance_session
from openoutcry.desk.accounts.order_routing import submit_orders
from openoutcry.domain.ids import ClientOrderId, Symbol
from openoutcry.domain.orders import (
    Order,
    OrderClass,
    OrderType,
    TimeInForce,
)
from openoutcry.domain.trading_calendar import trading_calendar
from openoutcry.ledger.model.instrument import Instrument

XNYS = trading_calendar("XNYS")


def order(symbol, action, quantity, leg=0, **more):
    plain = Order(
        client_order_id=ClientOrderId(f"{symbol}-{action}-{leg}"),
        symbol=Symbol(symbol),
        action=action,
        quantity=Decimal(quantity),
        type=OrderType.MARKET,
        limit_price=None,
        stop_price=None,
        trail=None,
        time_in_force=TimeInForce.GTC,
        order_class=OrderClass.SIMPLE,
        take_profit=None,
        stop_loss=None,
        rationale="r",
        evidence=(),
    )
    return replace(plain, **more)


def live(broker, source, first, last):
    """Let all sessions from `first` to `last` happen."""
    for session in XNYS.between(first, last):
        advance_session(broker, source, XNYS, session)


def send(broker, *orders):
    return submit_orders(broker, orders, Instrument(orders[0].symbol), "run", Decimal(70))
