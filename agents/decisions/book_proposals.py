"""From a decision over a book to the proposal that arithmetic turns into orders, and to a thesis on each symbol."""

from decimal import Decimal

from ...domain.book_outputs import AllocationDecision, BookView, SignalsDecision, TargetCashDecision
from ...domain.ids import EvidenceId, Symbol
from ...domain.outputs import NOT_ARGUED, Thesis
from ...domain.proposal import (
    AllocationProposal,
    CashTarget,
    Proposal,
    SignalsProposal,
    TargetAction,
    TargetCashProposal,
    TradeSignal,
    WeightEntry,
)
from ..book import SEPARATOR
from ..context import AgentContext
from ..rules.research_manager import rate

HORIZON_SESSIONS = 21
"""Sessions that a view of a book is about where the answer names none."""


def book_proposal_of(context: AgentContext, author: str) -> Proposal | None:
    """Return the proposal of the last decision of `author` over a book; None without one."""
    decided = [said for name, said in context.outputs(BookView) if name == author]
    return proposal_from(decided[-1]) if decided else None


def book_thesis_of(context: AgentContext, author: str, symbol: Symbol) -> Thesis | None:
    """Return the last decision of `author` over a book as a thesis on one symbol; None without one."""
    decided = [said for name, said in context.outputs(BookView) if name == author]
    if not decided:
        return None
    conviction = max(-1.0, min(1.0, round(book_conviction(decided[-1], symbol), 4)))
    prefix = f"{symbol}{SEPARATOR}"
    return Thesis(
        rating=rate(conviction),
        conviction=conviction,
        horizon_sessions=HORIZON_SESSIONS,
        summary=decided[-1].summary,
        bull_case=NOT_ARGUED,
        bear_case=NOT_ARGUED,
        invalidation="A decision over the book with another view of the symbol.",
        evidence=tuple(
            EvidenceId(name.removeprefix(prefix)) for name in decided[-1].evidence if name.startswith(prefix)
        ),
    )


def book_conviction(said: BookView, symbol: Symbol) -> float:
    """Return the weight, the signed probability, or the signed confidence that an answer gives a symbol; else 0."""
    match said:
        case AllocationDecision():
            return sum(entry.weight for entry in said.entries if entry.symbol == symbol)
        case SignalsDecision():
            signs = {"buy": 1, "sell": -1}
            return sum(signs[entry.action] * entry.probability for entry in said.entries if entry.symbol == symbol)
        case TargetCashDecision():
            signs = {TargetAction.INCREASE: 1, TargetAction.DECREASE: -1, TargetAction.CLOSE: -1, TargetAction.HOLD: 0}
            return sum(signs[entry.action] * entry.confidence for entry in said.entries if entry.symbol == symbol)
    return 0.0


def proposal_from(said: BookView) -> Proposal:
    """Return the proposal of a decision over a book; raises InvalidOutput for one that contradicts itself."""
    match said:
        case AllocationDecision():
            entries = tuple(WeightEntry(entry.symbol, _decimal(entry.weight)) for entry in said.entries)
            return AllocationProposal(entries, None if said.cash is None else _decimal(said.cash), said.summary)
        case TargetCashDecision():
            return TargetCashProposal(
                tuple(
                    CashTarget(
                        each.symbol,
                        each.action,
                        None if each.target_cash_amount is None else _decimal(each.target_cash_amount),
                        each.reasons,
                        _decimal(each.confidence),
                    )
                    for each in said.entries
                )
            )
        case SignalsDecision():
            return SignalsProposal(
                tuple(
                    TradeSignal(each.symbol, each.action, each.evidence, each.limitations, _decimal(each.probability))
                    for each in said.entries
                )
            )
    raise TypeError(f"{type(said).__name__} is no decision over a book")


def _decimal(value: float) -> Decimal:
    return Decimal(str(round(value, 6)))
