"""What a new session finds done: trades settled, dividends paid, interest and borrow fees accrued and charged."""

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
    """Bring the account from its last session to the opening of `session`, which `today` says as text."""
    book = recorder.book
    if book.session:
        accrue(recorder, session)
        if book.session[:7] != today[:7]:
            _charge(recorder, today)
    if book.due and min(book.due) <= today:
        recorder.record(CashSettled(today))
    for (symbol, ex_date), booked in sorted(book.dividends.items()) if book.dividends else ():
        if booked.pay_date <= today:
            recorder.record(DividendPaid(symbol, ex_date, today))


def accrue(recorder: EventRecorder, session: date) -> None:
    """Accrue for the calendar days since the last session, at its closes: value x rate / 360 a day.

    What was accrued already, before a corporate action of the same morning, is not accrued again.
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
    """Return settled cash without the collateral of shorts; negative when it is borrowed.

    A short sale's proceeds meet their collateral from the trade on, not from the settlement: no account borrows cash by
    selling short, or earns on the proceeds between a cover and its settlement.
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
