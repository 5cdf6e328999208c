"""The outputs of agents that decide over a whole book at once."""

from typing import Annotated, ClassVar

from pydantic import Field

from .ids import EvidenceId, Symbol
from .outputs import Proportion, StructuredOutput, Text
from .proposal import SignalSide, TargetAction

FiniteNumber = Annotated[float, Field(allow_inf_nan=False)]
MOST_ENTRIES = 500


class BookView(StructuredOutput):
    """A decision over a book with its reasons. Evidence ids begin with the symbol, as in `AAPL/px.close`."""

    summary: Text
    evidence: Annotated[tuple[EvidenceId, ...], Field(description="ids of evidence in the case, and no others")]


class NeedEntry(StructuredOutput):
    """Whether the agent that decides needs the fundamentals of one symbol, with the reason."""

    schema_name: ClassVar[str] = "NeedEntry"

    symbol: Symbol
    needed: bool
    reason: Text


class NeedsDecision(StructuredOutput):
    """The symbols whose fundamentals are needed; a symbol that is not named needs none."""

    schema_name: ClassVar[str] = "NeedsDecision"

    entries: Annotated[tuple[NeedEntry, ...], Field(max_length=MOST_ENTRIES)]

    def of(self, symbol: Symbol) -> NeedEntry:
        """Return the entry of a symbol; without one, that nothing is needed."""
        named = (entry for entry in self.entries if entry.symbol == symbol)
        return next(named, NeedEntry(symbol=symbol, needed=False, reason="not named by the filter"))


class CashTargetEntry(StructuredOutput):
    """The total value wanted in one symbol, in currency; null for a hold and 0 for a close."""

    schema_name: ClassVar[str] = "CashTargetEntry"

    symbol: Symbol
    action: TargetAction
    target_cash_amount: Annotated[float, Field(ge=0, allow_inf_nan=False)] | None
    reasons: tuple[Text, ...]
    confidence: Proportion


class TargetCashDecision(BookView):
    """The total value wanted in every symbol of the book; each symbol occurs once."""

    schema_name: ClassVar[str] = "TargetCashDecision"

    entries: Annotated[tuple[CashTargetEntry, ...], Field(max_length=MOST_ENTRIES)]


class AllocationEntry(StructuredOutput):
    """The weight of one symbol as a share of equity."""

    schema_name: ClassVar[str] = "AllocationEntry"

    symbol: Symbol
    weight: FiniteNumber


class AllocationDecision(BookView):
    """The weights wanted over the book, and that of cash; null where cash is what the weights leave."""

    schema_name: ClassVar[str] = "AllocationDecision"

    entries: Annotated[tuple[AllocationEntry, ...], Field(max_length=MOST_ENTRIES)]
    cash: FiniteNumber | None


class SignalEntry(StructuredOutput):
    """A recommendation for one symbol. `limitations` says what could make it wrong and is never empty."""

    schema_name: ClassVar[str] = "SignalEntry"

    symbol: Symbol
    action: SignalSide
    evidence: Annotated[tuple[EvidenceId, ...], Field(max_length=20)]
    limitations: Annotated[tuple[Text, ...], Field(min_length=1)]
    probability: Proportion


class SignalsDecision(BookView):
    """Recommendations for some symbols of the book."""

    schema_name: ClassVar[str] = "SignalsDecision"

    entries: Annotated[tuple[SignalEntry, ...], Field(max_length=MOST_ENTRIES)]
