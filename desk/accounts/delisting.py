"""A delisting that a person confirms."""

from datetime import date
from decimal import Decimal

from ...domain.errors import OrderRejected
from ...ledger.broker import Broker
from ...ledger.model.events import Delisted
from ...ledger.model.instrument import Instrument
from ...ledger.pricing.units import exact_units
from .stale_prices import stale_price


def confirm_delisting(broker: Broker, symbol: str, price: Decimal) -> bool:
    """Close the position in a symbol that no longer trades at `price`; return False if this was booked before.

    The delisting is booked on the account's last session. Raises OrderRejected for a negative price or one between two
    price steps, a symbol that is not held or traded in the last session, and a delisting booked at another price.
    """
    book = broker.book
    if symbol not in book.delisted and symbol not in book.positions:
        raise OrderRejected(f"account {book.account} does not hold {symbol}; there is nothing to delist")
    if price.is_finite() and price < 0:
        raise OrderRejected(f"the price {price} is negative; use 0 for a worthless listing")
    instrument = book.instruments[symbol]
    ticks = exact_units(price, instrument.price_scale, "price") if price else 0
    if symbol in book.delisted:
        _check_same_price(broker, instrument, ticks)
        return False
    if stale_price(book, symbol) is None:
        raise OrderRejected(f"{symbol} traded on {book.session}, the last session of account {book.account}; sell it")
    broker.delist(symbol, date.fromisoformat(book.session), ticks)
    return True


def _check_same_price(broker: Broker, instrument: Instrument, ticks: int) -> None:
    symbol, events = instrument.symbol, reversed(broker.journal.events)
    booked = next(event.price for event in events if isinstance(event, Delisted) and event.symbol == symbol)
    if booked != ticks:
        raise OrderRejected(f"{symbol} was delisted at {instrument.price(booked)} already; that cannot be changed")
