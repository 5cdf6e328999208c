"""Prediction-market budgets as a fold over settled decisions, and the bets of a decision as facts of its memory."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from ...memory.record import Record
from ...tools.signals.fusion import Bet, OutcomeClass, classify_outcome
from .lessons import OUTCOME
from .market_budgets import LEARNING_RATE, equal_budgets, updated_budgets

BET_FACT = "bet."
DIGITS = Decimal("0.000001")


@dataclass(frozen=True, slots=True)
class SettledBets:
    """The bets of one decision, and the class of the return that followed."""

    bets: tuple[Bet, ...]
    outcome: OutcomeClass


def learned_budgets(
    analysts: Sequence[str], settled: Iterable[SettledBets], *, rate: float = LEARNING_RATE
) -> dict[str, float]:
    """Return the budgets of `analysts` after all settled decisions, oldest first; each begins with 1.

    Bets of other names, such as an analyst that the desk no longer has, are left out. Raises ValueError for an invalid
    rate.
    """
    budgets = equal_budgets(analysts)
    for each in settled:
        bets = [bet for bet in each.bets if bet.analyst in budgets]
        budgets = updated_budgets(budgets, bets, each.outcome, rate=rate)
    return budgets


def bet_facts(bets: Iterable[Bet]) -> tuple[tuple[str, Decimal], ...]:
    """Return the facts `bet.ANALYST.OUTCOME` of a thesis, one probability each; the lesson about it keeps them."""
    return tuple(
        (f"{BET_FACT}{bet.analyst}.{outcome}", Decimal(repr(bet.probabilities[outcome])).quantize(DIGITS))
        for bet in bets
        for outcome in OutcomeClass
    )


def settled_bets(lessons: Iterable[Record]) -> list[SettledBets]:
    """Return the bets of lessons that state bets and an outcome, ordered by the time of the outcome.

    The first lesson learned about a thesis counts. Rounded probabilities are divided by their sum.
    """
    known = [lesson for lesson in lessons if lesson.fact(OUTCOME) is not None]
    first: dict[object, Record] = {}
    for lesson in sorted(known, key=lambda each: (each.learned_at, each.id)):
        first.setdefault(lesson.sources, lesson)
    ordered = sorted(first.values(), key=lambda each: (each.event_at, each.learned_at, each.id))
    found = [(_bets(lesson), classify_outcome(float(lesson.fact(OUTCOME) or 0))) for lesson in ordered]
    return [SettledBets(bets, outcome) for bets, outcome in found if bets]


def _bets(lesson: Record) -> tuple[Bet, ...]:
    stated: dict[str, dict[OutcomeClass, float]] = {}
    for name, value in lesson.facts:
        if name.startswith(BET_FACT):
            analyst, _, outcome = name.removeprefix(BET_FACT).rpartition(".")
            stated.setdefault(analyst, {})[OutcomeClass(outcome)] = float(value)
    return tuple(Bet(analyst, 1.0, _normalized(values)) for analyst, values in stated.items())


def _normalized(values: Mapping[OutcomeClass, float]) -> dict[OutcomeClass, float]:
    total = sum(values.values())
    return {outcome: value / total for outcome, value in values.items()}
