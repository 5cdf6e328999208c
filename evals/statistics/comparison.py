"""Arms compared with one another: differences with intervals, and a verdict that never ranks by chance."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import combinations

from .bootstrap import ConfidenceInterval
from .mean_interval import mean_interval
from .multiple_testing import holm
from .pairing import PairedDifferences, PairKey, SeedSpread, pair
from .permutation import sign_flip_p_value
from .power import PowerStatement, power_statement

LEAST_PAIRS = 20
"""Fewer pairs, or pairs of fewer sessions, give no verdict: pairs of one session share the market's day."""

Outcomes = Mapping[PairKey, float]
"""The metric of one arm by session, symbol and seed; larger is better."""


class ArmVerdict(StrEnum):
    """What the pairs show about an arm and the one it is compared with."""

    BETTER = "better"
    WORSE = "worse"
    NO_DIFFERENCE = "no_difference"
    """No difference was shown; this does not show that there is none."""

    TOO_FEW_PAIRS = "too_few_pairs"
    """Fewer than LEAST_PAIRS sessions with a pair, or too few sessions on which the arms differ."""

    IDENTICAL = "identical"
    """All pairs are exactly equal."""


@dataclass(frozen=True, slots=True)
class ComparisonRules:
    """How arms are compared.

    Attributes:
        confidence: the level of intervals; 1 - confidence is the level of the verdicts over all arms.
        power: the probability of detection in power statements.
        draws: the number of resamples.
        seed: the seed of the resampling.
    """

    confidence: float = 0.95
    power: float = 0.8
    draws: int = 4_000
    seed: int = 0


@dataclass(frozen=True, slots=True)
class ArmComparison:
    """One arm compared with another.

    Attributes:
        arm, against: the arms; positive differences favour `arm`.
        verdict: what the pairs show.
        pairs, sessions, unpaired: numbers of pairs, of their sessions, and of keys that one arm alone has.
        interval: the mean difference with its interval; None for too few pairs.
        p_value: of the sign-flip test; None for too few pairs.
        adjusted_p_value: the same after Holm's adjustment over all comparisons made together.
        block: the block length of both, in sessions; None for too few pairs.
        power: what could have been detected; None for too few and for identical pairs.
        seeds: the mean difference of each seed.
    """

    arm: str
    against: str
    verdict: ArmVerdict
    pairs: int
    sessions: int
    unpaired: int
    interval: ConfidenceInterval | None
    p_value: float | None
    adjusted_p_value: float | None
    block: int | None
    power: PowerStatement | None
    seeds: SeedSpread


@dataclass(frozen=True, slots=True, order=True)
class ProvenOrder:
    """Two arms of which one was shown to be better."""

    better: str
    worse: str


def compare_with(
    outcomes: Mapping[str, Outcomes], against: str, rules: ComparisonRules | None = None
) -> tuple[ArmComparison, ...]:
    """Return each other arm compared with `against`, in alphabetical order.

    Raises KeyError if `against` is no arm, and ValueError for values that are not finite.
    """
    reference = outcomes[against]
    others = sorted(outcomes.keys() - {against})
    found = [_compare(name, against, pair(outcomes[name], reference), rules or ComparisonRules()) for name in others]
    return judge(found, (rules or ComparisonRules()).confidence)


def compare_all(outcomes: Mapping[str, Outcomes], rules: ComparisonRules | None = None) -> tuple[ArmComparison, ...]:
    """Return the comparison of every pair of arms; Holm's adjustment covers all of them."""
    asked = rules or ComparisonRules()
    names = combinations(sorted(outcomes), 2)
    found = [_compare(a, b, pair(outcomes[a], outcomes[b]), asked) for a, b in names]
    return judge(found, asked.confidence)


def judge(comparisons: Sequence[ArmComparison], confidence: float) -> tuple[ArmComparison, ...]:
    """Return the comparisons with p-values adjusted together and the verdicts that follow.

    An arm is better or worse only if its interval excludes 0 and its adjusted p-value is at most 1 - confidence.
    """
    tested = {f"{place}": each.p_value for place, each in enumerate(comparisons) if each.p_value is not None}
    adjusted = holm(tested)
    return tuple(_judged(each, adjusted.get(f"{place}"), confidence) for place, each in enumerate(comparisons))


def proven_order(comparisons: Sequence[ArmComparison]) -> tuple[ProvenOrder, ...]:
    """Return the pairs of arms whose order was shown. All other pairs have no order, whatever their means."""
    found = [
        ProvenOrder(each.arm, each.against)
        if each.verdict is ArmVerdict.BETTER
        else ProvenOrder(each.against, each.arm)
        for each in comparisons
        if each.verdict in {ArmVerdict.BETTER, ArmVerdict.WORSE}
    ]
    return tuple(sorted(found))


def _compare(arm: str, against: str, differences: PairedDifferences, rules: ComparisonRules) -> ArmComparison:
    empty = ArmComparison(
        arm=arm,
        against=against,
        verdict=ArmVerdict.TOO_FEW_PAIRS,
        pairs=len(differences.values),
        sessions=differences.sessions,
        unpaired=differences.unpaired,
        interval=None,
        p_value=None,
        adjusted_p_value=None,
        block=None,
        power=None,
        seeds=differences.seed_spread(),
    )
    if differences.identical:
        return replace(empty, verdict=ArmVerdict.IDENTICAL, interval=ConfidenceInterval(0.0, 0.0, 0.0), p_value=1.0)
    return empty if differences.sessions < LEAST_PAIRS else _measured(empty, differences, rules)


def _measured(empty: ArmComparison, differences: PairedDifferences, rules: ComparisonRules) -> ArmComparison:
    series = differences.by_session()
    found = mean_interval(series, confidence=rules.confidence, draws=rules.draws, seed=rules.seed)
    if found.interval is None or found.standard_error is None:
        return empty
    return replace(
        empty,
        verdict=ArmVerdict.NO_DIFFERENCE,
        interval=found.interval,
        p_value=sign_flip_p_value(series, found.block, draws=rules.draws, seed=rules.seed),
        block=found.block,
        power=power_statement(found.interval, found.standard_error, len(series), empty.seeds, rules.power),
    )


def _judged(one: ArmComparison, adjusted: float | None, confidence: float) -> ArmComparison:
    verdict = one.verdict
    if verdict is ArmVerdict.NO_DIFFERENCE and one.interval and adjusted is not None and adjusted <= 1 - confidence:
        if one.interval.low > 0:
            verdict = ArmVerdict.BETTER
        elif one.interval.high < 0:
            verdict = ArmVerdict.WORSE
    return replace(one, verdict=verdict, adjusted_p_value=adjusted)
