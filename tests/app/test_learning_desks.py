"""Desks that learn their instructions, in backtests and sessions: stopped anywhere, no finished call is made again."""

from contextlib import closing
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from openoutcry.app.backtest_request import BacktestRequest
from openoutcry.app.backtest_service import BacktestService
from openoutcry.app.factories import open_market
from openoutcry.app.settings import load_settings
from openoutcry.desk.backtest import Every
from openoutcry.desk.learning.instructions.steps import STEP, InstructionStep
from openoutcry.desk.learning.learned_store import SqliteLearnedStore
from openoutcry.domain.errors import BudgetExceeded, ConfigError
from openoutcry.domain.ids import Symbol
from openoutcry.ledger.model.account_rules import AccountRules
from openoutcry.reports.backtest_document import backtest_document
from openoutcry.tests.app.daily import Killed, open_daily, sessions
from stub.server import StubServer
from stub_trader import CASH, SHORT, StubDesk, with_sentence

DESK = """
name: rewritten
roles:
  - {role: single_agent, name: single_agent, tools: [bars, indicators]}
deliberation: {kind: single_agent}
decision: {kind: orders}
learning: LEARNING
"""
LEARNING = "{kind: opro, every: 2}"
RULES = AccountRules(margin=True)
REQUEST = BacktestRequest(
    (Symbol("HALDM"),), date(2025, 2, 10), date(2025, 2, 24), Every.DAY, Decimal(100_000), "USD", RULES
)
DAYS = sessions("2025-02-10", 8)


class Watched:
    """A BacktestObserver that drops what it receives."""

    def notice(self, text):
        pass

    def started(self, backtest_id, text, *, synthetic):
        pass

    def progress(self, progress):
        pass


