"""The proposals that desks end in: what a desk says before arithmetic turns it into orders.

Every number is checked when a proposal is built: a number that is not finite, or that lies outside of its range, raises
InvalidOutput. What depends on the account, the universe or the desk file is checked where the proposal is compiled.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from .errors import InvalidOutput
from .ids import EvidenceId, Symbol
from .outputs import HOLD_CONVICTION_LIMIT, OrderPlan, Rating


class DecisionKind(StrEnum):
    """The form of a desk's proposal."""

    ORDERS = "orders"
    RATING = "rating"
    DIRECTION = "direction"
    EXPOSURE = "exposure"
    RATIO = "ratio"
    TARGET_CASH = "target_cash"
    ALLOCATION = "allocation"
    SIGNALS = "signals"
    REPORT = "report"


class Direction(StrEnum):
    """The side of a wanted position; flat closes a position, keep leaves it as it is."""

    LONG = "long"
    SHORT = "short"
    FLAT = "flat"
    KEEP = "keep"

    @property
    def sign(self) -> int:
        """Return +1 for long, -1 for short, else 0."""
        return {Direction.LONG: 1, Direction.SHORT: -1}.get(self, 0)


class TargetAction(StrEnum):
    """What a target in currency does to a position."""

    INCREASE = "increase"
    HOLD = "hold"
    DECREASE = "decrease"
    CLOSE = "close"


class SignalSide(StrEnum):
    """Whether a signal recommends to buy or to sell."""

    BUY = "buy"
    SELL = "sell"


@dataclass(frozen=True, slots=True)
class RatingProposal:
    """A rating of one symbol. `conviction` is signed, -1 to 1, and does not contradict the rating."""

    symbol: Symbol
    rating: Rating
    conviction: Decimal
    rationale: str = ""
    evidence: tuple[EvidenceId, ...] = ()

    def __post_init__(self) -> None:
        _within(self.symbol, "conviction", self.conviction, -1, 1)
        limit = Decimal(str(HOLD_CONVICTION_LIMIT))
        held = self.rating is Rating.HOLD
        if self.rating.sign * self.conviction < 0 or (held and abs(self.conviction) > limit):
            raise InvalidOutput(f"{self.symbol}: rating {self.rating} contradicts a conviction of {self.conviction}")


@dataclass(frozen=True, slots=True)
class DirectionProposal:
    """The side of the position wanted in one symbol.

    Attributes:
        conviction: signed, -1 to 1; it does not contradict `direction`.
        reward_to_risk: distance to the target over the distance to the stop, above 0.
        stop: price per share at which the position is closed, above 0.
    """

    symbol: Symbol
    direction: Direction
    conviction: Decimal
    reward_to_risk: Decimal | None = None
    stop: Decimal | None = None
    rationale: str = ""
    evidence: tuple[EvidenceId, ...] = ()

    def __post_init__(self) -> None:
        _within(self.symbol, "conviction", self.conviction, -1, 1)
        if self.direction.sign * self.conviction < 0:
            raise InvalidOutput(
                f"{self.symbol}: direction {self.direction} contradicts a conviction of {self.conviction}"
            )
        _positive(self.symbol, "reward_to_risk", self.reward_to_risk)
        _positive(self.symbol, "stop", self.stop)


@dataclass(frozen=True, slots=True)
class ExposureProposal:
    """The exposure wanted in one symbol, -1 to 1, as a share of the largest position that the desk may take."""

    symbol: Symbol
    exposure: Decimal
    rationale: str = ""
    evidence: tuple[EvidenceId, ...] = ()

    def __post_init__(self) -> None:
        _within(self.symbol, "exposure", self.exposure, -1, 1)


@dataclass(frozen=True, slots=True)
class RatioProposal:
    """The share of equity wanted in one symbol, 0 to 1."""

    symbol: Symbol
    ratio: Decimal
    rationale: str = ""
    evidence: tuple[EvidenceId, ...] = ()

    def __post_init__(self) -> None:
        _within(self.symbol, "ratio", self.ratio, 0, 1)


@dataclass(frozen=True, slots=True)
class CashTarget:
    """The total value wanted in one symbol.

    `amount` is in currency, never negative; None if the answer names none. `confidence` is from 0 to 1.
    """

    symbol: Symbol
    action: TargetAction
    amount: Decimal | None
    reasons: tuple[str, ...] = ()
    confidence: Decimal | None = None

    def __post_init__(self) -> None:
        if self.amount is not None:
            _finite(self.symbol, "amount", self.amount)
            if self.amount < 0:
                raise InvalidOutput(f"{self.symbol}: the amount of {self.amount} is negative")
        if self.confidence is not None:
            _within(self.symbol, "confidence", self.confidence, 0, 1)


