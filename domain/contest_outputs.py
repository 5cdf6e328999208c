"""The outputs of a contest: factors of data agents and their ranking, deductions of judges, the ranking of signals."""

from typing import Annotated, ClassVar

from pydantic import Field

from .book_outputs import MOST_ENTRIES
from .ids import EvidenceId, Symbol
from .outputs import SignedProportion, StructuredOutput, Text
from .proposal import SignalSide


class FactorRating(StructuredOutput):
    """How good (1) or bad (-1) a factor is for one symbol."""

    schema_name: ClassVar[str] = "FactorRating"

    symbol: Symbol
    rating: SignedProportion


class TextFactor(StructuredOutput):
    """What a data agent has found, in words, with a rating of the symbols that it is about."""

    schema_name: ClassVar[str] = "TextFactor"

    text: Text
    ratings: Annotated[tuple[FactorRating, ...], Field(max_length=MOST_ENTRIES)]
    evidence: Annotated[tuple[EvidenceId, ...], Field(description="ids of evidence in the case, and no others")]


class FactorSharpe(StructuredOutput):
    """The predicted Sharpe ratio of a data agent's factors, from so many past rewards."""

    schema_name: ClassVar[str] = "FactorSharpe"

    author: str
    rewards: Annotated[int, Field(ge=0)]
    predicted: Annotated[float, Field(allow_inf_nan=False)]


class FactorRanking(StructuredOutput):
    """The factors of a session, best first, and the authors of those that contestants are shown."""

    schema_name: ClassVar[str] = "FactorRanking"

    factors: tuple[FactorSharpe, ...]
    shown: tuple[str, ...]


class Deduction(StructuredOutput):
    """The points, 0 to 100, that a judge deducts from one signal of one contestant, with the reason."""

    schema_name: ClassVar[str] = "Deduction"

    contestant: str
    symbol: Symbol
    points: Annotated[float, Field(ge=0, le=100)]
    reason: Text


class Deductions(StructuredOutput):
    """All deductions of one judge; a signal that is not named keeps its 100 points."""

    schema_name: ClassVar[str] = "Deductions"

    entries: Annotated[tuple[Deduction, ...], Field(max_length=MOST_ENTRIES)]


class RankedSignal(StructuredOutput):
    """One signal with the mean score of the judges, 0 to 100, and its predicted Sharpe ratio."""

    schema_name: ClassVar[str] = "RankedSignal"

    contestant: str
    symbol: Symbol
    action: SignalSide
    score: Annotated[float, Field(ge=0, le=100)]
    predicted: Annotated[float, Field(allow_inf_nan=False)]


class SymbolSharpe(StructuredOutput):
    """The predicted Sharpe ratio of the side that the signals on one symbol take together."""

    schema_name: ClassVar[str] = "SymbolSharpe"

    symbol: Symbol
    predicted: Annotated[float, Field(allow_inf_nan=False)]


class ContestRanking(StructuredOutput):
    """All signals, best first, and what they come to for each symbol."""

    schema_name: ClassVar[str] = "ContestRanking"

    signals: tuple[RankedSignal, ...]
    symbols: tuple[SymbolSharpe, ...]
