"""Arms on one account have their evidence in common: results are the same, and nothing is derived twice."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from openoutcry.evals import unit_run
from openoutcry.evals.experiment_service import ExperimentService
from openoutcry.evals.runners.processes import unit_groups
from openoutcry.evals.shared_memo import MOST_KEPT, SharedMemo
from openoutcry.tools.news import selection

NOON = datetime(2024, 1, 2, 12, tzinfo=UTC)
LATER = datetime(2024, 1, 3, 12, tzinfo=UTC)


@pytest.fixture
def units(written, settings, tmp_path):
    return ExperimentService(settings, None, output=tmp_path / "runs").plan(written()).units


def test_the_second_arm_of_an_account_has_the_result_that_it_has_alone(units):
    debate, tight = (unit for unit in units if unit.symbols == ("CALDR",) and unit.baseline is None)
    unit_run._shared_memo.cache_clear()
    alone = unit_run.run_rule_unit(tight)
    unit_run._shared_memo.cache_clear()
    unit_run.run_rule_unit(debate)
    after = unit_run.run_rule_unit(tight)
    assert replace(after, seconds=0.0) == replace(alone, seconds=0.0)


def test_another_symbol_or_seed_begins_with_an_empty_memo(units):
    seen = []
    for unit in units:
        if unit.track == "debate":
            unit_run.run_rule_unit(unit)
            settings = unit_run.Settings.model_validate_json(unit.settings)
            seen.append(unit_run._shared_memo(settings.market, str(settings.home), unit.seed, unit.last, unit.symbols))
    assert len({id(memo) for memo in seen}) == len(seen) == 2


def test_the_evidence_of_a_session_is_derived_once_for_both_arms(units, monkeypatch):
    calls = []
    inner = selection.deduplicate
    monkeypatch.setattr(selection, "deduplicate", lambda *given: calls.append(1) or inner(*given))
    debate, tight = (unit for unit in units if unit.symbols == ("GRUND",) and unit.baseline is None)
    unit_run._shared_memo.cache_clear()
    unit_run.run_rule_unit(debate)
    once = len(calls)
    unit_run.run_rule_unit(tight)
    assert once > 0
    assert len(calls) == once


def test_the_memo_keeps_every_time_and_not_what_is_raised():
    memo, made = SharedMemo(), []

    def derive(value):
        return lambda: made.append(value) or value

    assert [memo.derived("a", moment, derive(moment)) for moment in (NOON, LATER, NOON)] == [NOON, LATER, NOON]
    assert made == [NOON, LATER]
    with pytest.raises(ZeroDivisionError):
        memo.derived("b", NOON, lambda: 1 // 0)
    assert memo.derived("b", NOON, lambda: 7) == 7
    assert memo.derived("a", (1, 2), lambda: 3) == 3


def test_a_memo_that_is_full_derives_further_results_anew():
    memo, made = SharedMemo(), []
    for place in range(MOST_KEPT + 1):
        memo.derived(place, NOON, lambda: None)
    for _ in range(2):
        memo.derived("new", NOON, lambda: made.append(1))
    assert len(made) == 2


def test_units_are_grouped_by_account_where_every_process_has_enough_of_them(units):
    whole = unit_groups(units, 1)
    assert [len(group) for group in whole] == [1] * len(units)  # two accounts are too few
    many = [replace(unit, seed=seed) for seed in range(3) for unit in units]
    groups = unit_groups(many, 2)
    assert [len(group) for group in groups] == [4] * 6
    assert all(len({(unit.seed, unit.symbols) for unit in group}) == 1 for group in groups)
    assert {id(unit) for group in groups for unit in group} == {id(unit) for unit in many}
