"""Policies of calls in a desk file: a whole decision with votes, judges and a cascade, its usage and its replay."""

import json

import pytest
from openoutcry.app.decision_service import DecisionService
from openoutcry.app.replay_service import replay_run
from openoutcry.app.settings import load_settings
from openoutcry.domain.errors import ConfigError
from openoutcry.graph.desk_config import load_desk
from openoutcry.llm.policy.conviction_store import ConvictionStore
from openoutcry.llm.scope import decision_scope
from scripted_answers import TICKER
from stub.server import StubServer

CALLS = """
calls:
  news: {samples: 3}
  trader: {samples: 2, choose: judge, judges: 2, aggregation: mean_variance, risk_aversion: 0.5}
  research_manager: {cascade: {from: quick, window: [0.1, 0.9]}}
"""


@pytest.fixture
def desk(tmp_path):
    from openoutcry.graph.desk_config import BUILT_IN

    path = tmp_path / "policies.yaml"
    path.write_text((BUILT_IN / "debate.yaml").read_text().replace("name: debate", "name: policies") + CALLS)
    return path


@pytest.fixture
def decided(desk, tmp_path, monkeypatch, observer):
    monkeypatch.chdir(tmp_path)

    def run(stub, **settings):
        given = {"home": tmp_path / "home", "desk": str(desk), "model": "openai:quick", "deep_model": "openai:deep"}
        given |= {"base_url": stub.url, "attempts": 1, **settings}
        return DecisionService(load_settings(given), observer).decide(TICKER, "2025-03-03").decision

    return run


def test_calls_of_policies_are_made_counted_by_role_and_replayed(decided, tmp_path):
    with StubServer() as stub:
        decision = decided(stub, recording="record")
        models = [
            (record.body["model"], record.body["response_format"]["json_schema"]["name"]) for record in stub.requests
        ]
    usage = {role: spent.model_calls for role, spent in decision.usage.by_role.items()}
    assert (usage["news"], usage["trader"], usage["trader_judge"], usage["research_manager"]) == (3, 2, 2, 2)
    assert usage["technical"] == 1
    assert sum(usage.values()) == len(models)
    assert [model for model, name in models if name == "Thesis"] == ["quick", "deep"]
    assert {model for model, name in models if name == "Grade"} == {"deep"}
    ballots = {each.author: each.content for each in decision.contributions if each.kind == "AnswerBallots"}
    assert ballots == {"news": {"ballots": [{"option": "bullish", "count": 3}]}}
    (log,) = (tmp_path / "home" / "events").glob("*.jsonl")
    chosen = [event for event in map(json.loads, log.read_text().splitlines()) if event["event"] == "answer_chosen"]
    assert {event["policy"] for event in chosen} == {"vote", "judge", "cascade"}
    replay = replay_run(load_settings({"home": tmp_path / "home"}), decision.run_id)
    assert replay.calls == len(models)


def test_calls_of_policies_spend_the_budget_of_the_decision(decided):
    with StubServer() as stub:
        decision = decided(stub, max_calls=5)
        assert len(stub.requests) == 5
    assert decision.abstention is not None
    assert decision.abstention.cause == "budget"


@pytest.mark.parametrize(
    ("calls", "said"),
    [
        ("calls: {nobody: {samples: 2}}", "roles that the desk does not have: nobody"),
        ("calls: {news: {samples: 0}}", "calls.news.samples"),
        ("calls: {news: {choose: dice}}", "calls.news.choose"),
        ("calls: {news: {cascade: {window: [0, 2]}}}", "calls.news.cascade.window"),
    ],
)
def test_a_policy_that_cannot_be_is_refused_with_its_place(desk, calls, said):
    desk.write_text(desk.read_text().replace(CALLS, "\n" + calls + "\n"))
    with pytest.raises(ConfigError, match=said):
        load_desk(str(desk))


def test_a_history_holds_earlier_decisions_only_and_a_repeated_one_once(tmp_path):
    store = ConvictionStore(tmp_path / "convictions.db")
    for as_of, conviction in (("2025-03-03", 0.3), ("2025-01-02", 0.1), ("2025-02-03", 0.7), ("2025-02-03", 0.2)):
        with decision_scope("AAA", as_of=as_of):
            store.learn("trader", conviction)
    with decision_scope("BBB", as_of="2025-03-03"):
        assert list(store.history("trader")) == [0.1, 0.2]
        assert list(store.history("news")) == []
    other = ConvictionStore(tmp_path / "other.db")
    other.restore(store.before("2025-03-03"))
    with decision_scope("BBB", as_of="2025-03-03"):
        assert list(other.history("trader")) == [0.1, 0.2]
    store.close()
    other.close()
