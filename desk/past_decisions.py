"""The own last decisions of a desk on a symbol, found by the ids that their runs have."""

from datetime import timedelta
from decimal import Decimal

from ..domain.brief import PastDecision
from ..domain.decision import Decision, Outcome
from ..domain.errors import NoData
from ..domain.ids import Symbol
from ..domain.proposal import (
    AllocationProposal,
    CashTarget,
    DirectionProposal,
    ExposureProposal,
    Proposal,
    RatingProposal,
    RatioProposal,
    SignalsProposal,
    TargetCashProposal,
    TradeSignal,
    WeightEntry,
)
from ..market.adjustment import AdjustedSeries
from ..market.price_history import load_price_history
from ..market.view import MarketView
from .decision import DecisionRequest, Desk
from .run_id import submission_run_id

DAYS = 30
"""Calendar days before the decision (StockBench)."""
LONGEST_REASON = 160
RATIO_STEP = Decimal("0.0001")


def past_decisions(desk: Desk, view: MarketView, request: DecisionRequest) -> tuple[PastDecision, ...]:
    """Return the last decisions that the desk file asks for, oldest first, with the return of the symbol since each.

    Decisions of sessions of the same account are found, of whatever attempt made them last; abstentions are left out.
    """
    wanted = desk.file.intake.past_decisions
    if not wanted:
        return ()
    calendar = view.calendar(request.ticker)
    today = calendar.last_completed(request.as_of)
    found = list[PastDecision]()
    series = _series(view, request.ticker)
    for session in reversed(calendar.between(today - timedelta(days=DAYS), calendar.previous(today))):
        name = submission_run_id(request.account.name, session, request.ticker, desk.file.name)
        decision = desk.find_decision(name)
        if decision is not None and decision.outcome is not Outcome.ABSTAIN:
            found.append(_past(decision, series))
        if len(found) == wanted:
            break
    return tuple(reversed(found))


def _past(decision: Decision, series: AdjustedSeries | None) -> PastDecision:
    said = _said(decision.proposal, decision.ticker)
    if said is None:
        orders = ", ".join(f"{order.action} {order.quantity:f}" for order in decision.risk.allowed)
        said = orders or "hold"
    since = None
    day = decision.as_of.date()
    if series is not None and day in series.sessions:
        since = float(series.close[-1] / series.close[series.sessions.index(day)] - 1)
    return PastDecision(decision.as_of, said[:LONGEST_REASON], since)


def _said(proposal: Proposal | None, symbol: Symbol) -> str | None:
    """Return what a proposal says on one symbol; None for typed orders and for a symbol that it does not name."""
    match proposal:
        case AllocationProposal() | TargetCashProposal() | SignalsProposal():
            return next((_entry(each) for each in proposal.entries if each.symbol == symbol), None)
        case RatioProposal():
            return f"ratio {proposal.ratio.quantize(RATIO_STEP)}"
        case DirectionProposal():
            return str(proposal.direction)
        case RatingProposal():
            return str(proposal.rating)
        case ExposureProposal():
            return f"exposure {proposal.exposure:f}"
    return None


def _entry(entry: WeightEntry | CashTarget | TradeSignal) -> str:
    match entry:
        case WeightEntry():
            return f"weight {entry.weight:f}"
        case TradeSignal():
            return f"{entry.action}, probability {entry.probability}"
    amount = "" if entry.amount is None else f" to {entry.amount:.2f}"
    return f"{entry.action}{amount}, confidence {entry.confidence}: {'; '.join(entry.reasons)}"


def _series(view: MarketView, symbol: Symbol) -> AdjustedSeries | None:
    try:
        return load_price_history(view, symbol).series
    except NoData:
        return None
