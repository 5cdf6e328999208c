"""The decision service: values instead of printed text, one run per decision to submit, and the states of a run."""

import sqlite3
from contextlib import closing

import pytest
from openoutcry.app.decision_service import DecisionService, RunInterrupted
from openoutcry.app.factories import open_ledger, open_store
from openoutcry.app.settings import load_settings
from openoutcry.desk.records.run_status import Status
from openoutcry.domain.decision import Outcome
from openoutcry.domain.errors import ConfigError
from openoutcry.ledger.model.account_rules import AccountRules

TICKER, DAY, NEXT_DAY = "GRUND", "2025-01-06", "2025-01-07"
RULES = {"model": "rules", "remember": False}
SUBMIT = RULES | {"account": "paper", "submit": True}


class Stop(Exception):
    """A fault of the observer stands for any crash within a decision."""


@pytest.fixture
def account(home):
    """Open a margin account with cash, and return a function that reads the head of its journal."""
    with closing(open_ledger(load_settings({}))) as ledger:
        ledger.create("paper", AccountRules(margin=True))
        with ledger.transaction("paper") as broker:
            broker.deposit("opening", 10_000_000)

    def head():
        with closing(open_ledger(load_settings({}), reading=True)) as ledger:
            return [repr(event) for event in ledger.broker("paper").journal.events]

    return head


def service(observer, **flags):
    return DecisionService(load_settings(flags), observer)


def runs():
    store = open_store(load_settings({}))
    found = store.runs()
    store.close()
    return found


def state():
    (run,) = runs()
    return run.status


def stopping(observer, error):
    """Let `observer` raise `error` when the first agent has answered."""

    def progress(step):
        raise error

    observer.progress = progress
    return observer


def test_a_decision_comes_back_as_a_value_and_nothing_is_printed(home, observer, capfd):
    result = service(observer, **RULES).decide(TICKER, DAY)
    assert (result.decision.ticker, result.repeated) == (TICKER, False)
    assert capfd.readouterr() == ("", "")
    assert [(run.run_id, run.desk, run.synthetic) for run in observer.runs] == [
        (result.decision.run_id, "debate", True)
    ]
    assert len(observer.steps) > 10
    assert state() is Status.DONE


def test_a_decision_that_is_not_submitted_is_a_new_run_each_time(account, observer):
    flags = RULES | {"account": "paper"}
    first, second = (service(observer, **flags).decide(TICKER, DAY).decision.run_id for _ in range(2))
    assert first != second


def test_a_second_submission_finds_the_finished_run_and_changes_nothing(account, observer):
    first = service(observer, **SUBMIT).decide(TICKER, DAY)
    before, asked = account(), len(observer.runs)
    second = service(observer, **SUBMIT).decide(TICKER, DAY)
    assert second.repeated
    assert second.decision == first.decision
    assert first.decision.submissions
    assert (account(), len(observer.runs), len(runs())) == (before, asked, 1)
    assert f"run {first.decision.run_id} has already decided on {TICKER}" in observer.notices[-1]
    assert "--attempt 2" in observer.notices[-1]


def test_a_further_attempt_is_another_run_with_other_order_ids(account, observer):
    first = service(observer, **SUBMIT).decide(TICKER, DAY).decision
    second = service(observer, **SUBMIT, attempt=2).decide(TICKER, DAY).decision
    again = service(observer, **SUBMIT, attempt=2).decide(TICKER, DAY)
    assert second.run_id != first.run_id
    assert [order.client_order_id for order in second.risk.allowed] == [
        f"{order.client_order_id}-try2" for order in first.risk.allowed
    ]
    assert (again.repeated, again.decision.run_id) == (True, second.run_id)


def test_other_sessions_symbols_and_desks_are_other_runs(account, observer):
    asked = ((TICKER, DAY, "debate"), (TICKER, NEXT_DAY, "debate"), ("CALDR", NEXT_DAY, "debate"))
    for ticker, day, desk in (*asked, ("CALDR", NEXT_DAY, "single_agent")):
        service(observer, **SUBMIT, desk=desk).decide(ticker, day)
    assert len({run.run_id for run in runs()}) == 4


