"""Format the earlier decisions of the account on one symbol, for a desk that is shown them."""

from collections.abc import Iterable
from decimal import Decimal

from ..domain.past_decision import PastDecision
from .outside_text import sanitize

REASON_CHARACTERS = 160


def format_history(decisions: Iterable[PastDecision]) -> list[str]:
    """Return one line for each decision, oldest first, with its outcome until now."""
    return [f"decided {each.as_of:%Y-%m-%d}: {'; '.join(_parts(each))}" for each in decisions]


def _parts(decision: PastDecision) -> list[str]:
    conviction = "" if decision.conviction is None else f", conviction {decision.conviction:+.2f}"
    parts = [f"{sanitize(decision.stated)}{conviction}"]
    if decision.shares:
        parts.append(f"filled {decision.shares:+f} shares, cash {decision.cash_change:+,.2f}")
    if decision.price_return is not None:
        parts.append(f"price since {_percent(decision.price_return)}")
    if decision.account_return is not None:
        parts.append(f"account until then {_percent(decision.account_return)}")
    if decision.reward is not None:
        parts.append(f"label: {decision.label}, reward {_percent(decision.reward)}")
    if decision.reason:
        parts.append(f"reason: {_cut(sanitize(decision.reason))}")
    return parts


def _percent(fraction: Decimal) -> str:
    return f"{fraction:+.2%}"


def _cut(text: str) -> str:
    return text if len(text) <= REASON_CHARACTERS else text[: REASON_CHARACTERS - 1].rstrip() + "…"
