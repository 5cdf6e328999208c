"""A decision of a training that is judged by what followed: on one symbol by its price, over a book by the account."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from ....domain.account import Account
from ....domain.decision import Decision
from ....domain.errors import NoData
from ....domain.ids import Symbol
from ....market.price_history import load_price_history
from ....market.view import MarketView

MOST_MOVES = 6
"""Symbols of a book whose weight and return are quoted, by the size of their part in the return."""


@dataclass(frozen=True, slots=True)
class TriedDecision:
    """A decision with a side, and what followed.

    Attributes:
        decisions: the one on the symbol, or those of a book.
        outcome: return of the symbol, or that of the account without costs.
        right: whether the side of the decision, or the book, has gained.
        text, outcome_text: decision and outcome as the reflector reads them.
    """

    decisions: Sequence[Decision]
    outcome: float
    right: bool
    text: str
    outcome_text: str

    @property
    def facts(self) -> Sequence[str]:
        """Return the evidence that the decisions cite, one line each."""
        found = list[str]()
        for decision in self.decisions:
            cited = set() if decision.thesis is None else set(decision.thesis.evidence)
            prefix = f"{decision.ticker}: " if len(self.decisions) > 1 else ""
            found += [f"{prefix}[{each.id}] {each.text}" for each in decision.evidence if each.id in cited]
        return found


def tried_symbol(decision: Decision, moved: float) -> TriedDecision | None:
    """Return the decision on one symbol before its price moved; None for one without a side."""
    thesis = decision.thesis
    if thesis is None or not thesis.conviction:
        return None
    text = f"Conviction {thesis.conviction:+.2f}. {thesis.summary}"
    right = thesis.conviction * moved > 0
    return TriedDecision((decision,), moved, right, text, f"The price moved {moved:+.1%} against it.")


def tried_book(
    decisions: Sequence[Decision], moves: Mapping[Symbol, float], view: MarketView, account: Account
) -> TriedDecision | None:
    """Return the decisions over a book of a flat account before the prices moved; None if nothing is held.

    A weight is the value of the allowed orders at the last close in `view` over equity. The return of the account is
    the sum of weight times return, without costs; symbols whose return is not known count as cash.
    """
    weights = {each.ticker: _weight(each, view, account) for each in decisions}
    parts = {symbol: weight * moves.get(symbol, 0.0) for symbol, weight in weights.items() if weight}
    if not any(parts.values()):
        return None
    outcome = sum(parts.values())
    held = ", ".join(f"{symbol} {weight:+.2f}" for symbol, weight in weights.items() if weight)
    theses = [each.thesis for each in decisions if each.thesis is not None]
    reasons = " ".join(dict.fromkeys(thesis.summary for thesis in theses))
    largest = sorted(parts, key=lambda symbol: (-abs(parts[symbol]), symbol))[:MOST_MOVES]
    moved = "; ".join(f"{symbol} {moves[symbol]:+.1%} at weight {weights[symbol]:+.2f}" for symbol in largest)
    return TriedDecision(
        tuple(decisions),
        outcome,
        outcome > 0,
        f"Weights {held}. {reasons}",
        f"The account moved {outcome:+.2%} after it: {moved}.",
    )


def _weight(decision: Decision, view: MarketView, account: Account) -> float:
    """Return the allowed orders on the symbol over the equity of a flat account, at the last close."""
    ordered = sum((order.action.sign * order.quantity for order in decision.risk.allowed), Decimal(0))
    if not ordered or account.equity <= 0:
        return 0.0
    try:
        close = load_price_history(view, decision.ticker).series.close[-1]
    except NoData:
        return 0.0
    return float(ordered * Decimal(str(close)) / account.equity)
