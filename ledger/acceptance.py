"""The broker's rules for taking an order: every refusal has a reason."""

from collections.abc import Iterable
from typing import NamedTuple

from ..domain.orders import OrderType, TimeInForce
from .book import Book
from .crossing import Crossing
from .day_trading import is_restricted
from .instrument import Instrument
from .margin import buying_power, reservation
from .order import Reason, Terms
from .ticket import Ticket

MARKET, LIMIT, STOP, STOP_LIMIT, TRAILING = OrderType
DAY, GTC = TimeInForce.DAY, TimeInForce.GTC
NEEDS_LIMIT, NEEDS_STOP = (LIMIT, STOP_LIMIT), (STOP, STOP_LIMIT)  # looked up faster than sets: an enum hashes slowly
PLAIN = (MARKET, LIMIT)
MOST_SHARES, MOST_PRICE, MOST_VALUE = 10**12, 10**10, 10**15
"""Of an order: shares (or coins), currency a share, and minor units. What lies beyond is a slip of the finger."""

MOST_STEPS = 2**62
"""A position, with all that rests to open one, stays below this in steps and in value: databases count so far."""

FEW_STEPS = 2**42
"""Orders of so many steps cannot exceed that together: no account has a million of them."""


class Standing(NamedTuple):
    """What a ticket is judged by: the book, the last price in ticks (None when unknown), and what rests."""

    book: Book
    reference: int | None
    crossing: Crossing | None


def judged(standing: Standing, ticket: Ticket) -> Reason | int:
    """Return why the broker does not take the ticket, or the buying power that it sets aside for it."""
    book, terms = standing.book, ticket.terms
    instrument = book.instruments.get(terms.symbol)
    if instrument is None or terms.symbol in book.delisted:
        return Reason.UNKNOWN_SYMBOL
    if book.halted is not None:
        return Reason.HALTED
    for part in (terms, *ticket.exits) if ticket.exits else (terms,):
        if reason := _form(part, instrument):
            return reason
    return (
        _fraction(ticket, instrument, coins=book.rules.coins)
        or _intent(book, terms, instrument)
        or ((ticket.exits or terms.type not in PLAIN) and _sides(standing, ticket))
        or _cross(standing, terms)
        or _power(standing, ticket, instrument)
    )


def _form(terms: Terms, instrument: Instrument) -> Reason | None:
    """Check quantity, and that the levels are exactly those that the type needs."""
    kind, quantity, limit, stop, trail = terms.type, terms.quantity, terms.limit, terms.stop, terms.trail
    if not 0 < quantity <= MOST_SHARES * instrument.quantity_scale:
        return Reason.BAD_QUANTITY
    if quantity % instrument.lot:
        return Reason.BAD_LOT
    for price in (limit, stop, trail):
        if price is not None and not (
            0 < price <= MOST_PRICE * instrument.price_scale and instrument.money(price, quantity) <= MOST_VALUE
        ):
            return Reason.BAD_PRICE
    fits = (
        (limit is not None) == (kind in NEEDS_LIMIT)
        and (stop is not None)
        == (kind in NEEDS_STOP or (kind is TRAILING and (terms.parent or terms.group) is not None))
        and (trail is not None) == (kind is TRAILING)
        and (terms.tif in (DAY, GTC) or kind in (MARKET, LIMIT))
    )
    return None if fits else Reason.BAD_TERMS


def _fraction(ticket: Ticket, instrument: Instrument, *, coins: bool) -> Reason | None:
    """Allow parts of a share only for plain day orders at the market or a limit; parts of coins are like wholes."""
    terms = ticket.terms
    if instrument.quantity_scale == 1 or coins or terms.quantity % instrument.quantity_scale == 0:
        return None
    plain = terms.tif is DAY and terms.type in (MARKET, LIMIT) and not ticket.exits
    return None if plain else Reason.FRACTION_NOT_ALLOWED


def _intent(book: Book, terms: Terms, instrument: Instrument) -> Reason | None:
    held = book.quantity(terms.symbol)
    if terms.closing:
        closable = abs(held) if held * terms.sign < 0 else 0
        if terms.quantity > closable - book.claimed.get(terms.symbol, 0):
            return Reason.EXCEEDS_POSITION
        position = book.positions.get(terms.symbol)
        known = {lot.lot_id for lot in position.lots} if position and terms.lots else set()
        return None if known.issuperset(terms.lots) else Reason.UNKNOWN_LOT
    if held * terms.sign < 0:
        return Reason.WRONG_INTENT
    if is_restricted(book):
        return Reason.DAY_TRADER
    if terms.sign < 0 and not book.rules.margin:
        return Reason.NO_SHORTS
    return Reason.NO_LOCATE if terms.sign < 0 and not instrument.shortable else None


