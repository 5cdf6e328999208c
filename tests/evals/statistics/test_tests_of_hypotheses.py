"""P-values: sign flips counted by hand, Holm's steps, and the optional tests of many arms."""

import sys
from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from openoutcry.domain.errors import ConfigError
from openoutcry.evals.statistics.multiple_testing import holm
from openoutcry.evals.statistics.permutation import sign_flip_p_value
from openoutcry.evals.statistics.superiority import model_confidence_set, superior_ability
from openoutcry.tests.evals.statistics.synthetic import null_series


def test_few_blocks_try_every_pattern_of_signs():
    values = [3.0, -1.0, 2.0, 0.5]
    reached = [
        abs(sum(s * v for s, v in zip(signs, values, strict=True))) >= 4.5 for signs in product([1, -1], repeat=4)
    ]
    assert sign_flip_p_value(np.array(values)) == pytest.approx(sum(reached) / 16)
    assert sign_flip_p_value(np.array(values), 2) == 2 / 4


def test_patterns_are_drawn_for_many_blocks_and_agree_with_all_patterns():
    values = null_series(1, 13, 0.0, 21, 0.6)[0]
    patterns = np.array(list(product([1, -1], repeat=13)))
    exact = (np.abs(patterns @ values) >= abs(values.sum()) - 1e-12).mean()
    assert sign_flip_p_value(values, draws=20_000) == pytest.approx(exact, abs=0.01)
    assert sign_flip_p_value(np.ones(400), draws=99) == 0.01


def test_nothing_to_flip_gives_a_p_value_of_one():
    assert sign_flip_p_value(np.zeros(0)) == sign_flip_p_value(np.zeros(50)) == 1


def test_the_steps_of_holm_by_hand():
    found = holm({"a": 0.01, "b": 0.04, "c": 0.03, "d": 0.005})
    assert found == pytest.approx({"a": 0.03, "b": 0.06, "c": 0.06, "d": 0.02})
    assert list(found) == ["a", "b", "c", "d"]
    assert holm({}) == {}
    assert holm({"a": 0.9, "b": 0.8}) == {"a": 1.0, "b": 1.0}
    with pytest.raises(ValueError, match="p-value"):
        holm({"a": 1.2})


@given(values=st.lists(st.floats(0, 1), min_size=1, max_size=8))
def test_an_adjusted_p_value_is_no_smaller_and_keeps_the_order(values):
    given_values = {str(place): each for place, each in enumerate(values)}
    found = holm(given_values)
    assert all(given_values[name] <= found[name] <= 1 for name in found)
    by_size = sorted(given_values, key=given_values.get)
    assert [found[name] for name in by_size] == sorted(found.values())


def test_without_the_package_the_message_names_the_command(monkeypatch):
    monkeypatch.setitem(sys.modules, "arch.bootstrap", None)
    with pytest.raises(ConfigError, match=r'pip install "openoutcry\[stats\]"'):
        superior_ability(np.zeros(30), {"a": np.ones(30)})
    with pytest.raises(ConfigError, match="stats"):
        model_confidence_set({})


def test_only_an_arm_with_an_effect_beats_the_reference():
    pytest.importorskip("arch.bootstrap")
    reference, useless, other, shocks = null_series(4, 200, 0.1, 22)
    assert superior_ability(reference, {"a": useless, "b": other}).p_value > 0.05
    found = superior_ability(reference, {"a": useless, "good": reference + 0.5 + shocks, "same": reference})
    assert found.best == "good"
    assert found.p_value < 0.05
    assert found.lower <= found.p_value <= found.upper
    assert superior_ability(reference, {"same": reference}) is None


def test_the_confidence_set_keeps_what_cannot_be_told_from_the_best():
    pytest.importorskip("arch.bootstrap")
    base, second, third = null_series(3, 200, 0.0, 23)
    found = model_confidence_set({"good": base + 1.5, "equal": second + 1.5, "bad": third})
    assert found.included == ("equal", "good")
    assert found.p_values["bad"] < 0.05
    assert model_confidence_set({"a": base, "b": base + 1}) is None
