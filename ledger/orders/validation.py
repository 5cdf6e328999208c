"""The broker's rules for accepting an order; every rejection has a reason."""

from collections.abc import Iterable
from dataclasses import replace
from typing import NamedTuple

from ...domain.orders import OrderType, TimeInForce
from ..book.book import Book
from ..book.margin import buying_power, initial_requirement, reservation
from ..book.pattern_day_trader import is_restricted
from ..model.instrument import Instrument
from ..model.order import OrderState, OrderStatus, OrderTerms, RejectReason
from ..model.order_request import OrderRequest
from .self_trade import SelfTradeIndex

MARKET, LIMIT, STOP, STOP_LIMIT, TRAILING = OrderType
DAY, GTC = TimeInForce.DAY, TimeInForce.GTC
NEEDS_LIMIT, NEEDS_STOP = (LIMIT, STOP_LIMIT), (STOP, STOP_LIMIT)  # looked up faster than sets: an enum hashes slowly
PLAIN = (MARKET, LIMIT)
MAX_SHARES, MAX_PRICE, MAX_VALUE = 10**12, 10**10, 10**15
"""Limits of one order: shares (or coins), currency per share, minor units. Larger values are rejected as errors."""

MAX_STEPS = 2**62
"""A position with all its opening orders stays below this in quantity steps and minor units (64-bit columns)."""

SAFE_ORDER_STEPS = 2**42
"""Positions and orders up to this many steps need no check against MAX_STEPS: a million of them stay below it."""


class ValidationContext(NamedTuple):
    """The inputs of validation: the book, the last price in ticks (None when unknown), and the self-trade index."""

    book: Book
    reference: int | None
    self_trades: SelfTradeIndex | None


def validate(context: ValidationContext, request: OrderRequest) -> RejectReason | int:
    """Return why the broker rejects the request, or the buying power to reserve for it in minor units."""
    book, terms = context.book, request.terms
    instrument = book.instruments.get(terms.symbol)
    if instrument is None or terms.symbol in book.delisted:
        return RejectReason.UNKNOWN_SYMBOL
    if book.halted is not None:
        return RejectReason.HALTED
    if book.reducing is not None and not terms.closing:
        return RejectReason.REDUCING
    if terms.symbol in book.quarantined:
        return RejectReason.QUARANTINED
    for part in (terms, *request.exits) if request.exits else (terms,):
        if reason := _form(part, instrument):
            return reason
    return (
        _fraction(request, instrument, crypto=book.rules.crypto)
        or _intent(book, terms, instrument)
        or ((request.exits or terms.type not in PLAIN) and _sides(context, request))
        or _cross(context, terms)
        or _power(context, request, instrument)
    )


def _form(terms: OrderTerms, instrument: Instrument) -> RejectReason | None:
    """Check the quantity, the prices, that the levels match the order type, and that only a lone entry awaits."""
    kind, quantity, limit, stop, trail = terms.type, terms.quantity, terms.limit, terms.stop, terms.trail
    if not 0 < quantity <= MAX_SHARES * instrument.quantity_scale:
        return RejectReason.BAD_QUANTITY
    if quantity % instrument.lot:
        return RejectReason.BAD_LOT
    for price in (limit, stop, trail):
        if price is not None and not (
            0 < price <= MAX_PRICE * instrument.price_scale and instrument.money(price, quantity) <= MAX_VALUE
        ):
            return RejectReason.BAD_PRICE
        if price is not None and price is not trail and kind is not TRAILING and price % instrument.tick(price):
            return RejectReason.BAD_PRICE
    fits = (
        (limit is not None) == (kind in NEEDS_LIMIT)
        and (stop is not None)
        == (kind in NEEDS_STOP or (kind is TRAILING and (terms.parent or terms.group) is not None))
        and (trail is not None) == (kind is TRAILING)
        and (terms.tif in (DAY, GTC) or (kind in (MARKET, LIMIT) and terms.good_after is None))
        and (terms.awaits is None or not (terms.closing or terms.parent or terms.group))
    )
    return None if fits else RejectReason.BAD_TERMS


