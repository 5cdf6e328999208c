"""`openoutcry decide` on a market source that leaks: exit code 1, no order, and a run that is marked failed."""

import json
from collections import Counter

import pytest
from leaking_source import KINDS, LeakingSource
from openoutcry.cli.console.exit_codes import ExitCode, exit_for_error
from openoutcry.domain.errors import (
    AccountMovedOn,
    ChainBroken,
    ConfigError,
    LookAheadError,
    NoData,
    OrderRejected,
    StaleDecision,
    StoreLocked,
)
from scripted_answers import TICKER
from stub.server import StubServer

OPEN_MARKET = "openoutcry.app.decision_service.open_market"
AT = ("--as-of", "2025-03-03")


@pytest.fixture
def market(monkeypatch, demo):
    """Return a function that lets `decide` use a source."""

    def use(source):
        monkeypatch.setattr(OPEN_MARKET, lambda _: source)

    return use


def runs(openoutcry):
    return json.loads(openoutcry("runs", "list", "--json").out)


@pytest.mark.parametrize("kind", KINDS)
def test_a_leak_ends_the_command_as_a_bug(openoutcry, market, demo, kind):
    market(LeakingSource(demo, kind))
    desk = ("--desk", "deepfund") if kind == "insider_trades" else ()  # the default desk does not read them
    ran = openoutcry("decide", TICKER, *AT, "--model", "rules", "--json", *desk)
    assert (ran.code, ran.out) == (1, "")
    assert "openoutcry: a bug in the market source: leaking returned a fact known at 2025-03-08" in ran.err
    assert "Traceback" not in ran.err
    stored = [] if kind == "profile" else [("failed", None)]  # the currency is read before a run is stored
    assert [(run["status"], run["outcome"]) for run in runs(openoutcry)] == stored


def test_nothing_is_sent_to_the_account(openoutcry, market, demo):
    openoutcry("paper", "init", "--margin")
    market(LeakingSource(demo, "news"))
    assert openoutcry("decide", "GRUND", *AT, "--model", "rules", "--account", "paper", "--submit").code == 1
    assert json.loads(openoutcry("paper", "orders", "--json").out) == []


def test_a_failed_run_is_resumed_without_paying_twice(openoutcry, market, demo):
    """The news analyst fails; the replies that the other analysts were waiting for are kept."""
    with StubServer(latency_ms=20) as stub:
        market(LeakingSource(demo, "news"))
        first = openoutcry("decide", TICKER, *AT, "--model", "openai:x", "--base-url", stub.url)
        assert first.code == 1
        paid = asked(stub)
        (run,) = runs(openoutcry)
        assert "failed" in openoutcry("runs", "show", run["run_id"]).err
        market(demo)
        second = openoutcry("decide", "--resume", run["run_id"], "--base-url", stub.url, "--json")
        again = asked(stub) - paid
    assert second.code == 0
    assert (sum(paid.values()), sum(again.values())) == (3, 11)
    assert json.loads(second.out)["usage"]["model_calls"] == 14
    assert [run["status"] for run in runs(openoutcry)] == ["done"]


def test_a_programming_error_fails_the_run_and_names_the_bug(openoutcry, market, demo):
    class Broken(LeakingSource):
        def macro(self, series, *, until, count):
            raise ZeroDivisionError("a slip")

    market(Broken(demo, "none"))
    ran = openoutcry("decide", TICKER, *AT, "--model", "rules", "--json")
    assert (ran.code, ran.out) == (1, "")
    assert "a bug: ZeroDivisionError: a slip" in ran.err
    assert [run["status"] for run in runs(openoutcry)] == ["failed"]


def asked(stub):
    return Counter(json.dumps(record.body["messages"]) for record in stub.requests if record.body)


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (ConfigError, 2),
        (NoData, 4),
        (OrderRejected, 6),
        (ChainBroken, 1),
        (StoreLocked, 8),
        (StaleDecision, 8),
        (AccountMovedOn, 8),
        (LookAheadError, 1),
    ],
)
def test_an_error_has_the_exit_code_of_who_must_act(error, code):
    assert exit_for_error(error("why")) == ExitCode(code)
