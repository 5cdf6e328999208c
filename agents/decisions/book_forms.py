"""The forms of decisions over a book: target cash, allocation, signals."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any, Generic, TypeVar

from ...domain.abstention import Abstention
from ...domain.book_outputs import (
    AllocationDecision,
    AllocationEntry,
    BookView,
    CashTargetEntry,
    SignalEntry,
    SignalsDecision,
    TargetCashDecision,
)
from ...domain.brief import Brief
from ...domain.errors import InvalidOutput
from ...domain.ids import EvidenceId, Symbol
from ...domain.outputs import Thesis
from ...domain.proposal import DecisionKind, SignalSide, TargetAction
from ...risk.limit_settings import Limits
from ..book import book_id
from ..context import AgentContext
from ..rules.research_manager import HOLD_BAND

T = TypeVar("T", bound=BookView)
CENTS = Decimal("0.01")
MOST_CITED = 20


@dataclass(frozen=True, slots=True)
class RatedSymbol:
    """One symbol of a book with the thesis that the rules arrive at, or their abstention."""

    brief: Brief
    thesis: Thesis | Abstention

    @property
    def conviction(self) -> float:
        """Return the signed conviction; 0 for a hold and without a thesis."""
        if isinstance(self.thesis, Abstention) or abs(self.thesis.conviction) < HOLD_BAND:
            return 0.0
        return self.thesis.conviction

    @property
    def evidence(self) -> tuple[EvidenceId, ...]:
        """Return the cited evidence, with the ids that it has in the book."""
        cited = () if isinstance(self.thesis, Abstention) else self.thesis.evidence
        return tuple(book_id(self.brief.symbol, each) for each in cited[:3])

    @property
    def summary(self) -> str:
        """Return why."""
        return self.thesis.reason if isinstance(self.thesis, Abstention) else self.thesis.summary


@dataclass(frozen=True, slots=True)
class BookForm(Generic[T]):
    """One kind of decision over a book.

    Attributes:
        output: the class of the answer.
        by_rule: returns the answer for the theses that the rules arrive at.
        symbols: returns the symbols that an answer names.
        complete: whether an answer has to name every symbol of the book.
        instructions: what is asked for, in words for the prompt.
        amounts: whether an answer states values in currency, which limits refuse, rather than shares of a whole.
    """

    output: type[T]
    by_rule: Callable[[Sequence[RatedSymbol]], T]
    symbols: Callable[[T], Sequence[Symbol]]
    complete: bool
    instructions: str
    amounts: bool = False

    def within(self, limits: Limits) -> "BookForm[T]":
        """Return the form with the limits of one position in its instructions if it asks for amounts."""
        if not self.amounts:
            return self
        said = (
            f" One position may be worth at most {limits.max_position:.0%} of equity and lose at most "
            f"{limits.max_loss:.1%} of equity; without a stop it counts as losing {limits.price_collar:.0%} of value."
        )
        return replace(self, instructions=self.instructions + said)

    def check(self, answer: T, context: AgentContext) -> None:
        """Raise InvalidOutput for symbols that were not asked for, that are named twice, or that are left out."""
        named, asked = list(self.symbols(answer)), [brief.symbol for brief in context.book]
        if strange := sorted(set(named) - set(asked)):
            raise InvalidOutput(f"these symbols were not asked for: {', '.join(strange[:10])}")
        if twice := sorted({symbol for symbol in named if named.count(symbol) > 1}):
            raise InvalidOutput(f"these symbols occur more than once: {', '.join(twice[:10])}")
        if self.complete and (absent := sorted(set(asked) - set(named))):
            raise InvalidOutput(f"these symbols are left out: {', '.join(absent[:10])}; name every symbol")


def _allocation_by_rule(rated: Sequence[RatedSymbol]) -> AllocationDecision:
    """Weigh positive convictions: weight = conviction / max(sum of convictions, 1); the rest is cash."""
    convictions = [max(each.conviction, 0.0) for each in rated]
    scale = max(sum(convictions), 1.0)
    weights = [round(conviction / scale, 6) for conviction in convictions]
    return AllocationDecision(
        entries=tuple(
            AllocationEntry(symbol=each.brief.symbol, weight=weight)
            for each, weight in zip(rated, weights, strict=True)
        ),
        cash=round(max(1.0 - sum(weights), 0.0), 6),
        summary=_summary(rated),
        evidence=_evidence(rated),
    )


def _target_cash_by_rule(rated: Sequence[RatedSymbol]) -> TargetCashDecision:
    """Close what the rules rate negative, and share the free cash among what they rate positive, by conviction."""
    account = rated[0].brief.account
    wanted = sum(max(each.conviction, 0.0) for each in rated)
    share = float(account.cash) / wanted if wanted else 0.0
    return TargetCashDecision(
        entries=tuple(_target(each, share) for each in rated), summary=_summary(rated), evidence=_evidence(rated)
    )


RESERVE = 0.95
"""Share of the cash that the rule spends, so that costs and a higher open do not exceed it."""


def _target(each: RatedSymbol, cash_per_conviction: float) -> CashTargetEntry:
    brief = each.brief
    value = float(brief.account.quantity(brief.symbol) * brief.quote.last_close)
    action, amount = TargetAction.HOLD, None
    if each.conviction < 0 < value:
        action, amount = TargetAction.CLOSE, 0.0
    elif (added := each.conviction * cash_per_conviction * RESERVE) > float(CENTS):
        action, amount = TargetAction.INCREASE, round(value + added, 2)
    return CashTargetEntry(
        symbol=brief.symbol,
        action=action,
        target_cash_amount=amount,
        reasons=(each.summary or "no reason",),
        confidence=round((1 + abs(each.conviction)) / 2, 4),
    )


def _signals_by_rule(rated: Sequence[RatedSymbol]) -> SignalsDecision:
    """Signal every conviction beyond the hold band."""
    signalled = [each for each in rated if each.conviction]
    return SignalsDecision(
        entries=tuple(
            SignalEntry(
                symbol=each.brief.symbol,
                action=SignalSide.BUY if each.conviction > 0 else SignalSide.SELL,
                evidence=each.evidence,
                limitations=("The rule reads past data only.",),
                probability=round((1 + abs(each.conviction)) / 2, 4),
            )
            for each in signalled
        ),
        summary=_summary(rated),
        evidence=_evidence(rated),
    )


def _summary(rated: Sequence[RatedSymbol]) -> str:
    strongest = sorted(rated, key=lambda each: -abs(each.conviction))[:5]
    return "Convictions: " + ", ".join(f"{each.brief.symbol} {each.conviction:+.2f}" for each in strongest)


def _evidence(rated: Sequence[RatedSymbol]) -> tuple[EvidenceId, ...]:
    return tuple(name for each in rated for name in each.evidence[:1])[:MOST_CITED]


ALLOCATION = BookForm(
    AllocationDecision,
    _allocation_by_rule,
    lambda answer: [entry.symbol for entry in answer.entries],
    False,
    "Give the weight of each symbol as a share of equity, and that of cash; the weights and cash sum to 1. "
    "A symbol that is left out gets no weight.",
)
TARGET_CASH = BookForm(
    TargetCashDecision,
    _target_cash_by_rule,
    lambda answer: [entry.symbol for entry in answer.entries],
    True,
    "For every symbol choose increase, hold, decrease or close, and give target_cash_amount, the TOTAL value wanted in "
    "the symbol in currency: null for hold, 0 for close. The sum of all increases must not exceed the available cash.",
    amounts=True,
)
SIGNALS = BookForm(
    SignalsDecision,
    _signals_by_rule,
    lambda answer: [entry.symbol for entry in answer.entries],
    False,
    "Recommend symbols to buy or to sell, each with its evidence, its limitations and the probability that it is "
    "right.",
)
BOOK_FORMS: Mapping[DecisionKind, BookForm[Any]] = {
    DecisionKind.ALLOCATION: ALLOCATION,
    DecisionKind.TARGET_CASH: TARGET_CASH,
    DecisionKind.SIGNALS: SIGNALS,
}
"""The form of each kind of decision over a book."""