def _fraction(request: OrderRequest, instrument: Instrument, *, crypto: bool) -> RejectReason | None:
    """Allow fractions of a share only for market and limit day orders without exits; crypto is unrestricted."""
    terms = request.terms
    if instrument.quantity_scale == 1 or crypto or terms.quantity % instrument.quantity_scale == 0:
        return None
    plain = terms.tif is DAY and terms.type in (MARKET, LIMIT) and not request.exits
    return None if plain else RejectReason.FRACTION_NOT_ALLOWED


def _intent(book: Book, terms: OrderTerms, instrument: Instrument) -> RejectReason | None:
    held = book.quantity(terms.symbol)
    if terms.closing:
        closable = abs(held) if held * terms.sign < 0 else 0
        if terms.quantity > closable - book.reserved_for_exit.get(terms.symbol, 0):
            return RejectReason.EXCEEDS_POSITION
        position = book.positions.get(terms.symbol)
        known = {lot.lot_id for lot in position.lots} if position and terms.lots else set()
        return None if known.issuperset(terms.lots) else RejectReason.UNKNOWN_LOT
    if terms.awaits is not None and (reason := _awaited(book, terms, held)):
        return reason
    if terms.awaits is None and held * terms.sign < 0:
        return RejectReason.WRONG_INTENT
    if is_restricted(book):
        return RejectReason.DAY_TRADER
    if terms.sign < 0 and not book.rules.margin:
        return RejectReason.NO_SHORTS
    return RejectReason.NO_LOCATE if terms.sign < 0 and not instrument.shortable else None


def _awaited(book: Book, terms: OrderTerms, held: int) -> RejectReason | None:
    """Check that the order that an entry awaits closes the whole position of the other side by itself."""
    parts = book.parts(terms.awaits or "")
    if terms.tif not in (DAY, GTC):
        return RejectReason.BAD_TERMS
    if all(part.ended for part in parts) or any(part.ended and part.status is not OrderStatus.FILLED for part in parts):
        return RejectReason.PARENT_ENDED
    if not all(_closes_alone(part.terms, terms) for part in parts):
        return RejectReason.BAD_TERMS
    closing = sum(part.remaining for part in parts)
    return RejectReason.WRONG_INTENT if held * terms.sign >= 0 or closing < abs(held) else None


def _closes_alone(leg: OrderTerms, entry: OrderTerms) -> bool:
    """Return whether an order is an exit on the side of `entry` that is linked to no other order."""
    return leg.closing and (leg.symbol, leg.sign) == (entry.symbol, entry.sign) and leg.parent is leg.group is None


def _sides(context: ValidationContext, request: OrderRequest) -> RejectReason | None:
    """Reject stops that the market has already passed, and exits on the wrong side of the entry or the other leg."""
    terms, reference = request.terms, context.reference
    if terms.type is TRAILING and terms.stop is None and reference is None:
        return RejectReason.NO_REFERENCE
    if terms.type is TRAILING and terms.sign < 0 and (terms.trail or 0) >= (reference or 0):
        return RejectReason.BAD_PRICE
    if terms.stop is not None and reference is not None and terms.sign * (terms.stop - reference) <= 0:
        return RejectReason.WRONG_SIDE
    entry = terms.limit or terms.stop or reference
    for leg in request.exits:
        if leg.parent is None:
            entry = terms.limit
        if entry is not None and _misplaced(leg, entry):
            return RejectReason.WRONG_SIDE
    return None


def exit_level_error(
    instrument: Instrument, leg: OrderTerms, entry: int | None, others: Iterable[OrderTerms], *, waits: bool
) -> RejectReason | None:
    """Return why the levels of an exit or OCO leg contradict the price `entry` or the other legs, or None.

    A held exit (`waits`) must lie on the correct side of `entry`. For an active one only the stop is checked.
    """
    if reason := _form(leg, instrument):
        return reason
    if entry is not None and (waits or leg.stop is not None) and _misplaced(leg, entry):
        return RejectReason.WRONG_SIDE
    pairs = ((leg, other) if leg.stop is None else (other, leg) for other in others)
    wrong = any(
        target.limit is not None and stop.stop is not None and leg.sign * (target.limit - stop.stop) >= 0
        for target, stop in pairs
    )
    return RejectReason.WRONG_SIDE if wrong else None


