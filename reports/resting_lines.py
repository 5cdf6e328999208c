"""The open orders of a decision's position, and what becomes of them."""

from dataclasses import dataclass

from ..domain.decision import Decision
from ..domain.orders import Order, RestingAction
from ..domain.resting_orders import age_and_distance, price_distance

NOTES = {
    RestingAction.REPLACE: "replaced by this decision",
    RestingAction.CANCEL: "canceled by this decision",
    RestingAction.KEEP: "kept by this decision",
}


@dataclass(frozen=True, slots=True)
class RestingLine:
    """An open order of the position.

    Attributes:
        age: completed sessions that could have filled it; None if unknown.
        words: its age and distance from the last close if known, and the exit that it awaits.
        note: what becomes of it; empty if the decision says nothing about it.
    """

    order: Order
    age: int | None
    words: tuple[str, ...]
    note: str


def resting_lines(decision: Decision) -> tuple[RestingLine, ...]:
    """Return the open orders of the decision's position, in the order in which the desk saw them."""
    position = decision.position
    if position is None:
        return ()
    ages, close = position.resting_ages, position.last_close
    return tuple(
        RestingLine(
            order,
            ages.get(order.client_order_id),
            (
                *age_and_distance(ages.get(order.client_order_id), price_distance(order, close)),
                *((f"waits for {order.awaits}",) if order.awaits else ()),
            ),
            next(
                (words for action, words in NOTES.items() if order.client_order_id in decision.resting_ids(action)), ""
            ),
        )
        for order in position.resting
    )
