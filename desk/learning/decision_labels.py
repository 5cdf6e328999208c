"""Labels of an account's past decisions, by the reward of each until the next one (TradingGroup, arXiv 2508.17565)."""

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

from ...domain.past_decision import PastDecision
from .decision_rewards import decision_reward, label_decision

REWARD_DIGITS = Decimal("0.000001")


def with_labels(decisions: Sequence[PastDecision], equity: Decimal) -> list[PastDecision]:
    """Return the decisions, oldest first, with rewards and labels; `equity` is that of the account now.

    The reward is r_equity - 0.2 r_benchmark - 1.0 cost. r_equity is the return of the account's equity until the next
    decision on the symbol, or until now for the last one. The source names no benchmark: it is the symbol, bought at
    the decision and held until the next. The cost is the commission of the decision's orders over equity, which
    r_equity has paid already. A decision has no reward if its equity or a price is unknown, or if equity is not
    positive.
    """
    following = [*decisions[1:], None]
    return [_labelled(each, after, equity) for each, after in zip(decisions, following, strict=True)]


def _labelled(decision: PastDecision, after: PastDecision | None, now: Decimal) -> PastDecision:
    held, before = _growth(decision, after), decision.equity
    later = now if after is None else after.equity
    if held is None or later is None or before is None or before <= 0:
        return decision
    cost = decision.commission / before
    reward = decision_reward(float(later / before - 1), held, float(cost))
    return replace(decision, reward=Decimal(repr(reward)).quantize(REWARD_DIGITS), label=str(label_decision(reward)))


def _growth(decision: PastDecision, after: PastDecision | None) -> float | None:
    """Return the return of the symbol between two decisions, from the returns of both until now."""
    later = Decimal(0) if after is None else after.price_return
    if decision.price_return is None or later is None:
        return None
    return float((1 + decision.price_return) / (1 + later) - 1)
