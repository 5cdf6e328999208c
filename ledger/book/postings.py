"""Apply events that move money or shares; each function returns the event's postings."""

from collections.abc import Callable
from typing import Any

from ..model import chart_of_accounts
from ..model.entries import Posting
from ..model.events import (
    AccrualCharged,
    Accrued,
    CashSettled,
    Delisted,
    Deposited,
    DividendBooked,
    DividendPaid,
    SplitApplied,
)
from ..model.lots import Position
from ..model.order_events import OrderFilled
from ..pricing.units import divide_half_even
from .book import Accrual, Book, UnsettledCash, dividend_key
from .order_states import filled as count_fill
from .pattern_day_trader import count_fill as count_fill_by_day
from .record_date_holdings import Ratio

Postings = tuple[Posting, ...]


def _deposited(book: Book, event: Deposited) -> Postings:
    book.references[event.reference] = event.amount
    return _transfer(book, chart_of_accounts.CASH, chart_of_accounts.DEPOSITS, event.amount)


def filled(book: Book, event: OrderFilled) -> Postings:
    """Book a fill: close lots of the opposite side first, then open a lot with the rest."""
    count_fill(book, event)
    terms = book.orders[event.order_id].terms
    symbol, sign, currency = terms.symbol, terms.sign, book.currency
    book.holdings.add_fill(symbol, event.session, sign * event.quantity)
    position = book.positions.get(symbol)
    if position is None:
        position = book.positions[symbol] = Position(symbol)
    closing = min(event.quantity, abs(position.quantity)) if position.quantity * sign < 0 else 0
    opening = event.quantity - closing
    opened = event.value - divide_half_even(event.value * closing, event.quantity) if closing else event.value
    removed = position.close(closing, book.rules.lots, terms.lots) if closing else 0
    if opening:
        position.open(event.fill_id, sign * opening, sign * opened)
    if not position.quantity:
        del book.positions[symbol]
    count_fill_by_day(book, symbol, event.order_id, event.session, closes=closing > 0, opens=opening > 0)
    book.marks.setdefault(symbol, event.price)
    book.revalue(symbol)
    net = -sign * event.value - event.commission
    short_trade = opened if sign < 0 else opened - event.value
    legs = [
        Posting(_cash_account(book, event, net, short_trade), currency, net),
        Posting(chart_of_accounts.shares(symbol), symbol, sign * event.quantity),
        Posting(chart_of_accounts.market_account(symbol), symbol, -sign * event.quantity),
    ]
    _leg(legs, chart_of_accounts.cost(symbol), currency, sign * opened - removed)
    _leg(legs, chart_of_accounts.realised(symbol), currency, removed + sign * (event.value - opened))
    _leg(legs, chart_of_accounts.COMMISSION, currency, event.commission)
    return tuple(legs)


def _cash_account(book: Book, event: OrderFilled, net: int, short_trade: int) -> str:
    """Return the account that receives `net` and record its settlement.

    `short_trade` is the part of it that opened or covered a short.
    """
    if event.settles == event.session:
        return chart_of_accounts.CASH
    due = book.due.get(event.settles)
    if due is None:
        due = book.due[event.settles] = UnsettledCash()
    due.shorts += short_trade
    if net > 0:
        due.sales += net
        return chart_of_accounts.SALES
    due.purchases += net
    return chart_of_accounts.PURCHASES


def _leg(legs: list[Posting], account: str, commodity: str, amount: int) -> None:
    if amount:
        legs.append(Posting(account, commodity, amount))


def _settled(book: Book, event: CashSettled) -> Postings:
    legs: list[Posting] = []
    for day in sorted(day for day in book.due if day <= event.session):
        due = book.due.pop(day)
        _leg(legs, chart_of_accounts.SALES, book.currency, -due.sales)
        _leg(legs, chart_of_accounts.PURCHASES, book.currency, -due.purchases)
        _leg(legs, chart_of_accounts.CASH, book.currency, due.sales + due.purchases)
    return tuple(legs)


def _dividend_booked(book: Book, event: DividendBooked) -> Postings:
    day = dividend_key(event.ex_date, event.payment)
    book.actions.add(f"dividend:{event.symbol}:{day}")
    book.dividends[(event.symbol, day)] = event
    if event.amount >= 0:
        return _transfer(book, chart_of_accounts.DIVIDENDS_DUE, chart_of_accounts.DIVIDENDS, event.amount)
    return _transfer(book, chart_of_accounts.DIVIDENDS_OWED, chart_of_accounts.DIVIDENDS_PAID, event.amount)


