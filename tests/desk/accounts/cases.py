"""Small markets of worked examples: folders written by a test, or shared ones where they are present."""

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from openoutcry.desk.accounts.market_replay import advance_session
from openoutcry.desk.accounts.order_routing import submit_orders
from openoutcry.domain.ids import ClientOrderId, Symbol
from openoutcry.domain.orders import Action, Order, OrderClass, OrderType, StopLoss, TakeProfit, TimeInForce
from openoutcry.domain.trading_calendar import trading_calendar
from openoutcry.ledger.broker import Broker
from openoutcry.ledger.model.account_rules import AccountRules
from openoutcry.ledger.model.instrument import Instrument
from openoutcry.market.folder import open_folder
from openoutcry.market.source import MarketSource

XNYS = trading_calendar("XNYS")
FIRST = date(2025, 3, 3)
SHARED = Path(__file__).parents[4] / "shared" / "cases" / "broker"


def shared_case(name: str) -> MarketSource:
    """Open a shared worked example, or skip the test without it."""
    if not (SHARED / name).is_dir():
        pytest.skip("the shared worked examples are not present")
    return open_folder(SHARED / name)


def write_market(folder: Path, files: Mapping[str, str]) -> MarketSource:
    """Write the files of a market, by name, and open it."""
    folder.mkdir(exist_ok=True)
    for name, text in files.items():
        (folder / name).write_text(text.strip() + "\n", encoding="utf-8")
    return open_folder(folder)


def daily(rows: Mapping[str, tuple[object, ...]], symbol: str = "AAA") -> str:
    """Return daily bars of a symbol; the keys are dates, the values open, high, low, close and volume."""
    lines = [f"{symbol},{day},{','.join(map(str, row))}" for day, row in rows.items()]
    return "\n".join(["ticker,date,open,high,low,close,volume", *lines])


def flat_days(prices: Mapping[date, object], *, volume: int = 1_000_000) -> dict[str, tuple[object, ...]]:
    """Return bars that stand still at one price a day."""
    return {day.isoformat(): (price, price, price, price, volume) for day, price in prices.items()}


def sessions(count: int) -> tuple[date, ...]:
    """Return the first sessions from FIRST on."""
    return XNYS.between(FIRST, FIRST + timedelta(days=2 * count + 10))[:count]


def buy(
    quantity: object,
    *,
    limit: object = None,
    stop: object = None,
    target: object = None,
    tif: TimeInForce = TimeInForce.GTC,
    order_id: str = "b",
    symbol: str = "AAA",
) -> Order:
    """Return an order to buy, with a protective stop and a target where given."""
    kind = {2: OrderClass.BRACKET, 1: OrderClass.OTO, 0: OrderClass.SIMPLE}[(stop is not None) + (target is not None)]
    return Order(
        ClientOrderId(order_id), Symbol(symbol), Action.BUY, Decimal(str(quantity)),
        OrderType.MARKET if limit is None else OrderType.LIMIT, None if limit is None else Decimal(str(limit)), None,
        None, tif, kind, None if target is None else TakeProfit(Decimal(str(target))),
        None if stop is None else StopLoss(Decimal(str(stop))), "r", (),
    )  # fmt: skip


def margin_account(rules: AccountRules | None = None, cash: int = 10_000_000) -> Broker:
    """Open an account in memory; by default a margin account that fills up to a tenth of the volume."""
    broker = Broker.open("t", rules or AccountRules(margin=True), XNYS)
    broker.deposit("opening", cash)
    return broker


def walk(
    broker: Broker,
    source: MarketSource,
    days: tuple[date, ...],
    *orders: Order,
    last: object = 100,
    scale: int = 100,
    before: Callable[[date], None] | None = None,
) -> list[str]:
    """Advance through the sessions, sending the orders after the first; return the notices."""
    said: list[str] = []
    for number, session in enumerate(days):
        if before is not None:
            before(session)
        advance_session(broker, source, XNYS, session, said.append)
        if number == 0:
            for order in orders:
                instrument = Instrument(order.symbol, price_scale=scale)
                (answer,) = submit_orders(broker, [order], instrument, "run", Decimal(str(last)))
                assert answer.accepted, answer
    return said