@dataclass(frozen=True, slots=True)
class TargetCashProposal:
    """The total values wanted over a book; each symbol occurs once."""

    entries: tuple[CashTarget, ...]

    def __post_init__(self) -> None:
        _unique(entry.symbol for entry in self.entries)


@dataclass(frozen=True, slots=True)
class WeightEntry:
    """The weight of one symbol as a share of equity; finite, and otherwise unchecked."""

    symbol: Symbol
    weight: Decimal

    def __post_init__(self) -> None:
        _finite(self.symbol, "weight", self.weight)


@dataclass(frozen=True, slots=True)
class AllocationProposal:
    """The weights wanted over a book, and that of cash; None if the answer names no cash. Each symbol occurs once."""

    entries: tuple[WeightEntry, ...]
    cash: Decimal | None = None
    rationale: str = ""

    def __post_init__(self) -> None:
        _unique(entry.symbol for entry in self.entries)
        if self.cash is not None:
            _finite("CASH", "weight", self.cash)


@dataclass(frozen=True, slots=True)
class TradeSignal:
    """A recommendation for one symbol with its evidence and limitations; `probability` is from 0 to 1."""

    symbol: Symbol
    action: SignalSide
    evidence: tuple[EvidenceId, ...]
    limitations: tuple[str, ...]
    probability: Decimal

    def __post_init__(self) -> None:
        _within(self.symbol, "probability", self.probability, 0, 1)


@dataclass(frozen=True, slots=True)
class SignalsProposal:
    """Signals over a book; each symbol occurs once."""

    entries: tuple[TradeSignal, ...]

    def __post_init__(self) -> None:
        _unique(entry.symbol for entry in self.entries)


@dataclass(frozen=True, slots=True)
class NoteSection:
    """One section of a research note."""

    title: str
    text: str
    evidence: tuple[EvidenceId, ...] = ()


@dataclass(frozen=True, slots=True)
class ReportProposal:
    """A research note; it asks for no orders."""

    sections: tuple[NoteSection, ...]

    def __post_init__(self) -> None:
        if not self.sections:
            raise InvalidOutput("the research note has no sections")


SymbolProposal = RatingProposal | DirectionProposal | ExposureProposal | RatioProposal
"""A proposal about one symbol, which it names."""
BookProposal = TargetCashProposal | AllocationProposal | SignalsProposal
"""A proposal over a book: an entry for each symbol."""
Proposal = OrderPlan | SymbolProposal | BookProposal | ReportProposal

_KINDS: tuple[tuple[type[Proposal], DecisionKind], ...] = (
    (OrderPlan, DecisionKind.ORDERS),
    (RatingProposal, DecisionKind.RATING),
    (DirectionProposal, DecisionKind.DIRECTION),
    (ExposureProposal, DecisionKind.EXPOSURE),
    (RatioProposal, DecisionKind.RATIO),
    (TargetCashProposal, DecisionKind.TARGET_CASH),
    (AllocationProposal, DecisionKind.ALLOCATION),
    (SignalsProposal, DecisionKind.SIGNALS),
    (ReportProposal, DecisionKind.REPORT),
)


def proposal_kind(proposal: Proposal) -> DecisionKind:
    """Return the decision kind of a proposal."""
    return next(kind for form, kind in _KINDS if isinstance(proposal, form))


def _finite(symbol: str, name: str, value: Decimal) -> None:
    if not value.is_finite():
        raise InvalidOutput(f"{symbol}: the {name} is {value}, which is not a finite number")


def _within(symbol: str, name: str, value: Decimal, low: int, high: int) -> None:
    _finite(symbol, name, value)
    if not low <= value <= high:
        raise InvalidOutput(f"{symbol}: the {name} of {value} is not from {low} to {high}")


def _positive(symbol: str, name: str, value: Decimal | None) -> None:
    if value is None:
        return
    _finite(symbol, name, value)
    if value <= 0:
        raise InvalidOutput(f"{symbol}: the {name} of {value} is not above 0")


def _unique(symbols: Iterable[Symbol]) -> None:
    if twice := [symbol for symbol, times in Counter(symbols).items() if times > 1]:
        raise InvalidOutput(f"these symbols occur more than once: {', '.join(sorted(twice))}")
