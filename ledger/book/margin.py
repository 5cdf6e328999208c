"""Buying power, margin requirements and order reservations, all in minor units."""

from ..model import chart_of_accounts
from ..model.instrument import Instrument
from ..pricing.units import divide_half_even
from .book import Book

FULL = 10_000


def available_cash(book: Book) -> int:
    """Return settled cash less unsettled purchases and reservations: the buying power of a cash account."""
    return book.balance(chart_of_accounts.CASH) + book.balance(chart_of_accounts.PURCHASES) - book.reserved


def initial_requirement(book: Book, value: int) -> int:
    """Return the equity required to open positions worth the unsigned `value`."""
    return divide_half_even(value * book.rules.initial_bps, FULL)


def excess_margin(book: Book) -> int:
    """Return equity less the initial requirement of all positions and less all reservations."""
    held = book.long_value - book.short_value
    return book.equity - book.reserved - (initial_requirement(book, held) if held else 0)


def maintenance_requirement(book: Book) -> int:
    """Return the equity required to keep the positions open."""
    rules = book.rules
    return divide_half_even(
        book.long_value * rules.maintenance_long_bps - book.short_value * rules.maintenance_short_bps, FULL
    )


def buying_power(book: Book) -> int:
    """Return the buying power: available cash, or the excess margin of a margin account."""
    return excess_margin(book) if book.rules.margin else available_cash(book)


def withdrawable(book: Book) -> int:
    """Return the cash that can be withdrawn, without borrowed cash, short-sale proceeds and reservations."""
    if not book.rules.margin:
        return max(0, available_cash(book))
    return max(0, min(excess_margin(book), available_cash(book) + book.short_value))


def requirement(book: Book, value: int, commission: int) -> int:
    """Return the buying power used to open a position worth `value`, including `commission`."""
    return (initial_requirement(book, value) if book.rules.margin else value) + commission


def reservation(book: Book, instrument: Instrument, quantity: int, value: int, *, with_buffer: bool) -> int:
    """Return the buying power to reserve for opening `quantity` worth `value`, including commission.

    `with_buffer` adds `cushion_bps` of the value, for orders without a limit.
    """
    rules = book.rules
    if with_buffer:
        value += divide_half_even(value * rules.cushion_bps, FULL)
    charge = rules.commission.total(quantity, instrument.quantity_scale, value)
    return (divide_half_even(value * rules.initial_bps, FULL) if rules.margin else value) + charge