def _misplaced(leg: OrderTerms, entry: int) -> bool:
    """Return whether an exit would trade at once at the price `entry`."""
    if leg.stop is not None:
        return leg.sign * (leg.stop - entry) <= 0
    return leg.limit is not None and leg.sign * (leg.limit - entry) >= 0


def _cross(context: ValidationContext, terms: OrderTerms) -> RejectReason | None:
    if context.self_trades is not None and context.self_trades.crosses(
        terms.sign, terms.type, terms.limit, context.reference
    ):
        return RejectReason.SELF_CROSS
    return None


def _power(context: ValidationContext, request: OrderRequest, instrument: Instrument) -> RejectReason | int:
    """Return the reservation of a request, for an opening pair in total; 0 for closing orders."""
    if request.terms.closing:
        return 0
    if request.terms.awaits is not None:
        return _power_after_exit(context, instrument, request.terms)
    if not request.exits:
        return required_buying_power(context, instrument, request.terms)
    return required_buying_power(context, instrument, request.terms, *(leg for leg in request.exits if not leg.closing))


def required_buying_power(context: ValidationContext, instrument: Instrument, *legs: OrderTerms) -> RejectReason | int:
    """Return the joint reservation of orders that cancel each other: the largest requirement of one leg."""
    limit = 0
    for leg in legs:
        needed = order_requirement(context, instrument, leg)
        if isinstance(needed, RejectReason):
            return needed
        limit = max(limit, needed)
    return limit if limit <= buying_power(context.book) else RejectReason.NO_BUYING_POWER


def _power_after_exit(context: ValidationContext, instrument: Instrument, terms: OrderTerms) -> RejectReason | int:
    """Return the reservation of an entry that awaits an exit: what it needs beyond what the exit frees.

    Position and entry are never open together, so a margin account needs the larger requirement of both.
    """
    book = context.book
    needed = order_requirement(context, instrument, terms)
    if isinstance(needed, RejectReason):
        return needed
    freed = initial_requirement(book, abs(book.values.get(terms.symbol, 0))) if book.rules.margin else 0
    for order_id in book.waiting.get(terms.symbol, ()):
        other = 0 if order_id == terms.order_id else _current_requirement(context, instrument, book.orders[order_id])
        freed -= 0 if isinstance(other, RejectReason) else other
    beyond = needed - max(0, freed)
    return max(0, beyond) if beyond <= buying_power(book) else RejectReason.NO_BUYING_POWER


def _current_requirement(context: ValidationContext, instrument: Instrument, order: OrderState) -> RejectReason | int:
    levels = order.levels
    now = replace(order.terms, quantity=order.remaining, limit=levels.limit, stop=levels.stop)
    return order_requirement(context, instrument, now)


def own_requirement(context: ValidationContext, request: OrderRequest, reserved: int) -> int:
    """Return the part of an accepted request's reservation that belongs to its order; the second leg holds the rest."""
    if request.terms.closing or request.terms.awaits is not None:
        return reserved
    own = order_requirement(context, context.book.instruments[request.terms.symbol], request.terms)
    return reserved if isinstance(own, RejectReason) else own


def order_requirement(context: ValidationContext, instrument: Instrument, terms: OrderTerms) -> RejectReason | int:
    """Return the reservation of an opening order, valued at its limit, else its stop, else the last price."""
    price = terms.limit or terms.stop or context.reference
    if price is None:
        return RejectReason.NO_REFERENCE
    value = instrument.money(price, terms.quantity)
    if value > MAX_VALUE or _overflows(context.book, terms, instrument, price):
        return RejectReason.BAD_QUANTITY
    return reservation(context.book, instrument, terms.quantity, value, with_buffer=terms.limit is None)


def _overflows(book: Book, terms: OrderTerms, instrument: Instrument, price: int) -> bool:
    """Return whether the position could exceed MAX_STEPS once all opening orders are filled."""
    steps = abs(book.quantity(terms.symbol)) + terms.quantity
    if steps > SAFE_ORDER_STEPS:
        resting = (order for order in book.live_orders() if order.terms.symbol == terms.symbol)
        steps += sum(order.remaining for order in resting if not order.terms.closing)
    return max(steps, instrument.money(price, steps)) >= MAX_STEPS
