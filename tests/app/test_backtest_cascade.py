"""A backtest of a desk with a cascade: its thresholds follow its own earlier decisions, also after a kill."""

import hashlib
import json
from collections import Counter
from contextlib import closing
from dataclasses import replace
from datetime import date

import pytest
from openoutcry.app.backtest_service import BacktestService
from openoutcry.app.factories import open_market, open_store
from openoutcry.app.replay_service import replay_run
from openoutcry.app.settings import load_settings
from openoutcry.domain.errors import ModelUnavailable
from openoutcry.domain.ids import Symbol
from openoutcry.graph.desk_config import BUILT_IN
from openoutcry.llm.policy.cascading_model import LEAST_HISTORY
from openoutcry.tests.app.test_backtest_service import WEEK, Watched, result_of
from stub.http_log import Fault
from stub.server import StubServer, fill

SYMBOLS = (Symbol("CALDR"), Symbol("GRUND"))
CALLS = "\ncalls:\n  single_agent: {cascade: {from: quick, window: [0.4, 0.6]}}\n"


@pytest.fixture
def stub():
    """A model whose convictions follow from its prompt."""
    with StubServer() as server:

        def respond(request):
            answer = json.loads(fill(server.filler, request).content)
            if "conviction" in answer:
                share = hashlib.sha256(request.prompt.encode()).digest()[0] / 255
                answer |= {"rating": "hold", "conviction": round(share * 0.2 - 0.1, 3), "orders": []}
            return json.dumps(answer)

        server.responder = respond
        yield server


@pytest.fixture
def run(tmp_path, stub):
    """Return a function that runs the backtest in a home folder of its own name."""
    desk = tmp_path / "cascade.yaml"
    desk.write_text((BUILT_IN / "single_agent.yaml").read_text() + CALLS)

    def start(name, **more):
        settings = load_settings(
            {"home": tmp_path / name, "demo_seed": 7, "desk": str(desk), "model": "openai:quick", "attempts": 1}
            | {"deep_model": "openai:deep", "base_url": stub.url, "remember": False, "max_parallel": 4}
            | more
        )
        request = replace(WEEK, symbols=SYMBOLS, first=date(2025, 2, 3), last=date(2025, 3, 7), keep_decisions=True)
        return settings, BacktestService(settings, Watched()).run(request, open_market(settings))

    return start


def asked(stub):
    return Counter(request.body["model"] for request in stub.requests if request.status == 200)


def test_the_thresholds_follow_the_earlier_decisions_and_a_kill_changes_nothing(run, stub):
    _, whole = run("whole")
    expected, decisions = asked(stub), len(whole.decisions)
    assert decisions > 2 * LEAST_HISTORY
    assert expected["quick"] == decisions
    assert LEAST_HISTORY <= expected["deep"] < decisions
    stub.requests.clear()
    stub.fail(*[None] * (sum(expected.values()) * 3 // 4), *[Fault.error(503)] * 40)
    with pytest.raises(ModelUnavailable):
        run("stopped")
    stub.heal()
    _, continued = run("stopped")
    assert result_of(continued) == result_of(whole)
    assert asked(stub) == expected


def test_a_decision_of_the_backtest_is_replayed_with_the_thresholds_that_it_had(run, stub):
    settings, _ = run("recorded", recording="record")
    with closing(open_store(settings)) as store:
        last = max(store.runs(), key=lambda each: each.as_of)
    count = len(stub.requests)
    replay_run(load_settings({"home": settings.home}), last.run_id)
    assert len(stub.requests) == count
