"""Decisions on symbols for which a person entered resting orders after the desk had read the account."""

from collections.abc import Sequence
from dataclasses import replace

from ...domain.decision import Decision, Outcome
from ...domain.ids import ClientOrderId
from ...domain.orders import DeniedOrder, RestingAction, RestingOrderAction
from ...ledger.broker import Broker


def withhold_overtaken(broker: Broker, decisions: Sequence[Decision]) -> tuple[Decision, ...]:
    """Return the decisions; one whose symbol has newer resting entries becomes a hold that cancels nothing.

    Its orders are denied with the reason, and the other decisions of the session go on. Decisions that were submitted,
    and abstentions, are unchanged.
    """
    return tuple(_withheld(broker, each) for each in decisions)


def _withheld(broker: Broker, decision: Decision) -> Decision:
    resting = [ClientOrderId(order.terms.order_id) for order in broker.resting_entries(decision.ticker)]
    newer = sorted(set(resting) - decision.known_resting)
    if decision.outcome is Outcome.ABSTAIN or decision.run_id in broker.book.decisions or not newer:
        return decision
    reason = f"{', '.join(newer)} came to rest in the account after the desk had looked at it"
    denied = tuple(DeniedOrder(order, reason) for order in decision.risk.allowed)
    risk = replace(decision.risk, allowed=(), denied=(*decision.risk.denied, *denied))
    kept = tuple(RestingOrderAction(each, RestingAction.KEEP) for each in resting)
    return replace(decision, outcome=Outcome.HOLD, risk=risk, superseded=(), resting_actions=kept)