def test_sigint_is_stored_and_the_run_goes_on_when_the_same_is_asked_again(account, observer):
    before = account()
    with pytest.raises(RunInterrupted) as stopped:
        service(stopping(observer, KeyboardInterrupt()), **SUBMIT).decide(TICKER, DAY)
    assert state() is Status.INTERRUPTED
    del observer.progress
    result = service(observer, **SUBMIT).decide(TICKER, DAY)
    assert (result.decision.run_id, result.repeated) == (stopped.value.run_id, False)
    assert "is resumed" in observer.notices[-1]
    assert result.decision.submissions
    assert account() != before
    assert state() is Status.DONE


def test_an_interrupted_run_that_submits_does_not_go_on_with_other_settings(account, observer):
    with pytest.raises(RunInterrupted) as stopped:
        service(stopping(observer, KeyboardInterrupt()), **SUBMIT).decide(TICKER, DAY)
    del observer.progress
    with pytest.raises(ConfigError, match=f"--resume {stopped.value.run_id}"):
        service(observer, **SUBMIT, seed=8).decide(TICKER, DAY)
    assert state() is Status.INTERRUPTED
    assert service(observer).resume(stopped.value.run_id).decision.submissions


def test_a_crash_is_stored_as_failed_and_can_be_resumed(home, observer):
    with pytest.raises(Stop):
        service(stopping(observer, Stop()), **RULES).decide(TICKER, DAY)
    assert state() is Status.FAILED
    del observer.progress
    (run,) = runs()
    assert service(observer).resume(run.run_id).decision.outcome is not Outcome.ABSTAIN
    assert state() is Status.DONE


def test_what_fails_before_a_run_begins_leaves_it_planned(account, observer):
    with pytest.raises(ConfigError):
        service(observer, **SUBMIT, prompts="nowhere").decide(TICKER, DAY)
    assert state() is Status.PLANNED
    assert service(observer, **SUBMIT).decide(TICKER, DAY).decision.submissions


def test_a_run_is_submitted_before_it_is_done_and_is_not_submitted_twice(account, observer, home):
    open_store(load_settings({})).close()
    with closing(sqlite3.connect(home / "runs.db")) as other:
        other.execute(
            "CREATE TRIGGER held BEFORE UPDATE ON runs WHEN NEW.status = 'done' "
            "BEGIN SELECT RAISE(ABORT, 'database or disk is full'); END"
        )
        other.commit()
        with pytest.raises(ConfigError, match="disk is full"):
            service(observer, **SUBMIT).decide(TICKER, DAY)
        assert state() is Status.SUBMITTED
        sent = account()
        other.execute("DROP TRIGGER held")
        other.commit()
    result = service(observer, **SUBMIT).decide(TICKER, DAY)
    assert result.decision.submissions
    assert (account(), state()) == (sent, Status.DONE)


def test_a_run_that_awaits_approval_is_shown_and_not_submitted(account, observer):
    decided = service(observer, **RULES, account="paper").decide(TICKER, DAY).decision
    store, before = open_store(load_settings({})), account()
    with closing(sqlite3.connect(load_settings({}).home / "runs.db")) as other:
        other.execute(
            "UPDATE runs SET status = 'awaiting_approval', request = json_set(request, '$.submit', json('true'))"
        )
        other.commit()
    store.close()
    result = service(observer).resume(decided.run_id)
    assert (result.repeated, result.decision) == (True, decided)
    assert (account(), state()) == (before, Status.AWAITING_APPROVAL)


def test_a_ledger_that_does_not_hold_the_answer_is_named(account, observer, home, tmp_path):
    service(observer, **SUBMIT).decide(TICKER, DAY)
    other = load_settings({"ledger": f"sqlite:///{tmp_path / 'other.db'}"})
    with closing(open_ledger(other)) as ledger:
        ledger.create("paper", AccountRules(margin=True))
    with pytest.raises(ConfigError, match="has no record of its orders"):
        service(observer, **SUBMIT, ledger=other.ledger).decide(TICKER, DAY)


def test_an_attempt_without_submission_is_refused(home, observer):
    with pytest.raises(ConfigError, match="--attempt requires --submit"):
        service(observer, **RULES, attempt=2).decide(TICKER, DAY)
