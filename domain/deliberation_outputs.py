"""The outputs of agents that neither report nor decide: weights, positions, guidance, facts and probabilities.

A topology reads them and computes the desk's decision from them. `line` is the output as later agents read it.
"""

from abc import abstractmethod
from enum import StrEnum
from typing import Annotated, ClassVar, Self

from pydantic import Field, model_validator

from .ids import EvidenceId
from .outputs import Citations, Proportion, SignedProportion, StructuredOutput, Text

SUM_TOLERANCE = 0.01
"""Largest distance of the sum of a forecast's probabilities from 1; they are divided by their sum."""
MOST_FACTS, MOST_FACTORS = 12, 3


class StatedWork(StructuredOutput):
    """An output that later agents read as text."""

    @abstractmethod
    def line(self) -> str:
        """Return the output in words."""


class ReasonedWork(StatedWork):
    """An output with a summary of its reasons and the evidence for it."""

    summary: Text
    evidence: Citations


class ExpertScore(StructuredOutput):
    """The score of one expert; only differences between scores matter."""

    schema_name: ClassVar[str] = "ExpertScore"

    expert: Text
    score: float


class ExpertScores(ReasonedWork):
    """The scores of all experts. A higher score gives an expert more weight."""

    schema_name: ClassVar[str] = "ExpertScores"

    scores: Annotated[tuple[ExpertScore, ...], Field(min_length=1)]

    def line(self) -> str:
        """Return the scores by expert."""
        return f"scores {_scores(self.scores)}. {self.summary}"


class RegimeScores(ExpertScores):
    """The scores of the three regimes of the market and of all experts. Only differences between scores matter."""

    schema_name: ClassVar[str] = "RegimeScores"

    up: float
    down: float
    sideways: float

    def line(self) -> str:
        """Return the scores by regime and by expert."""
        regimes = f"up {self.up:+.2f}, down {self.down:+.2f}, sideways {self.sideways:+.2f}"
        return f"regimes {regimes}; {ExpertScores.line(self)}"


class ExpertWeights(StatedWork):
    """The weights of the experts, each at least 0 with sum 1.

    `fallback` is the reason why the static weights of the desk file were used; empty if the router's answer was used.
    """

    schema_name: ClassVar[str] = "ExpertWeights"

    weights: tuple[ExpertScore, ...]
    fallback: str
    evidence: Citations

    def line(self) -> str:
        """Return the weights by expert."""
        return f"weights {_scores(self.weights)}{f' (static: {self.fallback})' if self.fallback else ''}"


class PositionView(ReasonedWork):
    """The position that an agent would hold, from -1 (the largest short) to 1 (the largest long position)."""

    schema_name: ClassVar[str] = "PositionView"

    position: SignedProportion

    def line(self) -> str:
        """Return the position with its reasons."""
        return f"position {self.position:+.2f}. {self.summary}"


class MixWeight(ReasonedWork):
    """The weight of the first of two positions, from 0 to 1; the second has the rest."""

    schema_name: ClassVar[str] = "MixWeight"

    weight: Proportion

    def line(self) -> str:
        """Return the weight with its reasons."""
        return f"weight {self.weight:.2f}. {self.summary}"


class StrategyAction(StrEnum):
    """The side that a strategist takes for a period."""

    LONG = "LONG"
    SHORT = "SHORT"

    @property
    def sign(self) -> int:
        """Return +1 for long and -1 for short."""
        return 1 if self is StrategyAction.LONG else -1


class StrategyFeature(StructuredOutput):
    """One reason of a strategy: what it is, which way it points (-1, 0 or 1), and how much it counts (1 to 3)."""

    schema_name: ClassVar[str] = "StrategyFeature"

    feature: Text
    direction: Annotated[int, Field(ge=-1, le=1)]
    weight: Annotated[int, Field(ge=1, le=3)]


class PeriodStrategy(StatedWork):
    """The strategy for a period: the side, the confidence from 1 (weak) to 3 (strong), and the reasons."""

    schema_name: ClassVar[str] = "PeriodStrategy"

    action: StrategyAction
    action_confidence: Annotated[int, Field(ge=1, le=3)]
    explanation: Text
    features_used: Annotated[tuple[StrategyFeature, ...], Field(min_length=1, max_length=8)]
    evidence: Citations

    def line(self) -> str:
        """Return side and confidence with the reasons."""
        return f"{self.action}, confidence {self.action_confidence}. {self.explanation}"


