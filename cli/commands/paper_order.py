"""`openoutcry paper order` and `paper close`: orders of a person."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation

from ...app.amounts import without_grouping
from ...app.factories import normalize_symbol
from ...app.manual_orders import EntryKey, ManualOrderService
from ...app.settings import load_settings
from ...desk.accounts.manual_orders import ManualOrder, ManualReceipt
from ...domain.errors import ConfigError
from ...domain.orders import Action, OrderType, TimeInForce
from ..console.tables import print_line, print_notice, print_record
from .paper import open_configured_ledger

LARGEST = Decimal(10) ** 12
"""The largest quantity or price that is read; the broker's own limits are narrower."""


@dataclass(frozen=True, slots=True)
class EntryPlace:
    """The account, idempotency reference, session and market of a manual order, as arguments."""

    account: str
    reference: str
    as_of: str | None
    market: str | None


@dataclass(frozen=True, slots=True)
class Levels:
    """The prices of a manual order, as arguments."""

    limit: str | None
    stop: str | None
    trail: str | None
    take_profit: str | None
    stop_loss: str | None


@dataclass(frozen=True, slots=True)
class OrderArguments:
    """The arguments of `paper order`."""

    symbol: str
    action: str
    quantity: str
    type: str
    levels: Levels
    time_in_force: str
    good_after: str | None = None


def order(place: EntryPlace, given: OrderArguments, *, as_json: bool) -> None:
    """Enter an order and print the result."""
    levels = given.levels
    entered = ManualOrder(
        symbol=normalize_symbol(given.symbol),
        action=Action(given.action),
        quantity=_number(given.quantity, "QUANTITY"),
        type=OrderType(given.type),
        limit_price=_price(levels.limit, "--limit"),
        stop_price=_price(levels.stop, "--stop"),
        trail=_price(levels.trail, "--trail"),
        time_in_force=TimeInForce(given.time_in_force),
        take_profit=_price(levels.take_profit, "--take-profit"),
        stop_loss=_price(levels.stop_loss, "--stop-loss"),
        good_after=_moment(given.good_after, "--good-after"),
    )
    _enter(place, lambda service, key: service.submit(key, entered), as_json=as_json)


def close(place: EntryPlace, symbol: str, *, as_json: bool) -> None:
    """Close a position and print the result."""
    closed = normalize_symbol(symbol)
    _enter(place, lambda service, key: service.close(key, closed), as_json=as_json)


def _enter(place: EntryPlace, act: Callable[[ManualOrderService, EntryKey], ManualReceipt], *, as_json: bool) -> None:
    settings = load_settings({"market": place.market} if place.market else {})
    with open_configured_ledger() as ledger:
        service = ManualOrderService(settings, ledger, print_notice)
        receipt = act(service, EntryKey(place.account, place.reference, place.as_of))
    if as_json:
        print_record(receipt, as_json=True)
        return
    again = " (entered before, nothing was changed)" if receipt.repeated else ""
    print_line(f"{receipt.order_id}: {receipt.action} {receipt.quantity:f} {receipt.symbol} is {receipt.status}{again}")
    for sentence in receipt.limits:
        print_line(f"limit {sentence}")
    if receipt.canceled:
        print_line(f"entries canceled: {', '.join(receipt.canceled)}")


def _price(text: str | None, what: str) -> Decimal | None:
    return None if text is None else _number(text, what)


def _moment(text: str | None, what: str) -> datetime | None:
    """Return a time with a zone; raises ConfigError that names `what`."""
    if text is None:
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError as error:
        raise ConfigError(f"{what} {text[:40]}: not an ISO 8601 time; write one such as 2025-03-04T15:30Z") from error
    if found.tzinfo is None:
        raise ConfigError(f"{what} {text[:40]}: the time has no zone; write one such as 2025-03-04T15:30Z")
    return found


def _number(text: str, what: str) -> Decimal:
    """Return a positive number; raises ConfigError that names `what`."""
    try:
        value = Decimal(without_grouping(text))
    except InvalidOperation as error:
        raise ConfigError(f"{what} {text[:40]}: not a number") from error
    if not value.is_finite() or not 0 < value <= LARGEST:
        raise ConfigError(f"{what} {text[:40]}: give a positive number up to {LARGEST:,f}")
    return value
