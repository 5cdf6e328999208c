"""Masked against unmasked: what models are sent, and what is said of one that knows the company."""

import json

import pytest
from openoutcry.app.settings import load_settings
from openoutcry.evals.audit.service import audit_plan
from openoutcry.evals.audit.subject import AuditSubject
from openoutcry.evals.audit.with_model import masked_against_unmasked
from openoutcry.evals.experiment_file import load_experiment
from openoutcry.evals.plan import plan_experiment
from openoutcry.llm.budget import Budget, BudgetCaps
from stub.answers import Filler
from stub.server import StubServer, fill

TEXT = """
name: masked
universe: [CALDR, HALDM]
window: {from: 2024-01-02, to: 2024-01-09}
seeds: [7]
account: {margin: true}
arms: {one: {desk: single_agent, model: "openai:gpt-5-mini"}}
"""


@pytest.fixture
def examined(tmp_path, monkeypatch):
    """Return a function that examines an arm whose model answers by `respond`, and returns verdict and requests."""
    monkeypatch.setenv("OPENOUTCRY_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("OPENAI_API_KEY", "sk-test")
    (tmp_path / "x.yaml").write_text(TEXT, encoding="utf-8")

    def examine(respond, check=lambda subject: masked_against_unmasked(subject, Budget("audit", BudgetCaps()))):
        with StubServer(responder=respond) as stub:
            settings = load_settings({"base_url": stub.url})
            plan = plan_experiment(load_experiment(str(tmp_path / "x.yaml")), settings, tmp_path / "runs")
            return check(AuditSubject(plan, moments=2)), list(stub.chats)

    return examine


def answering(direction, ticker):
    """Return a responder that decides by whether it sees a true name, and names `ticker` when it is asked."""

    def respond(request):
        if request.schema and "ticker" in request.schema.get("properties", {}):
            return json.dumps({"ticker": ticker})
        rating, conviction, action = direction("CALDR" in request.prompt or "HALDM" in request.prompt)
        return fill(
            Filler(values={"rating": rating, "conviction": conviction, "action": action, "quantity": 9}), request
        )

    return respond


BUY, SELL = ("buy", 0.6, "buy"), ("sell", -0.6, "short")


def test_a_model_that_reads_the_evidence_alone_passes(examined):
    found, requests = examined(answering(lambda _named: BUY, "UNKNOWN"))
    assert found.verdict == "passed", found.detail
    assert "2 of 2 decisions have the same direction" in found.detail
    assert len(requests) == 6
    masked = [request.prompt for request in requests if "STOCK" in request.prompt]
    assert len(masked) == 4
    for prompt in masked:
        assert "CALDR" not in prompt
        assert "HALDM" not in prompt
        assert "2024-01" not in prompt


def test_a_model_that_decides_by_the_name_is_marked(examined):
    found, _ = examined(answering(lambda named: BUY if named else SELL, "UNKNOWN"))
    assert found.verdict == "warning"
    assert "0 of 2 decisions" in found.detail


def test_a_model_that_names_the_company_is_marked(examined):
    found, _ = examined(answering(lambda _named: BUY, "CALDR"))
    assert found.verdict == "warning"
    assert "names the company in 1" in found.detail


def test_without_the_option_no_model_is_called(examined):
    found, requests = examined(
        answering(lambda _named: BUY, "UNKNOWN"), lambda subject: audit_plan(subject.plan, moments=1)
    )
    assert requests == []
    assert [(each.name, each.verdict) for each in found[-3:]] == [
        ("masked against unmasked", "warning"),
        ("counterfactual with the model", "warning"),
        ("placebo news with the model", "warning"),
    ]
    assert "--with-model" in found[-1].detail
    assert {check.name: check.verdict for check in found}["time travel"] == "passed"
