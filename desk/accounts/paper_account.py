"""A paper account at the desk: brought up to a session, shown to the desk, and sent what the desk decided."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal

from ...domain.account import Account
from ...domain.decision import Decision, Outcome
from ...domain.errors import (
    AccountMovedOn,
    ConfigError,
    NoData,
    StaleDecision,
)
from ...domain.execution import ExecutionPlan
from ...domain.ids import Symbol
from ...domain.trading_calendar import TradingCalendar, trading_calendar
from ...ledger.book.book import Book
from ...ledger.broker import Broker
from ...ledger.model.account_rules import AccountRules, BarInterval
from ...ledger.model.events import BarClosed, Event
from ...ledger.model.instrument import COIN_PRICE_SCALE, PENCE_PRICE_SCALE, SHARE_PRICE_SCALE, Instrument
from ...ledger.model.order import RejectReason
from ...ledger.pricing.units import MICRO
from ...ledger.reports import account_view as book_as
from ...ledger.store.ledger import Ledger
from ...market.source import MarketSource
from ...market.view import MarketView
from ...market.whole_currency import quoted_unit
from ...tools.quote import trades_24_7
from .intraday_bars import Notify
from .journal_readings import JournalReadings
from .last_orders import FindDecision, last_orders
from .market_replay import advance_session, ignore_notice, pending_sessions
from .open_lots import with_lots
from .order_routing import submit_orders, was_submitted
from .proposal_text import with_cancel_notes
from .replace_resting import apply_resting_actions, replace_resting_entries


def advance_account(
    ledger: Ledger,
    name: str,
    source: MarketSource,
    sessions: TradingCalendar,
    until: date,
    *,
    notify: Notify = ignore_notice,
) -> tuple[Event, ...]:
    """Process all pending sessions of a stored account up to `until`, one transaction a session; return the events.

    `say` receives a notice where hourly bars are missing.
    """
    lived, events = "", list[Event]()
    while True:
        with ledger.transaction(name) as broker:  # what is due is asked anew: others may have traded in between
            book = broker.book
            if not (due := pending_sessions(book, sessions, until)):
                return tuple(events)
            next_one = sessions.next(date.fromisoformat(lived)) if lived == book.session != "" else due[0]
            happened = advance_session(broker, source, sessions, next_one, notify)
            lived = book.session
        events += happened


def replay_account(
    ledger: Ledger,
    name: str,
    source: MarketSource,
    sessions: TradingCalendar,
    until: date,
    *,
    notify: Notify = ignore_notice,
) -> Broker:
    """Return a copy of an account that is advanced to `until`; the stored account does not change."""
    broker = Broker.replayed(ledger.broker(name).journal.events, sessions)
    for session in pending_sessions(broker.book, sessions, until):
        advance_session(broker, source, sessions, session, notify)
    return broker


def account_at(
    ledger: Ledger, name: str, source: MarketSource, sessions: TradingCalendar, until: date
) -> Broker | None:
    """Return a copy of an account as of the close of `until`, also if it has processed later sessions.

    Of such an account the journal up to the last bar of that time is folded, without the orders that followed; None if
    it had no bar by then.
    """
    stored = ledger.broker(name)
    if stored.book.session <= until.isoformat():
        return replay_account(ledger, name, source, sessions, until)
    events = _events_until(stored.journal.events, until)
    return Broker.replayed(events, sessions) if events else None


def _events_until(events: Sequence[Event], until: date) -> Sequence[Event]:
    """Return the events up to the last bar of `until` or earlier; empty without one."""
    day = until.isoformat()
    closes = (place for place, event in enumerate(events) if isinstance(event, BarClosed) and event.session <= day)
    return events[: max(closes, default=-1) + 1]


def account_view(
    broker: Broker, symbol: Symbol, find_decision: FindDecision, readings: JournalReadings | None = None
) -> Account:
    """Return the account as the desk sees it before it decides on `symbol`, with what became of its last orders.

    `readings` adds what the desk reads from the journal.
    """
    shown = with_cancel_notes(book_as.account_view(broker.book), broker.book)
    account = with_lots(shown, broker).for_symbol(symbol)
    account = replace(account, last_orders=last_orders(broker.book, symbol, find_decision))
    return account if readings is None else readings.add(account, broker, symbol)


def submit_decision(ledger: Ledger, name: str, decision: Decision, source: MarketSource, until: date) -> Decision:
    """Put a decision to a stored account in one transaction, and return it with the broker's answers.

    `until` is the last session that the decision knew. Raises ConflictError when the account is at another session, or
    another decision has come before this one, unless this very decision was sent before.
    """
    last = last_close(source, decision)
    with ledger.transaction(name) as broker:
        return send(broker, decision, source, until, last)


def submit_all(ledger: Ledger, name: str, decisions: Sequence[Decision], source: MarketSource) -> tuple[Decision, ...]:
    """Submit the decisions of one session to a stored account in one transaction; return them with their answers.

    Abstentions are returned unchanged. Raises what `submit` raises; nothing is stored then.
    """
    closes = {each.run_id: last_close(source, each) for each in decisions if each.outcome is not Outcome.ABSTAIN}
    if not closes:
        return tuple(decisions)
    with ledger.transaction(name) as broker:
        sessions = trading_calendar(broker.book.rules.calendar)
        return tuple(
            send(broker, each, source, sessions.last_completed(each.as_of), closes[each.run_id])
            if each.run_id in closes
            else each
            for each in decisions
        )


def last_close(source: MarketSource, decision: Decision) -> Decimal:
    """Return the last close that the decision could know; raises NoData without one."""
    return MarketView(source, decision.as_of).bars(decision.ticker, count=1)[-1].close


def send(broker: Broker, decision: Decision, source: MarketSource, until: date, last: Decimal) -> Decision:
    """Submit a decision to a broker and return it with the answers; raises what `submit` raises.

    `until` is the last session that the decision could know, `last` the last close.
    """
    instrument = as_listed(instrument_of(source, decision, broker.book.rules), broker.book)
    if not was_submitted(broker, decision):
        check_current_session(broker.book, until)
        _check_no_newer_entries(broker, decision)
        _take_place(broker, decision, instrument, last)
    answers = submit_orders(broker, decision.risk.allowed, instrument, decision.run_id, last, _plan(broker, decision))
    gone = tuple(each for each in decision.superseded if _was_superseded(broker.book, each))
    return replace(decision, submissions=answers, superseded=gone)


def _check_no_newer_entries(broker: Broker, decision: Decision) -> None:
    """Raise StaleDecision where entries rest that the decision was not shown: a later decision has sent them."""
    unknown = {order.terms.order_id for order in broker.replaceable_entries(decision.ticker)} - decision.known_resting
    if unknown:
        raise StaleDecision(
            f"{', '.join(sorted(unknown))} came to rest in account {broker.book.account} after run {decision.run_id} "
            f"had looked at it; nothing was sent, decide on {decision.ticker} anew"
        )


def _take_place(broker: Broker, decision: Decision, instrument: Instrument, last: Decimal) -> None:
    orders, run_id, plan = decision.risk.allowed, decision.run_id, _plan(broker, decision)

    def send(to: Broker) -> list[bool]:
        return [answer.accepted for answer in submit_orders(to, orders, instrument, run_id, last, plan)]

    if decision.resting_actions:
        apply_resting_actions(broker, decision, send)
        return
    replace_resting_entries(
        broker,
        run_id,
        decision.ticker,
        decision.outcome,
        intentional=decision.is_intentional_hold,
        send=send if orders else None,
    )


def _plan(broker: Broker, decision: Decision) -> ExecutionPlan | None:
    """Return the schedule of the decision's orders; None in an account of daily bars, which sends whole orders."""
    return decision.execution if broker.book.rules.bars is BarInterval.HOURLY else None