def _dividend_paid(book: Book, event: DividendPaid) -> Postings:
    amount = book.dividends.pop((event.symbol, dividend_key(event.ex_date, event.payment))).amount
    return _transfer(
        book,
        chart_of_accounts.CASH,
        chart_of_accounts.DIVIDENDS_DUE if amount >= 0 else chart_of_accounts.DIVIDENDS_OWED,
        amount,
    )


def _split_applied(book: Book, event: SplitApplied) -> Postings:
    """Multiply the shares. The fraction is sold; a position of 0 shares realises the rest of its cost as a loss."""
    symbol = event.symbol
    book.actions.add(f"split:{symbol}:{event.ex_date}")
    book.holdings.add_split(symbol, event.ex_date, Ratio(event.numerator, event.denominator))
    if event.mark is not None:
        book.marks[symbol] = event.mark
    position = book.positions.get(symbol)
    if position is None:
        return ()
    before, cost = position.quantity, position.cost
    for lot_id, part in event.sold:
        position.remove_cost(lot_id, part)
    change = position.split(event.numerator, event.denominator) - before
    legs: list[Posting] = []
    _leg(legs, chart_of_accounts.shares(symbol), symbol, change)
    _leg(legs, chart_of_accounts.market_account(symbol), symbol, -change)
    _leg(legs, chart_of_accounts.CASH, book.currency, event.in_lieu)
    proceeds = event.in_lieu
    if not event.sold:
        _leg(legs, chart_of_accounts.CASH_IN_LIEU, book.currency, -proceeds)
        proceeds = 0
    if not position.quantity:
        position.clear()
        del book.positions[symbol]
    removed = cost - position.cost
    _leg(legs, chart_of_accounts.cost(symbol), book.currency, -removed)
    _leg(legs, chart_of_accounts.realised(symbol), book.currency, removed - proceeds)
    book.revalue(symbol)
    return tuple(legs)


def _delisted(book: Book, event: Delisted) -> Postings:
    symbol = event.symbol
    book.actions.add(f"delisting:{symbol}")
    book.delisted.add(symbol)
    book.holdings.add_delisting(symbol, event.day)
    position = book.positions.pop(symbol, None)
    if position is None:
        return ()
    quantity, lost = position.quantity, position.clear()
    book.revalue(symbol)
    legs = [
        Posting(chart_of_accounts.shares(symbol), symbol, -quantity),
        Posting(chart_of_accounts.market_account(symbol), symbol, quantity),
    ]
    _leg(legs, chart_of_accounts.CASH, book.currency, event.value)
    _leg(legs, chart_of_accounts.cost(symbol), book.currency, -lost)
    _leg(legs, chart_of_accounts.realised(symbol), book.currency, lost - event.value)
    return tuple(legs)


def _accrued(book: Book, event: Accrued) -> Postings:
    accrual = book.accruals.setdefault((event.kind, event.symbol), Accrual())
    book.accrued_to = event.session
    accrual.micro += event.micro
    accrual.booked += event.amount
    if event.amount >= 0:
        return _transfer(book, chart_of_accounts.INTEREST_DUE, chart_of_accounts.INTEREST, event.amount)
    return _transfer(book, chart_of_accounts.CHARGES_OWED, EXPENSE[event.kind], event.amount)


def _charged(book: Book, event: AccrualCharged) -> Postings:
    """Pay a month of accruals in cash; the difference to the daily bookings goes to the rounding account."""
    booked = book.accruals.pop((event.kind, event.symbol)).booked
    legs: list[Posting] = []
    _leg(legs, chart_of_accounts.CASH, book.currency, event.amount)
    _leg(
        legs,
        chart_of_accounts.INTEREST_DUE if event.kind == "cash" else chart_of_accounts.CHARGES_OWED,
        book.currency,
        -booked,
    )
    _leg(legs, chart_of_accounts.ROUNDING, book.currency, event.residue)
    return tuple(legs)


def _transfer(book: Book, debit: str, credit: str, amount: int) -> Postings:
    if not amount:
        return ()
    return (Posting(debit, book.currency, amount), Posting(credit, book.currency, -amount))


EXPENSE = {
    "borrow": chart_of_accounts.BORROW,
    "margin": chart_of_accounts.MARGIN_INTEREST,
    "cash": chart_of_accounts.INTEREST,
}
MONEY_FOLDS: dict[type, Callable[[Book, Any], Postings]] = {
    Deposited: _deposited,
    OrderFilled: filled,
    CashSettled: _settled,
    DividendBooked: _dividend_booked,
    DividendPaid: _dividend_paid,
    SplitApplied: _split_applied,
    Delisted: _delisted,
    Accrued: _accrued,
    AccrualCharged: _charged,
}
