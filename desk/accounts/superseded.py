"""The resting orders that a decision ends, as part of the decision."""

from dataclasses import replace

from ...domain.account import Account
from ...domain.decision import Decision, Outcome
from ...domain.orders import RestingAction


def with_superseded(decision: Decision, account: Account) -> Decision:
    """Return the decision with the resting orders that it cancels or replaces; an abstention is unchanged.

    Without stated actions these are all resting entries that `account` shows.
    """
    if decision.outcome is Outcome.ABSTAIN:
        return decision
    if decision.resting_actions:
        ending = (each for each in decision.resting_actions if each.action is not RestingAction.KEEP)
        return replace(decision, superseded=tuple(each.client_order_id for each in ending))
    return replace(decision, superseded=tuple(order.client_order_id for order in account.superseded))
