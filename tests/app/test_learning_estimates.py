"""Dry runs of desks that learn: what they state is a bound that runs with a model reach."""

import json
from collections import Counter
from contextlib import closing
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from openoutcry.app.backtest_estimate import estimate_backtest, estimate_session
from openoutcry.app.dry_run_usage import dry_run_usage
from openoutcry.app.factories import open_market
from openoutcry.desk.records.backtest_store import BacktestStore
from openoutcry.domain.ids import Symbol
from openoutcry.tests.app.daily import NAME, open_daily
from openoutcry.tests.app.test_learning_desks import (
    DAYS,
    DESK,
    REQUEST,
    RULES,
    backtest,
    run_days,
    settings_of,
    texts,
)
from openoutcry.tests.app.test_replay_of_learning import REMEMBERING, TRAINED
from stub.answers import Filler
from stub.http_log import Reply
from stub.server import StubServer
from stub_trader import StubDesk, with_sentence

PRICE = "openai:gpt-5-mini"
WARMED = replace(REQUEST, first=date(2025, 2, 21), warm_up_from=date(2025, 2, 14))
"""Three sessions of training: 14, 18 and 19 February; two of the test."""


@pytest.fixture(scope="module")
def stub():
    with StubServer() as server, pytest.MonkeyPatch.context() as patch:
        patch.setenv("OPENAI_API_KEY", "sk-test")
        yield server


@pytest.fixture
def calls(stub, tmp_path):
    """Return a function that estimates and makes a backtest: the stated calls of learning, and all calls made."""

    def both(text, request):
        desk = tmp_path / "desk.yaml"
        desk.write_text(text)
        settings = settings_of(tmp_path / "home", str(desk), stub, model=PRICE)
        stated = estimate_backtest(request, settings, open_market(settings))
        assert stub.requests == []
        document = backtest(settings, request)
        made = len(stub.requests)
        assert document["usage"]["model_calls"] == made
        stub.requests.clear()
        with closing(BacktestStore(tmp_path / "home")) as store:
            rows = store._file.rows("SELECT role, count(*) FROM calls GROUP BY role")
        return stated, dict(rows), made

    return both


def learned(stated):
    return {each.label.removesuffix(", at most)"): each.calls for each in stated.learning}


def test_a_step_that_is_rejected_each_time_is_asked_for_as_often_as_stated(calls, stub):
    stub.responder = StubDesk(with_sentence("Look at {{ticker}}."))
    stated, made, _ = calls(DESK.replace("LEARNING", "{kind: opro, every: 2}"), REQUEST)
    assert learned(stated) == {"prompt_optimizer (steps of learning": 4, "single_agent (texts in shadow": 8}
    assert made == {"single_agent": 10, "prompt_optimizer": 4}
    assert stated.cost_usd > stated.without_learning.cost_usd > 0
    (step,) = [each for each in stated.learning if each.role == "prompt_optimizer"]
    assert step.answer_tokens > 4 * 600
    assert step.cost_usd > Decimal(0)


def test_texts_in_shadow_answer_no_more_often_than_stated(calls, stub):
    stub.responder = texts()
    stated, made, total = calls(DESK.replace("LEARNING", "{kind: opro, every: 2}"), REQUEST)
    assert made["single_agent"] > 10
    assert total <= stated.calls
    assert made["single_agent"] - 10 <= learned(stated)["single_agent (texts in shadow"]


def test_a_desk_without_shadow_states_steps_alone(calls, stub):
    stub.responder = texts()
    stated, made, _ = calls(DESK.replace("LEARNING", "{kind: reflection, every: 3, shadow: false}"), REQUEST)
    assert learned(stated) == {"weekly_reflector (steps of learning": 3}
    assert made["weekly_reflector"] <= 3


def wrong(request):
    """Go long in a falling share whatever was reflected."""
    if "lesson" in (request.schema or {}).get("properties", {}):
        return Reply(json.dumps({"lesson": "Be brave."}))
    return Reply(json.dumps(Filler(values={"direction": "long"}).fill(request.schema, request.prompt)))


def test_a_training_whose_decisions_stay_wrong_takes_what_is_stated(calls, stub):
    stub.responder = wrong
    stated, made, total = calls(TRAINED.replace("LEARNING", "{kind: retry, trials: 2, horizon: 1}"), WARMED)
    found = learned(stated)
    assert found == {"technical (training": 9, "manager (training": 9, "retry_reflector (steps of learning": 6}
    assert made["retry_reflector"] == 6
    assert total <= stated.calls


def test_episodes_take_what_is_stated(calls, stub):
    stub.responder = None
    stated, made, total = calls(TRAINED.replace("LEARNING", "{kind: episodes, episodes: 3}"), WARMED)
    found = learned(stated)
    assert found["manager (training"] == 3 * 3
    assert made["manager"] == 3 * 3 + 2
    assert found["belief_writer (steps of learning"] == 2
    assert total <= stated.calls


def test_lessons_of_a_warm_up_and_of_decisions_are_no_more_than_stated(calls, stub):
    stub.responder = None
    stated, made, total = calls(REMEMBERING, WARMED)
    assert 0 < made["reflector"] <= learned(stated)["reflector (lessons"] == 2 * 3 + 2 * 2
    assert total <= stated.calls


def test_a_session_states_the_step_and_the_shadow_that_are_due(tmp_path, stub):
    desk = tmp_path / "desk.yaml"
    desk.write_text(DESK.replace("LEARNING", "{kind: opro, every: 2}"))
    stub.responder = texts()
    given = {"rules": RULES, "model": PRICE, "base_url": stub.url, "desk": str(desk)}
    with open_daily(tmp_path / "home", **given, account=NAME) as daily:
        settings = daily.settings

        def stated(day):
            return Counter(learned(estimate_session(["HALDM"], day, settings)))

        assert stated(DAYS[0]) == {}
        run_days(daily, DAYS[:2])
        assert stated(DAYS[1]) == {}
        assert stated(DAYS[2]) == {"prompt_optimizer (steps of learning": 1, "single_agent (texts in shadow": 1}
        run_days(daily, DAYS[2:3])
        assert stated(DAYS[3]) == {"single_agent (texts in shadow": 1}
        usage = dry_run_usage(["HALDM"], DAYS[3].isoformat(), settings)
        assert [(each.role, each.calls) for each in usage.learning] == [("single_agent", 1)]
        forgotten = settings.model_copy(update={"remember": False})
        assert dry_run_usage(["HALDM"], DAYS[3].isoformat(), forgotten).learning == ()


def test_accounts_of_one_symbol_each_learn_on_their_own(tmp_path, stub):
    desk = tmp_path / "desk.yaml"
    desk.write_text(DESK.replace("LEARNING", "{kind: opro, every: 2}"))
    settings = settings_of(tmp_path / "home", str(desk), stub, model=PRICE)
    request = replace(REQUEST, symbols=(Symbol("CALDR"), Symbol("HALDM")))
    one = estimate_backtest(request, settings, open_market(settings))
    two = estimate_backtest(request, settings, open_market(settings), accounts=2)
    assert [each.calls for each in one.learning] == [16, 4]
    assert [each.calls for each in two.learning] == [16, 8]