def _was_superseded(book: Book, order_id: str) -> bool:
    return order_id in book.orders and book.orders[order_id].reason is RejectReason.SUPERSEDED


def check_current_session(book: Book, until: date) -> None:
    """Raise AccountMovedOn, or StaleDecision before it, unless an account is at the close of the session `until`."""
    if book.session != until.isoformat():
        raise (AccountMovedOn if book.session > until.isoformat() else StaleDecision)(
            f"account {book.account} is at {book.session or 'no session'}, the decision at {until}: its orders "
            "would come at another time than they were meant for; decide anew"
        )


def check_tradable(source: MarketSource, symbol: Symbol, sessions: TradingCalendar) -> None:
    """Raise ConfigError for a symbol that trades on another calendar than the account's."""
    try:
        name = source.calendar_name(symbol)
    except NoData:
        return
    if name != sessions.name:
        raise ConfigError(
            f"{symbol} trades on {name}, the account uses {sessions.name}; use one that was opened with --calendar "
            f"{name}, or leave out --account"
        )


def instrument_of(source: MarketSource, decision: Decision, rules: AccountRules) -> Instrument:
    """Return how the decision's symbol is traded and lent: in whole shares, or as coins in fractions."""
    return traded_instrument(MarketView(source, decision.as_of), decision.ticker, rules)


def traded_instrument(view: MarketView, symbol: Symbol, rules: AccountRules) -> Instrument:
    """Return how `symbol` is traded and lent: in whole shares, or as a coin in fractions."""
    is_crypto = trades_24_7(view, symbol)
    in_pence = quoted_unit(view.source, symbol, view.as_of) != 1
    return Instrument(
        symbol,
        price_scale=COIN_PRICE_SCALE if is_crypto else PENCE_PRICE_SCALE if in_pence else SHARE_PRICE_SCALE,
        quantity_scale=MICRO if is_crypto or rules.fractional else 1,
        shortable=rules.can_locate(symbol),
        borrow_bps=rules.borrow_rate(symbol),
    )


def as_listed(instrument: Instrument, book: Book) -> Instrument:
    """Return the instrument with the price scale that the account has listed it with, if it has."""
    listed = book.instruments.get(instrument.symbol)
    return instrument if listed is None else replace(instrument, price_scale=listed.price_scale)
