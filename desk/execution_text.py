"""The schedule of a decision's orders as sentences, for people."""

from collections.abc import Sequence

from ..domain.decision import Decision
from ..domain.orders import Order
from ..risk.execution.slices import split_order


def execution_lines(decision: Decision) -> tuple[str, ...]:
    """Return the execution with its reason, and a line for each order that is split; empty for orders sent as usual."""
    plan = decision.execution
    if plan is None or not decision.risk.allowed:
        return ()
    split = [(order, split_order(order, plan)) for order in decision.risk.allowed]
    lines = (_slices(order, parts) for order, parts in split if parts[0].slice_of)
    return f"Execution {plan.kind}: {plan.reason}.", *lines


def _slices(order: Order, parts: Sequence[Order]) -> str:
    times = ", ".join(f"{part.quantity:f} after {part.good_after:%H:%M}" for part in parts)
    count = f"{len(parts)} slices" if len(parts) > 1 else "1 slice"
    return f"{order.action} {order.quantity:f} in {count} (UTC): {times}"