class Guidance(ReasonedWork):
    """A strategy with the certainty of the answers behind it; `tau` is its signed strength, -1 to 1."""

    schema_name: ClassVar[str] = "Guidance"

    action: StrategyAction
    action_confidence: Annotated[int, Field(ge=1, le=3)]
    votes: Annotated[int, Field(ge=1)]
    agreeing: Annotated[int, Field(ge=1)]
    certainty: Proportion
    tau: SignedProportion

    def line(self) -> str:
        """Return side, confidence, certainty and strength."""
        votes = f"{self.agreeing} of {self.votes} answers agree"
        return f"{self.action}, confidence {self.action_confidence}, {votes}, tau {self.tau:+.3f}. {self.summary}"


class NewsFactor(StructuredOutput):
    """One theme of the news: its sentiment (-1, 0 or 1), its impact from 1 to 3, and the item it is taken from."""

    schema_name: ClassVar[str] = "NewsFactor"

    factor: Text
    sentiment: Annotated[int, Field(ge=-1, le=1)]
    impact: Annotated[int, Field(ge=1, le=3)]
    source: EvidenceId


class NewsFactors(StatedWork):
    """The most important themes of the news, the strongest first."""

    schema_name: ClassVar[str] = "NewsFactors"

    factors: Annotated[tuple[NewsFactor, ...], Field(min_length=1, max_length=MOST_FACTORS)]

    @property
    def evidence(self) -> tuple[EvidenceId, ...]:
        """Return the ids of the items, each once."""
        return tuple(dict.fromkeys(each.source for each in self.factors))

    def line(self) -> str:
        """Return the themes with sentiment and impact."""
        return "; ".join(
            f"{each.factor} (sentiment {each.sentiment:+d}, impact {each.impact}, from {each.source})"
            for each in self.factors
        )


class FactSide(StrEnum):
    """What a fact means for the price of the share."""

    FAVOURABLE = "favourable"
    ADVERSE = "adverse"

    @property
    def sign(self) -> int:
        """Return +1 for favourable and -1 for adverse."""
        return 1 if self is FactSide.FAVOURABLE else -1


class LabelledFact(StructuredOutput):
    """One fact: its side, its strength from 1 (weak) to 3 (strong), and the evidence that it is taken from."""

    schema_name: ClassVar[str] = "LabelledFact"

    text: Text
    side: FactSide
    strength: Annotated[int, Field(ge=1, le=3)]
    source: EvidenceId


class FactTable(StatedWork):
    """The facts that count, each labelled; an empty table says that the sources hold none."""

    schema_name: ClassVar[str] = "FactTable"

    facts: Annotated[tuple[LabelledFact, ...], Field(max_length=MOST_FACTS)]

    @property
    def evidence(self) -> tuple[EvidenceId, ...]:
        """Return the ids of the sources, each once."""
        return tuple(dict.fromkeys(each.source for each in self.facts))

    def of(self, side: FactSide) -> tuple[LabelledFact, ...]:
        """Return the facts of one side, the strongest first."""
        return tuple(sorted((each for each in self.facts if each.side is side), key=lambda each: -each.strength))

    def line(self) -> str:
        """Return the table, one side after the other."""
        return " | ".join(f"{side}: {'; '.join(map(_fact_text, self.of(side)))}" for side in FactSide if self.of(side))


class Forecast(ReasonedWork):
    """The probabilities of the return over the horizon: below, within and above half a standard deviation; sum 1."""

    schema_name: ClassVar[str] = "Forecast"

    down: Proportion
    flat: Proportion
    up: Proportion

    @model_validator(mode="after")
    def _sums_to_one(self) -> Self:
        total = self.down + self.flat + self.up
        if abs(total - 1) > SUM_TOLERANCE:
            raise ValueError(f"the probabilities of down, flat and up have the sum {total:g}, not 1")
        return self

    def line(self) -> str:
        """Return the probabilities with their reasons."""
        return f"down {self.down:.2f}, flat {self.flat:.2f}, up {self.up:.2f}. {self.summary}"


class MarketPrices(StatedWork):
    """The prices of the outcomes in the prediction market, with the budgets and probabilities behind them."""

    schema_name: ClassVar[str] = "MarketPrices"

    down: Proportion
    flat: Proportion
    up: Proportion
    budgets: tuple[ExpertScore, ...]
    evidence: Citations

    def line(self) -> str:
        """Return prices and budgets."""
        prices = f"down {self.down:.3f}, flat {self.flat:.3f}, up {self.up:.3f}"
        return f"prices {prices}; budgets {_scores(self.budgets)}"


def _fact_text(fact: LabelledFact) -> str:
    return f"{fact.text} (strength {fact.strength}, from {fact.source})"


def _scores(scores: tuple[ExpertScore, ...]) -> str:
    return ", ".join(f"{each.expert} {each.score:.3g}" for each in scores)
