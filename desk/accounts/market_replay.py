"""What the exchange shows a broker: the raw bars of a session, and the corporate actions that come before them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from ...domain.errors import AccountMovedOn, ConfigError
from ...domain.ids import Symbol
from ...domain.market import Bar, DelistingRecord, Interval, Split
from ...domain.orders import OrderType
from ...domain.trading_calendar import TradingCalendar
from ...ledger.book.book import Book
from ...ledger.broker import Broker
from ...ledger.model.account_rules import BarInterval
from ...ledger.model.bar_time import BarTime
from ...ledger.model.bars import to_integer_bar
from ...ledger.model.events import Event
from ...ledger.model.instrument import Instrument
from ...ledger.model.order import OrderStatus
from ...ledger.pricing.integer_bar import IntegerBar
from ...ledger.pricing.units import rounded_units
from ...market.source import MarketSource
from ...market.source_capabilities import delistings_of
from .intraday_bars import IntradayBars, Notify, load_intraday_bars
from .lapsed_slices import lapsed_slices
from .late_bars import halts, late_bars
from .late_corporate_actions import NumberedDividend, late_dividends, number_dividends
from .late_splits import book_late_splits, split_ratio
from .market_closures import is_unscheduled_closure
from .notional_orders import NO_AMOUNTS, Amounts, size_notional_orders
from .renames import follow_renames
from .stale_prices import stale_prices
from .symbol_faults import SymbolFaults

CLOSED = "no listed symbol has a bar; the market counts as closed, and orders wait for the next session"


@dataclass(frozen=True, slots=True)
class SessionData:
    """One session of one symbol: its raw bar, and what takes effect before the open.

    Attributes:
        bar: the bar in the instrument's integer steps; None where nothing was traded, which is a halt.
        delisting: the record that the listing has ended, or None.
    """

    symbol: Symbol
    bar: IntegerBar | None
    splits: tuple[Split, ...]
    dividends: tuple[NumberedDividend, ...]
    delisting: DelistingRecord | None


def session_data(
    source: MarketSource,
    instrument: Instrument,
    sessions: TradingCalendar,
    session: date,
    since: date | None = None,
) -> SessionData:
    """Return one session of one symbol, from what was known at its close, with the splits after the session `since`.

    The bar may also be one that is known by the next open.
    `since` is the session before by default; an earlier one is for a symbol that has had no bar since.
    Raises InvalidData for a bar that cannot be true, ConfigError for a symbol that trades on another calendar.
    """
    symbol, close = Symbol(instrument.symbol), sessions.close(session)
    if source.calendar_name(symbol) != sessions.name:
        raise ConfigError(f"{symbol} does not trade on {sessions.name}; a paper account keeps to one calendar")
    bar = _session_bar(source, symbol, sessions, session)
    before = sessions.previous(session)
    ended = [each for each in delistings_of(source, symbol, close) if each.day <= session]
    return SessionData(
        symbol=symbol,
        bar=to_integer_bar(bar, instrument) if bar else None,
        splits=tuple(s for s in source.splits(symbol, until=close) if (since or before) < s.ex_date <= session),
        dividends=number_dividends(d for d in source.dividends(symbol, until=close) if before < d.ex_date <= session),
        delisting=ended[-1] if ended else None,
    )


def _session_bar(source: MarketSource, symbol: Symbol, sessions: TradingCalendar, session: date) -> Bar | None:
    """Return the bar of one session, or None for a halt.

    A vendor that was asked minutes after the close answers without the bar, which then counts as known from a later
    fetch. The exchange has traded all the same, so the account takes a bar that is known before the next open.
    """
    for until in (sessions.close(session), sessions.open(sessions.next(session))):
        found = [bar for bar in source.bars(symbol, Interval.DAY, until=until, count=2) if bar.session == session]
        if found:
            return found[-1]
    return None


def active_symbols(book: Book) -> tuple[str, ...]:
    """Return the symbols that a session can do something to: held, with open orders, or quarantined."""
    ordered = {order.terms.symbol for order in book.live_orders()}
    return tuple(sorted(book.positions.keys() | ordered | book.quarantined.keys()))


def needs_intraday(book: Book, symbol: str) -> bool:
    """Return whether a daily bar alone may leave open what happens to the orders of `symbol`."""
    return any(
        order.terms.symbol == symbol
        and (
            order.terms.group is not None
            or order.terms.type is OrderType.STOP_LIMIT
            or order.status is OrderStatus.HELD
        )
        for order in book.live_orders()
    )


def ignore_notice(_: str) -> None:
    """Ignore a notice."""


def advance_session(
    broker: Broker,
    source: MarketSource,
    sessions: TradingCalendar,
    session: date,
    notify: Notify = ignore_notice,
    amounts: Amounts = NO_AMOUNTS,
) -> tuple[Event, ...]:
    """Process one session of an account: corporate actions first, then the bars. Returns the new events.

    What became known too late for its own session is booked now. A symbol whose data cannot be used is quarantined
    until it can, and the others go on; raises SourceUnavailable if the source answers for none of them. An account of
    hours is processed by hourly bars if all symbols that it trades have them; any other by daily bars, whose ambiguous
    fills are decided by hourly bars. `notify` receives a sentence where hours are missing and where slices of an order
    expire; `amounts` are those of notional orders.
    """
    before, book, faults = broker.journal.seq, broker.book, SymbolFaults()
    _notify_all(late_bars(book, source, sessions, session), session, notify)
    follow_renames(broker, source, sessions, session, faults)
    days = _load_symbols(broker, source, sessions, session, faults)
    book_late_splits(broker, source, sessions, session, notify, faults)
    _book_splits(broker, days, session, faults)
    _pay_all(broker, late_dividends(broker, source, sessions, session, notify, faults))
    faults.apply(broker, session, notify)
    days = [day for day in days if day.symbol not in faults.found]
    _pay_all(broker, (paid for day in days if day.delisting is None for paid in day.dividends))
    bars: dict[str, IntegerBar] = {day.symbol: day.bar for day in days if day.bar is not None}
    step = BarTime(session, int(sessions.open(session).timestamp()))
    if not bars and book.live_orders() and is_unscheduled_closure(source, sessions, session):
        notify(f"{session}: {CLOSED}")
        broker.close_without_trading(step)
        return tuple(broker.journal.events[before:])
    _notify_all(halts(book, bars.keys() | faults.found.keys()), session, notify)
    size_notional_orders(broker, amounts, bars)
    by_hour = book.rules.bars is BarInterval.HOURLY
    asked = [symbol for symbol in bars if not book.rules.crypto and (by_hour or needs_intraday(book, symbol))]
    traded = [(book.instruments[symbol], bars[symbol]) for symbol in asked]
    hours = load_intraday_bars(source, traded, sessions, session, wanted=by_hour, notify=notify)
    if by_hour and bars and hours.rows.keys() == bars.keys():
        _process_intraday(broker, session, hours)
    else:
        broker.on_bar(step, bars, hours.rows)
    events = tuple(broker.journal.events[before:])
    _notify_all((*lapsed_slices(book, events), *map(str, stale_prices(book))), session, notify)
    return events


def _notify_all(sentences: Iterable[str], session: date, notify: Notify) -> None:
    for sentence in sentences:
        notify(f"{session}: {sentence}")


def _process_intraday(broker: Broker, session: date, hours: IntradayBars) -> None:
    for number, start in enumerate(hours.starts):
        step = BarTime(session, int(start.timestamp()), first=number == 0, last=number == len(hours.starts) - 1)
        broker.on_bar(step, {symbol: rows[number] for symbol, rows in hours.rows.items()})


def _load_symbols(
    broker: Broker, source: MarketSource, sessions: TradingCalendar, session: date, faults: SymbolFaults
) -> list[SessionData]:
    """Return the session of every active symbol whose data can be used; raises SourceUnavailable if none answers."""
    book, days = broker.book, list[SessionData]()
    asked = [symbol for symbol in active_symbols(book) if symbol not in faults.found]
    for symbol in asked:
        since = _silent_since(book, symbol, sessions.previous(session), sessions)
        with faults.guard(symbol):
            days.append(session_data(source, book.instruments[symbol], sessions, session, since))
    faults.check_outage(asked)
    return days


def _silent_since(book: Book, symbol: str, before: date, sessions: TradingCalendar) -> date:
    """Return the last session in which a symbol was processed with its data; `before` unless it was silent then."""
    if (found := book.quarantined.get(symbol)) is not None:
        before = min(before, sessions.previous(date.fromisoformat(found.session)))
    traded = book.last_traded.get(symbol)
    return min(before, date.fromisoformat(traded)) if traded and symbol in book.positions else before


def _book_splits(broker: Broker, days: Iterable[SessionData], session: date, faults: SymbolFaults) -> None:
    """Book the delistings and splits that take effect before the open of `session`."""
    for day in days:
        with faults.guard(day.symbol):
            if day.delisting is not None:
                _delist(broker, day.delisting, session)
                continue
            for split in day.splits:
                broker.split(day.symbol, split.ex_date, split_ratio(split))


def _delist(broker: Broker, ended: DelistingRecord, session: date) -> None:
    scale = broker.book.instruments[ended.symbol].price_scale
    broker.delist(ended.symbol, session, None if ended.price is None else rounded_units(ended.price, scale))


def _pay_all(broker: Broker, dividends: Iterable[NumberedDividend]) -> None:
    for numbered in dividends:
        paid = numbered.dividend
        broker.dividend(paid.symbol, paid.ex_date, Fraction(paid.amount), paid.pay_date, payment=numbered.payment)


def pending_sessions(book: Book, sessions: TradingCalendar, until: date) -> tuple[date, ...]:
    """Return the sessions that an account has not seen yet, up to `until`.

    An account that has seen none, or that nothing can happen to, goes straight to `until`. Raises AccountMovedOn when
    the account is already beyond it.
    """
    if book.session and book.session > until.isoformat():
        raise AccountMovedOn(
            f"account {book.account} has processed {book.session} already; a decision as of {until} would be in "
            "its past: use another account, or a later --as-of"
        )
    if book.session == until.isoformat():
        return ()
    idle = not active_symbols(book) and not (book.rules.cash_bps or book.rules.margin_bps)
    if not book.session or idle:
        return (until,)
    return sessions.between(sessions.next(date.fromisoformat(book.session)), until)
