"""Units with models in other processes: allowances never exceed the budget, and units that need more get it."""

from decimal import Decimal

import pytest
from openoutcry.app.settings import load_settings
from openoutcry.domain.errors import BudgetExceeded
from openoutcry.evals.experiment_file import load_experiment
from openoutcry.evals.experiment_service import ExperimentService
from openoutcry.evals.runners.allowances import AllowanceRunner, ModelOutcome
from openoutcry.evals.runners.model_calls import attempt_model_unit
from openoutcry.evals.runners.runner import UnitOutcome
from openoutcry.llm.budget import Budget, BudgetCaps, Spending
from stub.server import StubServer

TEXT = """
name: allowances
universe: [CALDR, GRUND, HALDM]
window: {from: 2025-03-03, to: 2025-03-04}
seeds: [7]
arms:
  one: {desk: single_agent, model: "openai:gpt-5-mini"}
"""


class ScriptedTasks:
    """Units that need so many calls each; the last started ends first, and `lost` units lose their process."""

    def __init__(self, budget, need, lost=()):
        self.budget, self.need, self.lost, self.started, self.running = budget, need, lost, [], {}
        self.most_reserved = 0

    def start(self, unit, allowance):
        self.started.append((unit, allowance.max_calls))
        self.running[len(self.started)] = unit, allowance
        used = self.budget._booked + self.budget._reserved
        self.most_reserved = max(self.most_reserved, used.calls)
        return len(self.started)

    def wait(self, handles):
        unit, allowance = self.running.pop(handle := max(handles))
        if unit in self.lost:
            return handle, ModelOutcome(UnitOutcome(unit, None, "lost"), None)
        if allowance.max_calls is not None and self.need[unit] > allowance.max_calls:
            return handle, ModelOutcome(None, Spending(allowance.max_calls), "the experiment's budget is used up")
        return handle, ModelOutcome(UnitOutcome(unit, None, "done"), Spending(self.need[unit]))


def run(cap, need, most=4, lost=()):
    budget = Budget("experiment", BudgetCaps(max_calls=cap))
    tasks, done = ScriptedTasks(budget, need, lost), []
    ended = AllowanceRunner(tasks, budget, most).run(list(need), lambda outcome: done.append(outcome.unit))
    return ended, sorted(done), budget, tasks


def test_without_a_cap_every_unit_runs_with_none():
    ended, done, budget, tasks = run(None, {"a": 5, "b": 7})
    assert (ended, done, budget.booked.calls) == (None, ["a", "b"], 12)
    assert {allowance for _, allowance in tasks.started} == {None}


@pytest.mark.parametrize("cap", range(1, 31))
@pytest.mark.parametrize("most", [1, 2, 4])
def test_the_budget_is_never_overdrawn_and_ends_only_if_the_units_need_more(cap, most):
    need = {"a": 9, "b": 1, "c": 4, "d": 6}
    ended, done, budget, tasks = run(cap, need, most)
    assert tasks.most_reserved <= cap
    assert budget.booked.calls <= cap
    assert (ended is None) is (done == sorted(need)) is (cap >= sum(need.values()))
    assert ended is None or isinstance(ended, BudgetExceeded)


def test_the_allowance_of_a_lost_process_counts_as_spent():
    ended, done, budget, _ = run(20, {"a": 3, "b": 3}, most=2, lost=("b",))
    assert (ended, done) == (None, ["a", "b"])
    assert budget.booked.calls == 13


def test_a_unit_that_needs_more_continues_with_what_it_had(tmp_path, monkeypatch):
    """Real units against an endpoint: stored calls are neither repeated nor counted twice."""
    monkeypatch.setenv("OPENOUTCRY_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("OPENAI_API_KEY", "sk-test")
    (tmp_path / "x.yaml").write_text(TEXT, encoding="utf-8")

    class Tasks:
        def __init__(self):
            self.results = {}

        def start(self, unit, allowance):
            self.results[key := len(self.results)] = attempt_model_unit(unit, allowance)
            return key

        def wait(self, handles):
            return handles[0], self.results[handles[0]]

    for cap, whole in ((6, True), (5, False)):
        with StubServer() as stub:
            settings = load_settings({"base_url": stub.url})
            service = ExperimentService(settings, None, output=tmp_path / f"runs-{cap}")
            units, done = service.plan(load_experiment(str(tmp_path / "x.yaml"))).units, []
            budget = Budget("experiment", BudgetCaps(max_calls=cap, max_cost_usd=Decimal(1)))
            ended = AllowanceRunner(Tasks(), budget, 2).run(units, done.append)
            assert (ended is None) is whole
            assert len(stub.requests) == budget.booked.calls == cap
            finished = [each for each in done if each.record is not None]
            assert len(finished) == (3 if whole else 2)
            assert sum(each.record.usage.calls for each in finished) <= cap
