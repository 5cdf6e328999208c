"""Experiments with models: the budget over all units, calls that are not repeated, failures, the dry run."""

import json
from decimal import Decimal

import pytest
from openoutcry.evals.estimate import estimate_experiment
from openoutcry.evals.experiment_service import ExperimentService
from openoutcry.evals.outputs import metrics_document
from openoutcry.evals.result import RunState
from openoutcry.evals.view import view_of
from stub.http_log import Fault

TEXT = """
name: models
universe: [CALDR, GRUND]
window: {from: 2025-03-03, to: 2025-03-04}
seeds: [7]
arms:
  one: {desk: single_agent, model: "openai:gpt-5-mini"}
  rules: {desk: single_agent, model: rules}
compare: {against: rules, varies: [model]}
"""


@pytest.fixture
def settings(model_settings):
    return model_settings


def with_calls(most):
    return ("compare:", f"budget: {{max_calls: {most}}}\ncompare:")


def test_a_budget_that_ends_in_the_middle_is_a_state_and_its_calls_are_not_repeated(written, ran, stub):
    whole, _ = ran(written(text=TEXT), output="whole")
    calls = len(stub.requests)
    assert whole.tracks[0].usage.calls == calls == 4
    stub.requests.clear()
    ended, seen = ran(written(with_calls(3), text=TEXT))
    assert (ended.state, ended.accounts, ended.dropped) == (RunState.BUDGET_ENDED, 1, 1)
    assert len(stub.requests) == 3
    assert any("the experiment's budget of 3 model calls is used up" in notice for notice in seen.notices)
    assert "NaN" not in json.dumps(metrics_document(ended), default=str)
    result, _ = ran(written(with_calls(4), text=TEXT))
    assert result.state is RunState.COMPLETE
    assert len(stub.requests) == calls


def test_the_cost_of_finished_units_counts_against_the_cap_of_a_continued_run(written, ran, stub):
    ran(written(text=TEXT))
    _, seen = ran(written(("seeds: [7]", "seeds: [7, 8]"), with_calls(100), text=TEXT))
    assert seen.reused == 4
    assert seen.progresses[-1].spent_usd > Decimal(0)
    assert len(stub.requests) == 8


def test_a_model_that_is_down_fails_the_units_and_they_are_retried(written, ran, stub):
    stub.fail(*[Fault.error(401, "bad key")] * 50)
    failed, _ = ran(written(text=TEXT))
    assert failed.state is RunState.NOTHING_TO_COMPARE
    assert failed.dropped == 2
    assert len(failed.failures) == 2
    stub.heal()
    result, seen = ran(written(text=TEXT))
    assert (result.state, seen.reused) == (RunState.COMPLETE, 2)


def test_a_comparison_with_a_model_says_what_its_knowledge_cut_off_is(written, ran):
    result, _ = ran(written(text=TEXT))
    [known] = view_of(result).known
    assert known.model == "gpt-5-mini"
    assert known.cutoff is not None


def test_the_dry_run_counts_calls_and_money_without_a_request(written, settings, stub, tmp_path):
    service = ExperimentService(settings, None, output=tmp_path / "runs")
    plan = service.plan(written(text=TEXT))
    one, rules = estimate_experiment(plan, frozenset(), 1).tracks
    assert (one.units, one.decisions, one.calls) == (2, 4, 4)
    assert one.tokens > 1_000
    assert one.cost_usd > 0
    assert (rules.calls, rules.cost_usd) == (0, 0)
    assert rules.seconds > 0
    assert stub.requests == []
    assert not (tmp_path / "runs").exists()
    finished = frozenset(unit.key for unit in plan.units if unit.track == "one")
    assert estimate_experiment(plan, finished, 1).tracks[0].calls == 0


def test_the_dry_run_counts_the_lessons_of_an_arm_with_a_memory(written, settings, stub, tmp_path):
    text = TEXT.replace('mini"}', 'mini", memory: default}').replace("[model]", "[memory, model]")
    plan = ExperimentService(settings, None, output=tmp_path / "runs").plan(written(text=text))
    one, rules = estimate_experiment(plan, frozenset(), 1).tracks
    assert (one.calls, one.learning_calls, rules.learning_calls) == (4 + 2 * 4, 2 * 4, 0)
    assert stub.requests == []