@pytest.fixture
def stub(monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", "sk-test")
    with StubServer() as server:
        yield server


@pytest.fixture
def desk(tmp_path):
    path = tmp_path / "desk.yaml"
    path.write_text(DESK.replace("LEARNING", LEARNING))
    return str(path)


def texts():
    return StubDesk(*map(with_sentence, (CASH, SHORT, "Look at {{ticker}}.", CASH)))


def settings_of(home, desk, stub, **flags):
    return load_settings(
        {"home": home, "demo_seed": 7, "model": "openai:x", "base_url": stub.url, "desk": desk, "attempts": 1, **flags}
    )


def backtest(settings, request=REQUEST):
    document = backtest_document(BacktestService(settings, Watched()).run(request, open_market(settings)))
    del document["run"]
    return document


def entries(home):
    with closing(SqliteLearnedStore(home)) as store:
        return store._file.rows("SELECT kind, key, learned_at, body FROM learned ORDER BY kind, key")


def steps(home):
    return [InstructionStep.model_validate_json(row[3]) for row in entries(home) if row[0] == STEP]


@pytest.fixture
def killed_at(monkeypatch):
    """Return a function that kills the process at the n-th entry, before or after it is stored."""
    add = SqliteLearnedStore.add

    def kill(number, *, before):
        count = iter(range(1, 1000))

        def added(self, space, entry):
            place = next(count)
            if place != number or not before:
                add(self, space, entry)
            if place == number:
                raise Killed

        monkeypatch.setattr(SqliteLearnedStore, "add", added)

    yield kill
    monkeypatch.setattr(SqliteLearnedStore, "add", add)


def test_a_backtest_finds_a_better_text(tmp_path, desk, stub):
    stub.responder = texts()
    home = tmp_path / "home"
    backtest(settings_of(home, desk, stub))
    found = steps(home)
    assert found[1].in_shadow == found[2].in_force == found[3].in_force == with_sentence(CASH)
    assert [(verdict.text, str(verdict.status)) for verdict in found[3].verdicts] == [(with_sentence(CASH), "adopted")]


def test_a_backtest_never_uses_a_broken_text(tmp_path, desk, stub):
    stub.responder = StubDesk(with_sentence("Look at {{ticker}}."))
    home = tmp_path / "home"
    backtest(settings_of(home, desk, stub))
    assert {str(step.proposal.status) for step in steps(home)[1:]} == {"rejected"}
    assert not any("Look at" in chat.prompt for chat in stub.chats if chat not in stub.responder.asked)


@pytest.mark.parametrize("number", [1, 2, 4, 5, 7, 8, 10])
@pytest.mark.parametrize("before", [True, False], ids=["before", "after"])
def test_a_backtest_that_was_killed_at_an_entry_continues_to_the_same(
    tmp_path, desk, stub, killed_at, monkeypatch, number, before
):
    stub.responder = texts()
    whole = backtest(settings_of(tmp_path / "whole", desk, stub))
    calls = len(stub.requests)
    stub.requests.clear()
    stub.responder = texts()
    killed_at(number, before=before)
    cut = settings_of(tmp_path / "cut", desk, stub)
    with pytest.raises(Killed):
        backtest(cut)
    monkeypatch.undo()
    monkeypatch.setenv("OPENAI_API_KEY", "sk-test")
    assert backtest(cut) == whole
    assert len(stub.requests) == calls
    assert entries(tmp_path / "cut") == entries(tmp_path / "whole")


def test_a_backtest_of_the_same_request_uses_what_it_has_learned(tmp_path, desk, stub):
    stub.responder = texts()
    settings = settings_of(tmp_path / "home", desk, stub)
    first, calls = backtest(settings), len(stub.requests)
    assert backtest(settings) == first
    assert len(stub.requests) == calls


def test_the_calls_of_a_step_count_in_the_budgets(tmp_path, desk, stub):
    stub.responder = texts()
    backtest(settings_of(tmp_path / "whole", desk, stub))
    calls = len(stub.requests)
    stub.requests.clear()
    stub.responder = texts()
    limited = settings_of(tmp_path / "home", desk, stub, budgets={"account": {"max_calls": calls - 1}})
    with pytest.raises(BudgetExceeded):
        backtest(limited)
    assert len(stub.requests) == calls - 1
    with pytest.raises(BudgetExceeded):
        backtest(limited)
    assert len(stub.requests) == calls - 1


def test_a_backtest_that_learns_is_not_spread_over_processes(tmp_path, desk):
    rules = load_settings({"home": tmp_path / "home", "demo_seed": 7, "model": "rules", "desk": desk})
    with pytest.raises(ConfigError, match=r"--workers .* in the order of the sessions"):
        BacktestService(rules, Watched(), workers=2).run(REQUEST, open_market(rules))


def run_days(daily, days=DAYS):
    for day in days:
        daily.clock.after_close(day)
        daily.run(watchlist="HALDM")


def test_sessions_of_an_account_take_the_steps_of_a_backtest(tmp_path, desk, stub):
    stub.responder = texts()
    backtest(settings_of(tmp_path / "test", desk, stub), replace(REQUEST, last=DAYS[-1]))
    stub.responder = texts()
    with open_daily(tmp_path / "home", rules=RULES, model="openai:x", base_url=stub.url, desk=desk) as daily:
        run_days(daily)
    one, other = steps(tmp_path / "test"), steps(tmp_path / "home")
    assert [step.session for step in other] == list(DAYS[::2])
    assert [(step.in_force, step.in_shadow, step.equity) for step in one] == [
        (step.in_force, step.in_shadow, step.equity) for step in other
    ]


@pytest.mark.parametrize("number", [2, 4, 5, 7])
@pytest.mark.parametrize("before", [True, False], ids=["before", "after"])
def test_a_session_that_was_killed_at_an_entry_continues_to_the_same(
    tmp_path, desk, stub, killed_at, monkeypatch, number, before
):
    given = {"rules": RULES, "model": "openai:x", "base_url": stub.url, "desk": desk}
    stub.responder = texts()
    with open_daily(tmp_path / "whole", **given) as daily:
        run_days(daily)
    calls = len(stub.requests)
    stub.requests.clear()
    stub.responder = texts()
    with open_daily(tmp_path / "cut", **given) as daily:
        killed_at(number, before=before)
        with pytest.raises(Killed):
            run_days(daily)
        monkeypatch.undo()
        monkeypatch.setenv("OPENAI_API_KEY", "sk-test")
        run_days(daily)
    assert len(stub.requests) == calls
    assert entries(tmp_path / "cut") == entries(tmp_path / "whole")


def test_a_session_spends_no_more_than_its_budget_on_steps_and_decisions(tmp_path, desk, stub):
    """One call a session: that of the step where one is due, so that no text in shadow ever answers."""
    stub.responder = texts()
    given = {"rules": RULES, "model": "openai:x", "base_url": stub.url, "desk": desk}
    with open_daily(tmp_path / "home", **given, budgets={"session": {"max_calls": 1}}) as daily:
        run_days(daily, DAYS[:5])
    found = steps(tmp_path / "home")
    assert len(stub.requests) == 5
    assert {step.in_force for step in found} == {""}
    assert [str(verdict.status) for step in found for verdict in step.verdicts] == ["not_better"]
