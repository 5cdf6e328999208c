"""The way of the desk's orders to the broker."""

from collections.abc import Sequence
from decimal import Decimal

from ...domain.decision import Decision, Submission
from ...domain.execution import ExecutionPlan
from ...domain.ids import ClientOrderId
from ...domain.orders import Order
from ...ledger.broker import Broker
from ...ledger.model.instrument import Instrument
from ...ledger.model.order import RejectReason
from ...ledger.model.order_request import OrderRequest, to_order_request
from ...ledger.pricing.units import rounded_units
from ...risk.execution.slices import split_order


def submit_orders(
    broker: Broker,
    orders: Sequence[Order],
    instrument: Instrument,
    run_id: str,
    last: Decimal,
    plan: ExecutionPlan | None = None,
) -> tuple[Submission, ...]:
    """Send orders, exits first, and return the broker's answers in the order of `orders`.

    With a `plan`, the orders are split into slices. If one slice is rejected, the others of its order are canceled, and
    the answer is the rejection: an order is sent as a whole or not at all. `last` is the last close: what the broker
    reserves by where it has seen no bar of the symbol itself. Orders that were sent before get the same answer again,
    and move nothing. Raises DuplicateOrder for an id that was used with another body, OrderRejected for prices between
    two ticks.
    """
    broker.list_instrument(instrument)
    reference = rounded_units(last, instrument.price_scale)
    answers = {}
    for order in sorted(orders, key=lambda each: each.action.opens):
        requests = [
            to_order_request(part, instrument, run_id=run_id, decision_id=run_id, lots=part.lots)
            for part in split_order(order, plan)
        ]
        answers[order.client_order_id] = _submit_parts(broker, order.client_order_id, requests, reference)
    return tuple(answers[order.client_order_id] for order in orders)


def was_submitted(broker: Broker, decision: Decision) -> bool:
    """Say whether a decision was put to the broker before."""
    orders = decision.risk.allowed
    return decision.run_id in broker.book.decisions or (
        bool(orders) and all(broker.book.parts(order.client_order_id) for order in orders)
    )


def _submit_parts(broker: Broker, order_id: ClientOrderId, parts: Sequence[OrderRequest], reference: int) -> Submission:
    """Submit the parts of one order until one is rejected; cancel the parts before it then."""
    accepted = list[str]()
    for part in parts:
        receipt = broker.submit(part, reference=reference)
        if not receipt.accepted:
            for each in accepted:
                broker.cancel(each, RejectReason.SLICE_REJECTED)
            return Submission(order_id, accepted=False, reason=receipt.reason or "")
        accepted.append(receipt.order_id)
    return Submission(order_id, accepted=True, reason="")
