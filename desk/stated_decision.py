"""A decision in a few words, with the number and the reason that the desk stated for one symbol."""

from dataclasses import dataclass
from decimal import Decimal

from ..domain.decision import Decision
from ..domain.ids import Symbol
from ..domain.proposal import (
    AllocationProposal,
    CashTarget,
    DirectionProposal,
    ExposureProposal,
    RatingProposal,
    RatioProposal,
    ReportProposal,
    SignalsProposal,
    TargetCashProposal,
)

LONGEST_REASON = 300


@dataclass(frozen=True, slots=True)
class StatedDecision:
    """What a desk stated about one symbol. `amount` is a weight, ratio, exposure or value in currency, or None."""

    words: str
    amount: Decimal | None = None
    reason: str = ""


def stated_decision(decision: Decision) -> StatedDecision:
    """Return what the decision states about its symbol; orders are those that the limits allowed."""
    stated = _proposed(decision)
    reason = stated.reason or (decision.thesis.summary if decision.thesis else "")
    return StatedDecision(stated.words, stated.amount, reason[:LONGEST_REASON])


def _proposed(decision: Decision) -> StatedDecision:
    match decision.proposal:
        case RatingProposal(rating=rating):
            return StatedDecision(f"rating {rating}")
        case DirectionProposal(direction=direction):
            return StatedDecision(f"direction {direction}")
        case ExposureProposal(exposure=exposure):
            return StatedDecision(f"exposure {exposure:f}", exposure)
        case RatioProposal(ratio=ratio):
            return StatedDecision(f"ratio {ratio:f}", ratio)
        case ReportProposal():
            return StatedDecision("research note")
    return _of_book(decision)


def _of_book(decision: Decision) -> StatedDecision:
    match decision.proposal:
        case TargetCashProposal(entries=targets):
            return _cash_target(next((each for each in targets if each.symbol == decision.ticker), None))
        case AllocationProposal(entries=weights):
            weight = next((each.weight for each in weights if each.symbol == decision.ticker), Decimal(0))
            return StatedDecision(f"weight {weight:f}", weight)
        case SignalsProposal() as signals:
            return _signal(signals, decision.ticker)
    orders = ", ".join(f"{order.action} {order.quantity:f}" for order in decision.risk.allowed)
    return StatedDecision(orders or "no orders")


def _cash_target(entry: CashTarget | None) -> StatedDecision:
    if entry is None:
        return StatedDecision("not named")
    words = f"{entry.action}" if entry.amount is None else f"{entry.action}, target {entry.amount:f}"
    sure = "" if entry.confidence is None else f", confidence {entry.confidence:f}"
    return StatedDecision(f"{words}{sure}", entry.amount, " ".join(entry.reasons))


def _signal(book: SignalsProposal, symbol: Symbol) -> StatedDecision:
    signal = next((each for each in book.entries if each.symbol == symbol), None)
    if signal is None:
        return StatedDecision("no signal")
    return StatedDecision(f"{signal.action}, probability {signal.probability:f}", signal.probability)