def _sides(standing: Standing, ticket: Ticket) -> Reason | None:
    """Refuse stops that the market has passed already, and exits on the wrong side of the entry or of each other."""
    terms, reference = ticket.terms, standing.reference
    if terms.type is TRAILING and terms.stop is None and reference is None:
        return Reason.NO_REFERENCE
    if terms.type is TRAILING and terms.sign < 0 and (terms.trail or 0) >= (reference or 0):
        return Reason.BAD_PRICE
    if terms.stop is not None and reference is not None and terms.sign * (terms.stop - reference) <= 0:
        return Reason.WRONG_SIDE
    entry = terms.limit or terms.stop or reference
    for leg in ticket.exits:
        if leg.parent is None:
            entry = terms.limit
        if entry is not None and _misplaced(leg, entry):
            return Reason.WRONG_SIDE
    return None


def misfit(
    instrument: Instrument, leg: Terms, entry: int | None, others: Iterable[Terms], *, waits: bool
) -> Reason | None:
    """Return why an exit, or a leg of a pair, does not fit the price `entry` or the legs that exclude it.

    One that `waits` for its entry must lie on the right side of it; for one that lives only a stop must not be passed.
    """
    if reason := _form(leg, instrument):
        return reason
    if entry is not None and (waits or leg.stop is not None) and _misplaced(leg, entry):
        return Reason.WRONG_SIDE
    pairs = ((leg, other) if leg.stop is None else (other, leg) for other in others)
    wrong = any(
        target.limit is not None and stop.stop is not None and leg.sign * (target.limit - stop.stop) >= 0
        for target, stop in pairs
    )
    return Reason.WRONG_SIDE if wrong else None


def _misplaced(leg: Terms, entry: int) -> bool:
    """Say whether an exit would act at once at the price `entry`: a stop lies beyond it, a take-profit before it."""
    if leg.stop is not None:
        return leg.sign * (leg.stop - entry) <= 0
    return leg.limit is not None and leg.sign * (leg.limit - entry) >= 0


def _cross(standing: Standing, terms: Terms) -> Reason | None:
    if standing.crossing is not None and standing.crossing.crosses(
        terms.sign, terms.type, terms.limit, standing.reference
    ):
        return Reason.SELF_CROSS
    return None


def _power(standing: Standing, ticket: Ticket, instrument: Instrument) -> Reason | int:
    """Return what to reserve, for a pair that opens all in all; nothing to make a position smaller."""
    if ticket.terms.closing:
        return 0
    if not ticket.exits:
        return power(standing, instrument, ticket.terms)
    return power(standing, instrument, ticket.terms, *(leg for leg in ticket.exits if not leg.closing))


def power(standing: Standing, instrument: Instrument, *legs: Terms) -> Reason | int:
    """Return what orders that exclude each other reserve together: the most that one of them needs."""
    most = 0
    for leg in legs:
        needed = need(standing, instrument, leg)
        if isinstance(needed, Reason):
            return needed
        most = max(most, needed)
    return most if most <= buying_power(standing.book) else Reason.NO_BUYING_POWER


def apportioned(standing: Standing, ticket: Ticket, reserved: int) -> int:
    """Return how much of what an accepted ticket reserves its order needs by itself; a second leg adds the rest."""
    if ticket.terms.closing:
        return reserved
    own = need(standing, standing.book.instruments[ticket.terms.symbol], ticket.terms)
    return reserved if isinstance(own, Reason) else own


def need(standing: Standing, instrument: Instrument, terms: Terms) -> Reason | int:
    """Return what an opening order sets aside by itself: at the limit, else the stop, else the last price."""
    price = terms.limit or terms.stop or standing.reference
    if price is None:
        return Reason.NO_REFERENCE
    value = instrument.money(price, terms.quantity)
    if value > MOST_VALUE or _overflows(standing.book, terms, instrument, price):
        return Reason.BAD_QUANTITY
    return reservation(standing.book, instrument, terms.quantity, value, cushioned=terms.limit is None)


def _overflows(book: Book, terms: Terms, instrument: Instrument, price: int) -> bool:
    """Say whether the position could grow beyond what can be counted, once all is filled that rests to open one."""
    steps = abs(book.quantity(terms.symbol)) + terms.quantity
    if steps > FEW_STEPS:
        resting = (order for order in book.live_orders() if order.terms.symbol == terms.symbol)
        steps += sum(order.remaining for order in resting if not order.terms.closing)
    return max(steps, instrument.money(price, steps)) >= MOST_STEPS
