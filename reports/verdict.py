"""The verdict strip of a report: levels, size and risk of the allowed orders as figures."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from ..domain.decision import Decision, Outcome
from ..domain.orders import Order
from ..domain.outputs import Rating


@dataclass(frozen=True, slots=True)
class VerdictStrip:
    """The figures of the strip; None where a figure does not apply or is unknown.

    Attributes:
        headline: the view and the outcome, each named once.
        reason: why no orders were allowed; empty if some were.
        opens: whether the orders open a position; otherwise `entry` is the exit price.
        entry, stop, target: prices per share; averages over the orders, weighted by quantity.
        at_market: whether `entry` is the last close, because an order names no price.
        reward_risk: distance of the target from the entry over the distance of the stop.
        size: shares of the orders, negative when short or sold.
        value: size times entry, without sign.
        value_share: `value` as a fraction of equity.
        loss: loss if all orders fill at the entry and leave at the stop.
        loss_share: `loss` as a fraction of equity.
    """

    headline: str
    reason: str
    opens: bool = False
    entry: Decimal | None = None
    stop: Decimal | None = None
    target: Decimal | None = None
    at_market: bool = False
    reward_risk: Decimal | None = None
    size: Decimal | None = None
    value: Decimal | None = None
    value_share: Decimal | None = None
    loss: Decimal | None = None
    loss_share: Decimal | None = None


@dataclass(frozen=True, slots=True)
class _Leg:
    quantity: Decimal
    entry: Decimal
    stop: Decimal | None
    target: Decimal | None


def verdict_of(decision: Decision, last_close: Decimal | None, equity: Decimal | None) -> VerdictStrip:
    """Return the strip of a decision; `equity` is the account's equity in the decision's currency."""
    headline, reason = headline_of(decision), _reason(decision)
    allowed = decision.risk.allowed
    opening = [order for order in allowed if order.action.opens]
    orders = opening or list(allowed)
    legs = [leg for order in orders if (leg := _leg(order, last_close)) is not None]
    if not orders or len(legs) != len(orders):
        return VerdictStrip(headline, reason)
    shares = sum((leg.quantity for leg in legs), Decimal(0))
    value = sum((leg.quantity * leg.entry for leg in legs), Decimal(0))
    stop = _average([(leg.quantity, leg.stop) for leg in legs])
    target = _average([(leg.quantity, leg.target) for leg in legs])
    entry = value / shares
    reward = None if target is None else abs(target - entry)
    risk = None if stop is None else abs(entry - stop)
    loss = None if risk is None or not opening else shares * risk
    return VerdictStrip(
        headline,
        reason,
        opens=bool(opening),
        entry=entry,
        stop=stop,
        target=target,
        at_market=any(_named_price(order) is None for order in orders),
        reward_risk=_ratio(reward, risk),
        size=shares * orders[0].action.sign,
        value=value,
        value_share=_ratio(value, equity),
        loss=loss,
        loss_share=_ratio(loss, equity),
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


def _reason(decision: Decision) -> str:
    if decision.abstention:
        return decision.abstention.reason
    if decision.risk.allowed:
        return ""
    if decision.risk.denied:
        return decision.risk.denied[0].reason
    if decision.plan:
        return decision.plan.rationale
    return decision.thesis.summary if decision.thesis else ""


def _named_price(order: Order) -> Decimal | None:
    return order.limit_price if order.limit_price is not None else order.stop_price


def _leg(order: Order, last_close: Decimal | None) -> _Leg | None:
    entry = _named_price(order)
    if entry is None:
        entry = last_close
    if entry is None:
        return None
    stop = order.stop_loss.stop_price if order.stop_loss else None
    target = order.take_profit.limit_price if order.take_profit else None
    return _Leg(order.quantity, entry, stop, target)


def _average(levels: Sequence[tuple[Decimal, Decimal | None]]) -> Decimal | None:
    """Return the mean level weighted by quantity; None if an order has no such level."""
    found = [(quantity, level) for quantity, level in levels if level is not None]
    if not found or len(found) != len(levels):
        return None
    return sum((q * level for q, level in found), Decimal(0)) / sum((q for q, _ in found), Decimal(0))


def _ratio(part: Decimal | None, whole: Decimal | None) -> Decimal | None:
    return None if part is None or not whole or whole <= 0 else part / whole
