"""Comparisons of arms: pairs, verdicts, and never an order whose interval spans zero."""

import math
from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openoutcry.evals.statistics.bootstrap import ConfidenceInterval
from openoutcry.evals.statistics.comparison import (
    ArmVerdict,
    ComparisonRules,
    ProvenOrder,
    compare_all,
    compare_with,
    judge,
    proven_order,
)
from openoutcry.evals.statistics.pairing import PairKey, SeedSpread, pair
from openoutcry.evals.statistics.power import power_statement

QUICK = ComparisonRules(draws=199)
DAY = date(2024, 1, 1)


def outcomes(values, symbols=("A",), seeds=(0,)):
    """Return outcomes for values in the shape (sessions, symbols, seeds), or (sessions,) for one of each."""
    table = np.asarray(values, dtype=float).reshape(-1, len(symbols), len(seeds))
    return {
        PairKey(DAY + timedelta(place), symbol, seed): float(table[place, i, j])
        for place in range(len(table))
        for i, symbol in enumerate(symbols)
        for j, seed in enumerate(seeds)
    }


def test_keys_of_one_arm_alone_are_dropped_and_counted():
    first = {PairKey(DAY, "A"): 1.0, PairKey(DAY, "B"): 2.0}
    second = {PairKey(DAY, "A"): 0.5, PairKey(DAY, "C"): 9.0, PairKey(DAY, "A", 1): 9.0}
    found = pair(first, second)
    assert (found.keys, found.values.tolist(), found.unpaired) == ((PairKey(DAY, "A"),), [0.5], 3)
    with pytest.raises(ValueError, match="finite"):
        pair({PairKey(DAY): math.nan}, {PairKey(DAY): 1.0})


def test_sessions_are_weighted_by_their_pairs():
    next_day = DAY + timedelta(1)
    first = {PairKey(DAY, "A"): 1.0, PairKey(DAY, "B"): 2.0, PairKey(DAY, "C"): 3.0, PairKey(next_day, "A"): 10.0}
    found = pair(first, dict.fromkeys(first, 0.0))
    series = found.by_session()
    assert found.sessions == len(series) == 2
    assert series.tolist() == pytest.approx([4 + (6 - 12) / 2, 4 + (10 - 4) / 2])
    assert series.mean() == pytest.approx(np.mean([1, 2, 3, 10]))
    assert len(pair({}, {}).by_session()) == 0


def test_the_spread_over_seeds_is_that_of_their_means():
    first = outcomes([[1, 3], [2, 6]], seeds=(7, 11))
    found = pair(first, dict.fromkeys(first, 0.0)).seed_spread()
    assert found == SeedSpread({7: 1.5, 11: 4.5}, pytest.approx(3 / math.sqrt(2)))
    assert pair({}, {}).seed_spread() == SeedSpread({}, None)


def test_an_arm_with_an_effect_is_better_and_the_other_way_round_worse():
    chance = np.random.default_rng(1)
    base = outcomes(chance.normal(size=200), symbols="AB")
    good = {key: value + 0.5 + chance.normal() for key, value in base.items()}
    for against, verdict in (("base", ArmVerdict.BETTER), ("good", ArmVerdict.WORSE)):
        (found,) = compare_with({"base": base, "good": good}, against)
        assert found.verdict is verdict
        assert (found.pairs, found.sessions, found.unpaired) == (200, 100, 0)
        assert proven_order([found]) == (ProvenOrder("good", "base"),)


def test_identical_arms_differ_by_exactly_nothing():
    arm = outcomes([0.1] * 3)
    (found,) = compare_all({"a": arm, "b": dict(arm)}, QUICK)
    assert found.verdict is ArmVerdict.IDENTICAL
    assert found.interval == ConfidenceInterval(0, 0, 0)
    assert found.p_value == found.adjusted_p_value == 1
    assert proven_order([found]) == ()


@pytest.mark.parametrize("sessions", [0, 1, 19])
def test_fewer_than_twenty_sessions_give_no_verdict(sessions):
    chance = np.random.default_rng(2)
    arm = outcomes(chance.normal(size=sessions * 4), symbols="ABCD")
    better = {key: value + 5 + chance.normal() for key, value in arm.items()}
    (found,) = compare_with({"a": arm, "b": better}, "a", QUICK)
    assert found.verdict is ArmVerdict.TOO_FEW_PAIRS
    assert found.interval is found.p_value is found.adjusted_p_value is found.power is None
    assert found.pairs == 4 * sessions


