"""The verdict strip of a report: view and outcome, and the figures of the allowed orders or of the held position."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from ..domain.decision import Decision, Outcome
from ..domain.orders import Action, Order
from ..domain.outputs import Rating
from .order_figures import OrderFigures, entry_figures, exit_figures


@dataclass(frozen=True, slots=True)
class VerdictStrip:
    """The content of the strip.

    Attributes:
        headline: the view and the outcome, each named once.
        reason: why no orders were allowed; empty if some were.
        orders: figures of the allowed orders, one for each action, entries first; empty if a price is unknown.
        resting: figures of the resting exits of a held position that gets no new orders.
    """

    headline: str
    reason: str
    orders: tuple[OrderFigures, ...] = ()
    resting: OrderFigures | None = None


def verdict_of(decision: Decision, last_close: Decimal | None, equity: Decimal | None) -> VerdictStrip:
    """Return the strip of a decision; `equity` is the account's equity in the decision's currency."""
    found = tuple(_by_action(decision, last_close, equity))
    known = tuple(each for each in found if each is not None)
    return VerdictStrip(
        headline_of(decision),
        _reason(decision),
        orders=known if len(known) == len(found) else (),
        resting=_resting(decision, last_close, equity),
    )


def headline_of(decision: Decision) -> str:
    """Return rating and outcome without repetition: `overweight, 2 orders`, `hold`, `sell, no orders`, `abstain`."""
    if decision.outcome is Outcome.ABSTAIN or decision.thesis is None:
        return str(decision.outcome)
    rating = decision.thesis.rating
    if decision.outcome is Outcome.HOLD:
        return "hold" if rating is Rating.HOLD else f"{rating}, no orders"
    count = len(decision.risk.allowed)
    return f"{rating}, {count} order{'' if count == 1 else 's'}"


def _by_action(decision: Decision, last_close: Decimal | None, equity: Decimal | None) -> Iterator[OrderFigures | None]:
    for action in (Action.BUY, Action.SHORT, Action.SELL, Action.COVER):
        orders = [order for order in decision.risk.allowed if order.action is action]
        if orders and action.opens:
            yield entry_figures(orders, last_close, equity)
        elif orders:
            yield exit_figures(orders, decision.position, last_close, equity)


def _resting(decision: Decision, last_close: Decimal | None, equity: Decimal | None) -> OrderFigures | None:
    """Return the figures of the resting exits if the decision has no new orders for a held position."""
    position = decision.position
    if position is None or not position.quantity or decision.risk.allowed:
        return None
    exits = [order for order in position.resting if _closes(order, position.quantity)]
    found = exit_figures(exits, position, last_close, equity, resting=True)
    return found or OrderFigures(action=None, size=Decimal(0), protected=Decimal(0))


def _closes(order: Order, quantity: Decimal) -> bool:
    return not order.action.opens and order.action.sign * quantity < 0


def _reason(decision: Decision) -> str:
    if decision.abstention:
        return decision.abstention.reason
    if decision.risk.allowed:
        return ""
    if decision.risk.denied:
        return decision.risk.denied[0].reason
    if decision.plan and decision.plan.rationale:
        return decision.plan.rationale
    return decision.thesis.summary if decision.thesis else ""
