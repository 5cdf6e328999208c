"""The opening of a session: settle trades, pay dividends, accrue and charge interest and borrow fees."""

from datetime import date

from ..book.book import Book
from ..model import chart_of_accounts
from ..model.events import (
    AccrualCharged,
    Accrued,
    CashSettled,
    DividendPaid,
)
from ..orders.recorder import EventRecorder
from ..pricing.units import MICRO, divide_half_even

DAY_COUNT = 360


def open_session(recorder: EventRecorder, session: date, today: str) -> None:
    """Process everything due between the last session and the opening of `session`; `today` is its ISO date."""
    book = recorder.book
    if book.session:
        accrue(recorder, session)
        if book.session[:7] != today[:7]:
            _charge(recorder, today)
    if book.due and min(book.due) <= today:
        recorder.record(CashSettled(today))
    for _, booked in sorted(book.dividends.items(), key=lambda each: each[0]) if book.dividends else ():
        if booked.pay_date <= today:
            recorder.record(DividendPaid(booked.symbol, booked.ex_date, today, booked.payment))


def accrue(recorder: EventRecorder, session: date) -> None:
    """Accrue interest and borrow fees for the calendar days since the last session.

    A day accrues value x rate / 360, with values at the last session's closes. Days accrued already, before a corporate
    action on the same morning, are not accrued again.
    """
    book = recorder.book
    since = max(book.session, book.accrued_to)
    if (
        not since
        or session.isoformat() <= since
        or not (book.short_value or book.rules.cash_bps or book.rules.margin_bps)
    ):
        return
    days = (session - date.fromisoformat(since)).days
    if book.short_value:
        for symbol in sorted(book.positions):
            value = book.values[symbol]
            if value < 0:
                _book(recorder, "borrow", symbol, session, value * book.instruments[symbol].borrow_bps * days)
    if book.rules.cash_bps or book.rules.margin_bps:
        free = interest_bearing_cash(book)
        kind, rate = ("cash", book.rules.cash_bps) if free > 0 else ("margin", book.rules.margin_bps)
        _book(recorder, kind, "", session, free * rate * days)


def interest_bearing_cash(book: Book) -> int:
    """Return settled cash less the collateral of shorts, in minor units; negative when cash is borrowed.

    Unsettled short sales and covers count from the trade date. Otherwise a short sale would appear as borrowed cash
    until its settlement, and its proceeds would earn interest between a cover and the cover's settlement.
    """
    return book.balance(chart_of_accounts.CASH) + book.short_value + sum(due.shorts for due in book.due.values())


def _book(recorder: EventRecorder, kind: str, symbol: str, session: date, bps_days: int) -> None:
    if bps_days:
        micro = divide_half_even(bps_days * MICRO, 10_000 * DAY_COUNT)
        recorder.record(Accrued(kind, symbol, session.isoformat(), micro, divide_half_even(micro, MICRO)))


def _charge(recorder: EventRecorder, today: str) -> None:
    for (kind, symbol), accrual in sorted(recorder.book.accruals.items()):
        amount = divide_half_even(accrual.micro, MICRO)
        recorder.record(AccrualCharged(kind, symbol, today, amount, accrual.booked - amount))
