"""A scheduler that is killed at durable writes of all steps, suspended, and given a clock that jumps."""

import random
from datetime import timedelta

import pytest
from openoutcry.app.settings import load_settings
from openoutcry.domain.trading_calendar import trading_calendar
from openoutcry.ledger.store.ledger import Ledger
from openoutcry.ledger.store.verify import verify
from openoutcry.tests.app.daily import NAME, XNYS, sessions
from openoutcry.tests.app.killed_days import POLICIES
from openoutcry.tests.app.kills import WATCHLIST, clock_times, serve
from stub.server import StubServer

KILLS = 10


def check_sound(home):
    ledger = Ledger.open(f"sqlite:///{home / 'book.db'}", trading_calendar)
    assert [check.breaches for check in verify(ledger, NAME) if check.breaches] == []
    ledger.close()


@pytest.mark.timeout(240)
def test_kills_a_suspension_and_jumps_of_the_clock_leave_the_identical_account(tmp_path):
    times = clock_times("2025-03-03", 12)
    whole, _ = serve(tmp_path / "whole", times, 0, 1)
    torn, killed = serve(tmp_path / "torn", times, KILLS, 1)
    assert killed == KILLS
    assert (torn["hash"], torn["sessions"]) == (whole["hash"], whole["sessions"])
    assert list(whole["sessions"].values()).count("missed") == 3
    assert len(whole["sessions"]) == 12
    check_sound(tmp_path / "torn")


@pytest.mark.timeout(240)
def test_a_week_with_a_model_and_kills_sends_no_finished_call_again(tmp_path, monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", "sk-test")
    times = [(XNYS.close(day) + timedelta(minutes=45)).isoformat() for day in sessions("2025-03-03", 5)]
    with StubServer() as stub:
        _, killed = serve(tmp_path / "home", times, KILLS, 2, base_url=stub.url)
        requests = len(stub.requests)
    from openoutcry.app.factories import open_store

    store = open_store(load_settings({"home": tmp_path / "home"}))
    runs = store.runs()
    stored = sum(len(store.call_log(run.run_id).calls()) for run in runs)
    assert killed == KILLS
    assert len(runs) == 15
    assert 0 <= requests - stored <= killed * 12  # three tickers with four analysts: the calls in the air at a kill
    store.close()
    check_sound(tmp_path / "home")


def days(seed, count):
    """Return random acts: `paper run` with and without approvals, answers, orders of a person and safety states."""
    draw, script = random.Random(seed), []
    for day in sessions("2025-03-03", count):
        acts = [f"state:{draw.choice(('reduce', 'halt', 'resume', 'resume'))}", f"enter:{draw.choice(WATCHLIST)}"]
        run = f"run:{draw.choice(POLICIES)}"
        acts = [*draw.sample(acts, draw.randint(0, 2)), run, draw.choice(("approve", "approve", "deny")), run]
        acts += ["state:resume"] if draw.random() < 0.5 else []
        script += [((XNYS.close(day) + timedelta(minutes=45 + at)).isoformat(), act) for at, act in enumerate(acts)]
    return script


@pytest.mark.timeout(240)
def test_runs_answers_and_orders_of_killed_processes_leave_the_identical_account(tmp_path):
    script = days(3, 8)
    assert {act.partition(":")[0] for _, act in script} == {"run", "approve", "deny", "enter", "state"}
    whole, _ = serve(tmp_path / "whole", script, 0, 4, module="killed_days")
    torn, killed = serve(tmp_path / "torn", script, KILLS, 4, reach=40, module="killed_days")
    assert killed == KILLS
    assert (torn["hash"], torn["sessions"]) == (whole["hash"], whole["sessions"])
    assert len(whole["sessions"]) == 8
    assert "done" in whole["sessions"].values()
    check_sound(tmp_path / "torn")
