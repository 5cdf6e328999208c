"""What a new session finds done: trades settled, dividends paid, interest and borrow fees accrued and charged."""

from datetime import date

from . import chart
from .book import Book
from .events import Accrued, Charged, DividendPaid, Settled
from .scribe import Scribe
from .units import MICRO, half_even

YEAR = 360


def open_session(scribe: Scribe, session: date, today: str) -> None:
    """Bring the account from its last session to the opening of `session`, which `today` says as text."""
    book = scribe.book
    if book.session:
        _accrue(scribe, session)
        if book.session[:7] != today[:7]:
            _charge(scribe, today)
    if book.due and min(book.due) <= today:
        scribe.write(Settled(today))
    for (symbol, ex_date), booked in sorted(book.dividends.items()) if book.dividends else ():
        if booked.pay_date <= today:
            scribe.write(DividendPaid(symbol, ex_date, today))


def _accrue(scribe: Scribe, session: date) -> None:
    """Accrue for the calendar days since the last session, at its closes: value x rate / 360 a day."""
    book = scribe.book
    if not (book.short_value or book.rules.cash_bps or book.rules.margin_bps):
        return
    days = (session - date.fromisoformat(book.session)).days
    if book.short_value:
        for symbol in sorted(book.positions):
            value = book.values[symbol]
            if value < 0:
                _book(scribe, "borrow", symbol, session, value * book.instruments[symbol].borrow_bps * days)
    if book.rules.cash_bps or book.rules.margin_bps:
        free = free_cash(book)
        kind, rate = ("cash", book.rules.cash_bps) if free > 0 else ("margin", book.rules.margin_bps)
        _book(scribe, kind, "", session, free * rate * days)


def free_cash(book: Book) -> int:
    """Return settled cash without the collateral of shorts; negative when it is borrowed.

    A short sale's proceeds meet their collateral from the trade on, not from the settlement: nobody borrows cash by
    selling short, or earns on the proceeds between a cover and its settlement.
    """
    return book.balance(chart.CASH) + book.short_value + sum(due.shorts for due in book.due.values())


def _book(scribe: Scribe, kind: str, symbol: str, session: date, bps_days: int) -> None:
    if bps_days:
        micro = half_even(bps_days * MICRO, 10_000 * YEAR)
        scribe.write(Accrued(kind, symbol, session.isoformat(), micro, half_even(micro, MICRO)))


def _charge(scribe: Scribe, today: str) -> None:
    for (kind, symbol), accrual in sorted(scribe.book.accruals.items()):
        amount = half_even(accrual.micro, MICRO)
        scribe.write(Charged(kind, symbol, today, amount, accrual.booked - amount))
