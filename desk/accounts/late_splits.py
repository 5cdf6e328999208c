"""Splits that the market reports only after the account has processed the session of their ex-date."""

from datetime import date
from fractions import Fraction

from ...domain.errors import InvalidData
from ...domain.ids import Symbol
from ...domain.market import Split
from ...domain.trading_calendar import TradingCalendar
from ...ledger.broker import Broker
from ...ledger.engine.late_splits import accepted_after_session
from ...ledger.pricing.split_ratio import exact_ratio
from ...market.source import MarketSource
from .intraday_bars import Notify
from .symbol_faults import SymbolFaults


def book_late_splits(
    broker: Broker,
    source: MarketSource,
    sessions: TradingCalendar,
    session: date,
    notify: Notify,
    faults: SymbolFaults,
) -> None:
    """Book the splits that an earlier session than `session` missed, where that is certainly right.

    These are splits of what is held, and of symbols with resting orders from before the split. `faults` receives the
    symbols of which a late split cannot be booked; `notify` receives a sentence on each split that was booked.
    """
    book, close, last = broker.book, sessions.close(session), sessions.previous(session)
    resting = {order.terms.symbol for order in book.live_orders()}
    for name in sorted(book.positions.keys() | resting) if book.first_session else ():
        if name in faults.found:
            continue
        with faults.guard(name):
            for split in source.splits(Symbol(name), until=close):
                if split.ex_date <= last and is_missed_split(broker, name, split.ex_date):
                    broker.split(name, split.ex_date, split_ratio(split))
                    orders = "" if name in book.positions else "; its orders from before are canceled or adjusted"
                    notify(
                        f"{session}: the split of {name} on {split.ex_date} became known late and is booked now{orders}"
                    )


def is_missed_split(broker: Broker, symbol: str, ex_date: date) -> bool:
    """Return whether a split is not booked, and later than the account's first session and what it changes.

    That is the position's start, or the acceptance of an order if the symbol is not held.
    """
    book, day = broker.book, ex_date.isoformat()
    if not book.first_session < day or f"split:{symbol}:{day}" in book.actions:
        return False
    if symbol in book.positions:
        return book.holdings.histories[symbol].since < day
    resting = [order.terms.order_id for order in book.live_orders() if order.terms.symbol == symbol]
    return any(accepted_after_session(broker.journal, order_id) < day for order_id in resting)


def split_ratio(split: Split) -> Fraction:
    """Return the exact ratio of a split; raises InvalidData for one that cannot be true."""
    try:
        return exact_ratio(split.ratio)
    except ValueError as error:
        raise InvalidData("splits", None, f"{split.symbol}: {error}") from error