def test_a_constant_difference_has_an_interval_of_one_value():
    arm = outcomes(np.random.default_rng(3).integers(0, 9, 40))
    (found,) = compare_with({"a": arm, "b": {key: value + 2 for key, value in arm.items()}}, "a", QUICK)
    assert found.interval == ConfidenceInterval(2, 2, 2)
    assert found.verdict is ArmVerdict.BETTER
    assert found.power.sessions_needed is None


def test_the_adjustment_over_many_arms_can_withdraw_a_verdict():
    chance = np.random.default_rng(5)
    base = outcomes(np.zeros(60))
    noise = chance.normal(size=60)
    weak = outcomes(noise - noise.mean() + 2.6 * noise.std() / math.sqrt(60))
    alone = compare_with({"base": base, "weak": weak}, "base")[0]
    crowd = {f"useless{n}": {key: chance.normal() for key in base} for n in range(9)}
    among = {each.arm: each for each in compare_with({"base": base, "weak": weak, **crowd}, "base")}["weak"]
    assert alone.verdict is ArmVerdict.BETTER
    assert among.interval == alone.interval
    assert among.interval.low > 0
    assert among.verdict is ArmVerdict.NO_DIFFERENCE


@given(
    seed=st.integers(0, 10_000),
    sessions=st.integers(0, 45),
    arms=st.integers(2, 4),
    effect=st.sampled_from([0, 0.3, 1]),
)
@settings(max_examples=60, deadline=None)
def test_no_order_is_ever_given_whose_interval_spans_zero(seed, sessions, arms, effect):
    chance = np.random.default_rng(seed)
    tables = {f"arm{n}": outcomes(chance.standard_t(3, size=sessions) + n * effect) for n in range(arms)}
    comparisons = compare_all(tables, QUICK)
    ordered = {frozenset((each.better, each.worse)) for each in proven_order(comparisons)}
    for each in comparisons:
        spans = each.interval is None or each.interval.low <= 0 <= each.interval.high
        assert not (spans and frozenset((each.arm, each.against)) in ordered)
        assert (each.verdict in {ArmVerdict.BETTER, ArmVerdict.WORSE}) == (
            frozenset((each.arm, each.against)) in ordered
        )
        if each.verdict is ArmVerdict.BETTER:
            assert each.interval.low > 0
        assert each.interval is None or all(map(math.isfinite, (each.interval.low, each.interval.high)))


def test_four_times_the_sessions_halve_the_detectable_difference():
    found = power_statement(ConfidenceInterval(0.5, -0.5, 1.5), 0.5, 100, SeedSpread({}, None))
    assert found.detectable == pytest.approx((2 + 0.8416) * 0.5, abs=1e-4)
    assert found.sessions_needed == math.ceil(100 * (2.84162 * 0.5 / 0.5) ** 2)
    assert found.seeds_needed is None


def test_seeds_help_only_as_far_as_they_are_the_cause_of_the_noise():
    wide = ConfidenceInterval(0.5, -0.5, 1.5)
    only_seeds = power_statement(wide, 0.5, 100, SeedSpread({1: 0.0, 2: 1.0}, 0.5 * math.sqrt(2)))
    assert only_seeds.seeds_needed == math.ceil(2 * 2.84162**2)
    few = power_statement(wide, 0.5, 100, SeedSpread({1: 0.4, 2: 0.6}, 0.1))
    assert few.seeds_needed is None
    assert power_statement(ConfidenceInterval(0, -1, 1), 0.5, 100, SeedSpread({}, None)).sessions_needed is None


measured = st.tuples(st.floats(-1, 1), st.floats(0, 1), st.floats(0, 0.2))


@given(results=st.lists(measured, min_size=1, max_size=5))
def test_a_verdict_needs_both_the_interval_and_the_adjusted_p_value(results):
    (pattern,) = compare_with({"a": outcomes(range(20)), "b": outcomes([1, 0, 2, 5] * 5)}, "a", QUICK)
    made = [
        replace(pattern, verdict=ArmVerdict.NO_DIFFERENCE, interval=ConfidenceInterval(m, m - w, m + w), p_value=p)
        for m, w, p in results
    ]
    for (mean, width, p_value), judged in zip(results, judge(made, 0.95), strict=True):
        shown = abs(mean) > width and judged.adjusted_p_value <= 1 - 0.95
        assert judged.adjusted_p_value >= p_value
        assert (judged.verdict is ArmVerdict.BETTER) == (shown and mean > 0)
        assert (judged.verdict is ArmVerdict.WORSE) == (shown and mean < 0)
