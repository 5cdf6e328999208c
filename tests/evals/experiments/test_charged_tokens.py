"""The cost of model calls as a cost of trading: charged to the net returns, and shown beside them."""

from decimal import Decimal

import numpy as np
import pytest
from openoutcry.domain.errors import ConfigError
from openoutcry.evals.experiment import CompareMetric
from openoutcry.evals.experiment_file import parse_experiment
from openoutcry.evals.experiment_service import ExperimentService
from openoutcry.evals.outputs import metrics_document
from openoutcry.evals.result import evaluate
from openoutcry.evals.view import view_of
from openoutcry.reports.experiment_tables import cost_table

TEXT = """
name: charged
universe: [CALDR]
window: {from: 2025-03-03, to: 2025-03-07}
seeds: [7]
account: {cash: 1000, margin: true, fractional: true}
arms:
  one: {desk: single_agent, model: "openai:gpt-5-mini"}
  rules: {desk: single_agent, model: rules}
compare: {against: rules, varies: [model]}
"""
CHARGED = ("cash: 1000", "charge_tokens: true, cash: 1000")


@pytest.fixture
def settings(model_settings):
    return model_settings


def figures(result, arm):
    return {each["name"]: each for each in metrics_document(result)["tracks"]}[arm]["figures"]


def test_charged_model_calls_are_subtracted_at_the_close_of_their_decision(written, ran, stub):
    free, _ = ran(written(text=TEXT))
    calls = len(stub.requests)
    charged, seen = ran(written(CHARGED, text=TEXT))
    assert (len(stub.requests), seen.reused) == (calls, 2)
    assert charged.run.facts.run_id == free.run.facts.run_id
    before, after = free.tracks[0], charged.tracks[0]
    with charged.run.units() as store:
        [row] = [row for row in store.planned() if row.track == "one"]
        decisions = store.find(row.key).decisions
    paid = np.cumsum([float(each.cost_usd) for each in decisions])
    assert np.allclose(np.array(before.equity[1:]) - paid, after.equity[1:], rtol=0, atol=1e-9)
    assert sum(each.cost_usd for each in decisions) == after.usage.cost_usd > Decimal(0)
    assert after.token_costs == before.token_costs == pytest.approx(float(after.usage.cost_usd))
    assert charged.tracks[1].equity == free.tracks[1].equity
    assert after.costs == before.costs


def test_net_and_gross_are_both_shown(written, ran):
    free, _ = ran(written(text=TEXT))
    charged, _ = ran(written(CHARGED, text=TEXT))
    before, after = figures(free, "one"), figures(charged, "one")
    spent = charged.tracks[0].token_costs / 1000
    assert after["total_return"]["mean"] == pytest.approx(before["total_return"]["mean"] - spent)
    assert after["return_after_tokens"] == after["total_return"]
    assert before["return_after_tokens"]["mean"] == pytest.approx(after["total_return"]["mean"], abs=1e-6)
    assert after["gross_return"] == before["gross_return"]
    assert after["tokens_bps"] == before["tokens_bps"]
    assert after["sharpe"] == after["sharpe_after_tokens"] != before["sharpe"]
    assert "and the model calls of each decision" in view_of(charged).costs
    assert "model calls of each" not in view_of(free).costs
    assert metrics_document(charged)["comparison"]["costs"]["charge_tokens"] is True
    assert "after model calls" in cost_table(view_of(charged)).headings


def test_the_comparison_of_gross_returns_is_before_model_costs(written, ran, settings):
    longer = ("to: 2025-03-07", "to: 2025-04-04")

    def difference(result, metric):
        return evaluate(result.run, settings, metric=metric).comparisons[0].interval.value

    free, _ = ran(written(longer, text=TEXT))
    net, gross = (difference(free, metric) for metric in CompareMetric)
    charged, _ = ran(written(CHARGED, longer, text=TEXT))
    after, before = (difference(charged, metric) for metric in CompareMetric)
    sessions, spent = len(charged.run.facts.sessions), charged.tracks[0].token_costs
    assert before == pytest.approx(gross, abs=2e-8)
    assert after == pytest.approx(net - spent / 1000 / sessions, abs=2e-8)
    assert after < net - 5e-7


def test_a_model_without_a_price_is_refused_before_the_run(written, settings, tmp_path, stub):
    file = written(CHARGED, ("openai:gpt-5-mini", "openai:home-made"), text=TEXT)
    with pytest.raises(ConfigError, match=r"account\.charge_tokens: arms\.one: .*no.* home-made"):
        ExperimentService(settings, None, output=tmp_path / "runs").plan(file)
    assert not stub.requests


def test_an_unknown_price_leaves_the_figures_after_model_costs_undefined(written, ran):
    result, _ = ran(written(("openai:gpt-5-mini", "openai:home-made"), text=TEXT))
    found = figures(result, "one")
    assert found["return_after_tokens"] is found["tokens_bps"] is found["sharpe_after_tokens"] is None
    assert found["total_return"] is not None
    assert result.tracks[0].token_costs is None


def test_another_currency_is_refused():
    with pytest.raises(ConfigError, match="charge_tokens needs currency USD"):
        parse_experiment(TEXT.replace("cash: 1000", "cash: 1000, currency: EUR, charge_tokens: true"), "mine.yaml")
