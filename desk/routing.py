"""The way of the desk's orders to the broker, around the protective orders that stand in it."""

from collections.abc import Iterable, Sequence
from decimal import Decimal

from ..domain.decision import Submission
from ..domain.ids import ClientOrderId
from ..domain.orders import Order
from ..ledger.broker import Broker
from ..ledger.instrument import Instrument
from ..ledger.ticket import Ticket, ticket
from ..ledger.units import rounded_units
from .protection import shared_out, withdraw


def route(
    broker: Broker, orders: Sequence[Order], instrument: Instrument, run_id: str, last: Decimal
) -> tuple[Submission, ...]:
    """Send orders, exits first, and return the broker's answers in the order of `orders`.

    `last` is the last close: what the broker reserves by where it has seen no bar of the symbol itself.

    An exit takes the place of the protective orders that claim the position; what it leaves of the position is
    protected again at the levels of before. Orders that were sent before get the same answer again, and move nothing.
    Raises DuplicateOrder for an id that was used with another body, Rejected for prices between two ticks.
    """
    broker.list_instrument(instrument)
    reference = rounded_units(last, instrument.price_scale)
    tickets = [ticket(order, instrument, run_id=run_id, decision_id=run_id) for order in orders]
    known = broker.book.orders
    exits = [each for each in tickets if each.terms.closing and each.terms.order_id not in known]
    protections = withdraw(broker, instrument.symbol) if exits else ()
    answers = {each.terms.order_id: _sent(broker, each, reference) for each in _exits_first(tickets)}
    left = abs(broker.book.quantity(instrument.symbol)) - broker.book.claimed.get(instrument.symbol, 0)
    for protection, quantity in shared_out(protections, left):
        broker.submit(protection.again(quantity, f".{run_id}"), reference=reference)
    return tuple(answers[order.client_order_id] for order in orders)


def _sent(broker: Broker, each: Ticket, reference: int) -> Submission:
    receipt = broker.submit(each, reference=reference)
    return Submission(ClientOrderId(receipt.order_id), receipt.accepted, receipt.reason or "")


def _exits_first(tickets: Iterable[Ticket]) -> list[Ticket]:
    return sorted(tickets, key=lambda each: not each.terms.closing)
