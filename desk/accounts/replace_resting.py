"""Resting orders of earlier decisions: when a later decision cancels them."""

from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal

from ...domain.decision import Decision, Outcome
from ...domain.ids import RunId, Symbol
from ...domain.orders import Order, RestingAction
from ...ledger.book.book import Book
from ...ledger.book.journal import Journal
from ...ledger.broker import Broker
from ...ledger.model.order import RejectReason
from ...ledger.orders.proposals import check_cancels_approved
from ...ledger.pricing.units import to_decimal

SubmitFunction = Callable[[Broker], Iterable[bool]]
"""Sends the orders of a decision to a broker, and says of each whether it was taken."""


def apply_resting_actions(broker: Broker, decision: Decision, send: SubmitFunction) -> None:
    """Record a decision and cancel the resting orders that its actions end; `send` submits its allowed orders.

    An entry to be replaced is canceled if the broker will accept an order. Exits to be replaced are canceled if the
    accepted exits close at least as many shares, so that an order that was rejected or cut leaves no share unprotected.
    Orders are tried on a copy of the account. Canceled orders end with those of their group. While the account is
    halted, nothing is canceled. Raises OrderRejected for a cancellation that was proposed to a person and is not
    approved.
    """
    broker.record_decision(decision.run_id, decision.ticker, decision.outcome, supersedes=False)
    if broker.book.halted is None:
        ending = _ending(broker, decision, send)
        check_cancels_approved(broker.book, decision.run_id, ending)
        _cancel(broker, ending)


def _ending(broker: Broker, decision: Decision, send: SubmitFunction) -> frozenset[str]:
    """Return the ids of the orders to cancel: canceled ones, and replaced ones whose successor will be accepted."""
    ending = frozenset[str](decision.resting_ids(RestingAction.CANCEL))
    replaced = frozenset[str](decision.resting_ids(RestingAction.REPLACE))
    while replaced:
        trial = trial_broker(broker)
        _cancel(trial, ending | replaced)
        answers = zip(decision.risk.allowed, send(trial), strict=True)
        accepted = [order for order, is_accepted in answers if is_accepted]
        staying = _without_successor(broker.book, replaced, accepted)
        if not staying:
            return ending | replaced
        replaced -= staying
    return ending


def _without_successor(book: Book, replaced: frozenset[str], accepted: Sequence[Order]) -> frozenset[str]:
    """Return the ids of the replaced orders whose place the accepted orders do not take."""
    exits = frozenset(each for each in replaced if book.order(each).terms.closing)
    closed = sum((order.quantity for order in accepted if not order.action.opens), Decimal(0))
    staying = frozenset[str]() if accepted else replaced - exits
    return staying | exits if closed < _protected(book, exits) else staying


def _protected(book: Book, exits: frozenset[str]) -> Decimal:
    """Return the shares that exits close; those of one group (OCO) count once."""
    by_group = dict[str, Decimal]()
    for order_id in exits:
        order = book.order(order_id)
        shares = to_decimal(order.remaining, book.instruments[order.terms.symbol].quantity_scale)
        group = order.terms.group or order_id
        by_group[group] = max(shares, by_group.get(group, shares))
    return sum(by_group.values(), Decimal(0))


def _cancel(broker: Broker, ids: frozenset[str]) -> None:
    for order in broker.book.live_orders():
        if order.terms.order_id in ids:
            broker.cancel(order.terms.order_id, RejectReason.SUPERSEDED)


def replace_resting_entries(
    broker: Broker, run_id: RunId, symbol: Symbol, outcome: Outcome, *, intentional: bool, send: SubmitFunction | None
) -> None:
    """Record a decision without stated actions and, where it takes their place, cancel the symbol's resting entries.

    An intentional hold does, orders do if one of them will be accepted. They are tried on a copy of the account,
    because resting orders may hold the buying power that they need; `send` is None without orders.
    """
    if send is None or not broker.replaceable_entries(symbol):
        supersedes = intentional
    else:
        trial = trial_broker(broker)
        trial.record_decision(run_id, symbol, outcome)
        supersedes = any(send(trial))
    broker.record_decision(run_id, symbol, outcome, supersedes=supersedes)


def trial_broker(broker: Broker) -> Broker:
    """Return a broker on a copy of the account, to try decisions and orders; its journal has only their events.

    It must not process bars or corporate actions.
    """
    return Broker(Journal(), broker.book.trial(), broker.sessions)
