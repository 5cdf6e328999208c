"""The runs that an account still needs: those of its open orders and of its last decision on each symbol."""

from ...ledger.broker import Broker
from ...ledger.model.events import DecisionRecorded


def runs_in_use(broker: Broker) -> frozenset[str]:
    """Return the ids of these runs.

    The next decision on a symbol shows what the last one asked for, and an open order refers to its reasons.
    """
    book = broker.book
    last = {event.symbol: event.run_id for event in broker.journal.events if isinstance(event, DecisionRecorded)}
    ordered = sorted(book.orders.values(), key=lambda order: order.seq)
    traded = {order.terms.symbol: order.terms.run_id for order in ordered if not order.terms.parent}
    resting = {order.terms.run_id for order in ordered if not order.ended}
    return frozenset({*last.values(), *traded.values(), *resting})
