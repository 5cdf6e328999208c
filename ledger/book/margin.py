"""What an account may still buy, what it must hold, and what an order sets aside."""

from ..model import chart_of_accounts
from ..model.instrument import Instrument
from ..pricing.units import divide_half_even
from .book import Book

FULL = 10_000


def available_cash(book: Book) -> int:
    """Return settled cash less unsettled purchases and reservations: the limit of a cash account."""
    return book.balance(chart_of_accounts.CASH) + book.balance(chart_of_accounts.PURCHASES) - book.reserved


def initial_requirement(book: Book, value: int) -> int:
    """Return the equity needed to open positions worth the unsigned `value`."""
    return divide_half_even(value * book.rules.initial_bps, FULL)


def excess_margin(book: Book) -> int:
    """Return equity above the initial requirement of all positions and above all reservations."""
    held = book.long_value - book.short_value
    return book.equity - book.reserved - (initial_requirement(book, held) if held else 0)


def maintenance_requirement(book: Book) -> int:
    """Return the equity needed to keep the positions."""
    rules = book.rules
    return divide_half_even(
        book.long_value * rules.maintenance_long_bps - book.short_value * rules.maintenance_short_bps, FULL
    )


def buying_power(book: Book) -> int:
    """Return what reservations and fills are checked against: cash, or the excess of a margin account."""
    return excess_margin(book) if book.rules.margin else available_cash(book)


def withdrawable(book: Book) -> int:
    """Return the cash that may leave: never borrowed, never the proceeds of a short, never reserved."""
    if not book.rules.margin:
        return max(0, available_cash(book))
    return max(0, min(excess_margin(book), available_cash(book) + book.short_value))


def requirement(book: Book, value: int, commission: int) -> int:
    """Return what opening a position worth `value` takes out of the buying power."""
    return (initial_requirement(book, value) if book.rules.margin else value) + commission


def reservation(book: Book, instrument: Instrument, quantity: int, value: int, *, with_buffer: bool) -> int:
    """Return what to set aside for opening `quantity` worth `value`, with the cushion where no limit binds."""
    rules = book.rules
    if with_buffer:
        value += divide_half_even(value * rules.cushion_bps, FULL)
    charge = rules.commission.total(quantity, instrument.quantity_scale, value)
    return (divide_half_even(value * rules.initial_bps, FULL) if rules.margin else value) + charge
