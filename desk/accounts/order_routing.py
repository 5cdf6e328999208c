"""The way of the desk's orders to the broker."""

from collections.abc import Iterable, Sequence
from decimal import Decimal

from ...domain.decision import Decision, Submission
from ...domain.ids import ClientOrderId
from ...domain.orders import Order
from ...ledger.broker import Broker
from ...ledger.model.instrument import Instrument
from ...ledger.model.order_request import OrderRequest, to_order_request
from ...ledger.pricing.units import rounded_units


def submit_orders(
    broker: Broker, orders: Sequence[Order], instrument: Instrument, run_id: str, last: Decimal
) -> tuple[Submission, ...]:
    """Send orders, exits first, and return the broker's answers in the order of `orders`.

    `last` is the last close: what the broker reserves by where it has seen no bar of the symbol itself. Orders that
    were sent before get the same answer again, and move nothing. Raises DuplicateOrder for an id that was used with
    another body, OrderRejected for prices between two ticks.
    """
    broker.list_instrument(instrument)
    reference = rounded_units(last, instrument.price_scale)
    requests = [
        to_order_request(order, instrument, run_id=run_id, decision_id=run_id, lots=order.lots) for order in orders
    ]
    answers = {each.terms.order_id: _submit(broker, each, reference) for each in _exits_first(requests)}
    return tuple(answers[order.client_order_id] for order in orders)


def was_submitted(broker: Broker, decision: Decision) -> bool:
    """Say whether a decision was put to the broker before."""
    orders = decision.risk.allowed
    return decision.run_id in broker.book.decisions or (
        bool(orders) and all(order.client_order_id in broker.book.orders for order in orders)
    )


def _submit(broker: Broker, each: OrderRequest, reference: int) -> Submission:
    receipt = broker.submit(each, reference=reference)
    return Submission(ClientOrderId(receipt.order_id), receipt.accepted, receipt.reason or "")


def _exits_first(requests: Iterable[OrderRequest]) -> list[OrderRequest]:
    return sorted(requests, key=lambda each: not each.terms.closing)
