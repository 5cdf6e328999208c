"""Reversed evidence and shuffled news, examined on models; what the checks cost; and desks over a book."""

import re
from types import SimpleNamespace

import numpy as np
import pytest
from openoutcry.evals.audit.altered_markets import ReversedMarket
from openoutcry.evals.audit.audit_estimate import estimate_audit
from openoutcry.evals.audit.evidence_checks import counterfactual
from openoutcry.evals.audit.model_checks import MODEL_COUNTERFACTUAL, MODEL_PLACEBO, with_models
from openoutcry.evals.audit.observation import observe
from openoutcry.evals.audit.sensitivity import SHUFFLED, placebo_verdict
from openoutcry.evals.audit.service import audit_plan
from openoutcry.evals.audit.subject import AuditSubject
from openoutcry.evals.experiment_file import load_experiment
from openoutcry.evals.plan import plan_experiment
from openoutcry.llm.budget import Budget, BudgetCaps
from protocol_answers import ProtocolAnswers
from stub.answers import Filler
from stub.server import fill

TEXT = """
name: examined
universe: [CALDR, HALDM]
window: {from: 2024-01-02, to: 2024-02-12}
seeds: [7]
account: {margin: true}
arms:
  one: {desk: single_agent, model: "openai:gpt-5-mini"}
"""
BOOK = TEXT.replace("margin: true", "scope: book").replace("desk: single_agent", "desk: livetradebench")


@pytest.fixture
def subject(tmp_path, model_settings):
    """Return a function that plans an experiment whose models answer from the stub."""

    def make(text=TEXT, moments=3):
        (tmp_path / "x.yaml").write_text(text, encoding="utf-8")
        settings = model_settings
        plan = plan_experiment(load_experiment(str(tmp_path / "x.yaml")), settings, tmp_path / "runs")
        return AuditSubject(plan, moments=moments)

    return make


def checked(name, subject, caps=None):
    return with_models(name, subject, Budget("audit", caps or BudgetCaps()))


def always_buys(request):
    return fill(Filler(values={"rating": "buy", "conviction": 0.6, "action": "buy", "quantity": 9}), request)


def reads_the_evidence(request):
    """Buy or sell short by the parity of the digits of the prompt, so that other evidence is another decision."""
    rises = sum(int(digit) for digit in re.findall(r"\d", request.prompt)) % 2
    rating, conviction, action = ("buy", 0.6, "buy") if rises else ("sell", -0.3, "short")
    return fill(Filler(values={"rating": rating, "conviction": conviction, "action": action, "quantity": 9}), request)


def test_a_model_that_ignores_its_evidence_fails_the_counterfactual(subject, stub):
    stub.responder = always_buys
    found = checked(MODEL_COUNTERFACTUAL, subject())
    assert (found.verdict, "one responds in 0% of the decisions" in found.detail) == ("failed", True)
    assert len(stub.requests) == 6


def test_a_model_that_reads_its_evidence_responds(subject, stub):
    stub.responder = reads_the_evidence
    found = checked(MODEL_COUNTERFACTUAL, subject(moments=6))
    assert found.verdict in {"passed", "warning"}
    assert "0% of" not in found.detail.replace("50% of", "").replace("100% of", "")


def test_an_audit_that_is_repeated_makes_no_call_again(subject, stub):
    stub.responder = always_buys
    first = [checked(name, subject()) for name in (MODEL_COUNTERFACTUAL, MODEL_PLACEBO)]
    made = len(stub.requests)
    again = [checked(name, subject()) for name in (MODEL_COUNTERFACTUAL, MODEL_PLACEBO)]
    assert made > 0
    assert (again, len(stub.requests)) == (first, made)


def test_a_model_is_shown_the_news_of_the_other_symbol_in_the_placebo(subject, stub):
    stub.responder = always_buys
    found = checked(MODEL_PLACEBO, subject())
    assert found.verdict == "passed"
    assert "one: [+0.000%, +0.000%] a session" in found.detail
    prompts = [each.prompt for each in stub.chats if "Decide on CALDR" in each.prompt]
    assert len(prompts) == 50
    headlines = {frozenset(re.findall(r"\[news\.[^\n]*", prompt)) for prompt in prompts if "as of 2024-01-16" in prompt}
    assert len(headlines) == 2


def test_returns_that_are_better_with_the_news_of_others_fail_the_placebo(subject):
    audited = subject()

    def again(unit, _source, label):
        gains = np.random.default_rng(5).normal(0.003, 0.001, 25) if label == SHUFFLED else np.zeros(25)
        equity = np.cumprod(1 + gains)
        return SimpleNamespace(sessions=audited.plan.sessions[:25], cash=1.0, equity=tuple(equity.tolist()))

    found = placebo_verdict(MODEL_PLACEBO, audited, audited.model_arms, again)
    assert (found.verdict, found.detail) == ("failed", "one does better with the news of others.")


def test_a_budget_that_ends_is_a_warning_and_not_a_verdict(subject, stub):
    stub.responder = always_buys
    for name in (MODEL_COUNTERFACTUAL, MODEL_PLACEBO):
        found = checked(name, subject(), BudgetCaps(max_calls=3))
        assert (found.verdict, found.detail.startswith("Not examined: ")) == ("warning", True)
        assert "budget of 3 model calls is used up" in found.detail
    assert len(stub.requests) <= 6


def test_a_model_that_is_down_is_a_warning(subject, stub):
    stub.responder = lambda _request: "no JSON at all"
    found = checked(MODEL_COUNTERFACTUAL, subject())
    assert found.verdict == "warning"


def test_the_dry_run_gives_the_calls_that_the_checks_make(subject, stub):
    stub.responder = always_buys
    audited = subject()
    expected = {each.check: each for each in estimate_audit(audited.plan, moments=3)}
    assert stub.requests == []
    for name in (MODEL_COUNTERFACTUAL, MODEL_PLACEBO):
        start = len(stub.requests)
        checked(name, audited)
        assert expected[name].calls == expected[name].decisions == len(stub.requests) - start
        assert expected[name].cost_usd > 0
        assert expected[name].tokens > 1_000
    assert expected["masked against unmasked"].calls == 3 * 3


def test_a_desk_over_a_book_is_examined_on_all_its_symbols(subject, stub):
    stub.responder = ProtocolAnswers()
    audited = subject(BOOK)
    track = audited.arms[0]
    moment, market = audited.sample()[0], audited.market(track)
    seen = observe(audited.settings(track), market, moment)
    assert len(seen.views) == 2
    assert seen.views != observe(audited.settings(track), ReversedMarket(market), moment).views
    assert counterfactual(audited).verdict == "passed"
    found = {each.name: each.verdict for each in audit_plan(audited.plan, moments=2, with_model=True)}
    assert found["time travel"] == found["placebo news with the model"] == "passed"
    assert found["counterfactual with the model"] == "failed"  # the stub gives every symbol the same weight
    expected = {each.check: each for each in estimate_audit(audited.plan, moments=3)}
    assert expected[MODEL_PLACEBO].decisions == 50
