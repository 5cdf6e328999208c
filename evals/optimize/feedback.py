"""Decisions and their outcomes as text for the models that propose texts."""

from collections.abc import Iterable

from ..unit import UnitDecision
from .evaluation import AccountEvaluation

MOST_DECISIONS = 20
SUMMARY_CHARACTERS = 160


def decision_lines(decisions: Iterable[UnitDecision]) -> str:
    """Return one line for each decision: outcome, actions, conviction, the return that followed, summary."""
    return "\n".join(map(_line, decisions)) or "no decision"


def account_feedback(account: AccountEvaluation) -> str:
    """Return the feedback on one account: its return beside buy-and-hold, and the decisions that mattered most."""
    strongest = sorted(account.decisions, key=lambda each: -abs(each.forward_return or 0.0))[:MOST_DECISIONS]
    return (
        f"Return {account.total_return:+.2%}, buy-and-hold {account.benchmark_return:+.2%}, "
        f"score {account.score:.1f}.\n"
        f"{decision_lines(sorted(strongest, key=lambda each: (each.session, each.symbol)))}"
    )


def _line(each: UnitDecision) -> str:
    opened = " ".join(each.opened) or each.outcome
    conviction = "none" if each.conviction is None else f"{each.conviction:+.2f}"
    after = "unknown" if each.forward_return is None else f"{each.forward_return:+.2%}"
    return f"- {opened}; conviction {conviction}; return that followed {after}; {each.summary[:SUMMARY_CHARACTERS]}"
