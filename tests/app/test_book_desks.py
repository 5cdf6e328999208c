"""A desk over a book in sessions and backtests: one run, a stored decision for each symbol, the same account."""

import asyncio

import pytest
from book_desks import EACH, PANEL, write_desk
from openoutcry.app import recordings, replay_service
from openoutcry.app.backtest_desk import backtest_desk
from openoutcry.app.desk import open_desk
from openoutcry.app.replay_service import replay_run
from openoutcry.app.session_rows import result_of
from openoutcry.desk.accounts.in_memory_account import InMemoryAccount
from openoutcry.desk.allocation import PortfolioAllocation
from openoutcry.desk.backtest import Every, run_backtest
from openoutcry.desk.records.backtest_store import BacktestStore
from openoutcry.desk.session import SessionPorts
from openoutcry.domain.abstention import AbstentionCause
from openoutcry.domain.decision import Outcome
from openoutcry.domain.errors import ConfigError, NoData
from openoutcry.domain.ids import Symbol
from openoutcry.ledger.model.account_rules import AccountRules
from openoutcry.ledger.pricing.units import MINOR
from openoutcry.llm.call_log import InMemoryCallLog
from openoutcry.llm.replay import ReplayMismatch
from openoutcry.memory.record import Source
from openoutcry.tests.app.daily import NAME, open_daily, sessions
from stub.book_answers import BookAnswers
from stub.server import StubServer

SYMBOLS = ("CALDR", "GRUND", "VEXIL")
CASH = 10_000_000
FIRST, SECOND, THIRD = sessions("2025-03-03", 3)
CALLS = len(SYMBOLS) * 2 + 1


@pytest.fixture
def stub(monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", "sk-test")
    with StubServer(responder=BookAnswers()) as server:
        yield server


def with_model(stub):
    return {"model": "openai:stub", "base_url": stub.url}


def run_days(daily, days, watchlist=SYMBOLS):
    """Run sessions of the account, and return their records."""
    records = []
    for day in days:
        daily.clock.after_close(day)
        records.append(daily.run(watchlist=",".join(watchlist)).record)
    return records


def test_a_session_is_one_run_with_a_stored_decision_for_each_symbol(tmp_path, stub):
    with open_daily(tmp_path / "home", desk=write_desk(tmp_path), **with_model(stub)) as daily:
        (record,) = run_days(daily, [FIRST])
        stored = daily.stores.runs.runs()
        logged = [len(daily.stores.runs.call_log(run.run_id).calls()) for run in reversed(stored)]
    assert [each.ticker for each in record.decisions] == list(SYMBOLS)
    assert len({each.run_id for each in record.decisions}) == len(stored) == len(SYMBOLS)
    assert {str(run.status) for run in stored} == {"done"}
    assert (stub.responder.books, len(stub.chats), sorted(logged)) == (1, CALLS, [0, 0, CALLS])
    used = [sum(role.model_calls for role in each.usage.by_role.values()) for each in record.decisions]
    assert used == [CALLS, 0, 0]
    assert all(each.outcome is Outcome.ORDERS for each in record.decisions)
    assert all({said.role for said in each.reports} == {"technical", "news"} for each in record.decisions)


@pytest.mark.parametrize("text", [PANEL, EACH], ids=["over the book", "each symbol"])
@pytest.mark.parametrize("answered", ["rules", "model"])
def test_daily_runs_and_a_backtest_end_in_the_same_account(tmp_path, stub, text, answered):
    rules, days = AccountRules(margin=True), sessions("2025-03-03", 10 if answered == "rules" else 3)
    given = {} if answered == "rules" else with_model(stub)
    desk = write_desk(tmp_path, text)
    with open_daily(tmp_path / "home", rules=rules, cash=CASH, remember=False, desk=desk, **given) as daily:
        run_days(daily, days)
        equity = [int(result_of(row).equity * MINOR) for row in reversed(daily.stores.sessions.rows(NAME))]
        stored = daily.stores.ledger.broker(NAME).book
        account = InMemoryAccount.open(NAME, rules, CASH, daily.stores.source)
        strategy = backtest_desk(daily.settings, daily.stores.source, BacktestStore(tmp_path), "same")
        limits = PortfolioAllocation(account, daily.stores.source, daily.settings.portfolio)
        watched = tuple(map(Symbol, SYMBOLS))
        tested = asyncio.run(
            run_backtest(
                account, strategy, watched, days[0], days[-1], every=Every.DAY, ports=SessionPorts(allocate=limits)
            )
        )
    assert stored.positions or answered == "model"
    assert list(tested.equity) == equity
    assert account.book.state_hash() == stored.state_hash()


class Silent:
    """A market source without bars of one symbol."""

    def __init__(self, source, symbol):
        self.source, self.symbol = source, symbol

    def __getattr__(self, name):
        return getattr(self.source, name)

    def bars(self, symbol, *args, **more):
        if symbol == self.symbol:
            raise NoData(f"no bars of {symbol}")
        return self.source.bars(symbol, *args, **more)


def test_a_symbol_without_data_abstains_alone(tmp_path, stub):
    with open_daily(tmp_path / "home", desk=write_desk(tmp_path), **with_model(stub)) as daily:
        (record,) = run_days(daily.with_source(Silent(daily.stores.source, "GRUND")), [FIRST])
    decided = {each.ticker: each for each in record.decisions}
    assert decided["GRUND"].abstention.cause is AbstentionCause.DATA
    assert {decided[name].outcome for name in ("CALDR", "VEXIL")} == {Outcome.ORDERS}
    assert "GRUND: " not in stub.chats[-1].body["messages"][-1]["content"]


@pytest.mark.parametrize("level", ["session", "account"])
def test_one_run_has_the_whole_budget_of_session_and_account(tmp_path, stub, level):
    budgets = {level: {"max_calls": CALLS}}
    given = {"budgets": budgets, "remember": False, **with_model(stub)}
    with open_daily(tmp_path / "home", desk=write_desk(tmp_path), **given) as daily:
        first, second = run_days(daily, [FIRST, SECOND])
    assert all(each.abstention is None for each in first.decisions)
    assert all((each.abstention is None) is (level == "session") for each in second.decisions)
    assert len(stub.chats) == CALLS * (2 if level == "session" else 1)


def test_a_symbol_cannot_have_another_desk_where_one_desk_decides_over_the_book(tmp_path):
    with open_daily(tmp_path / "home", desk=write_desk(tmp_path)) as daily:
        daily.clock.after_close(FIRST)
        with pytest.raises(ConfigError, match="decides over the whole book"):
            daily.run(watchlist="CALDR:debate,GRUND")


def test_a_run_over_a_book_is_replayed_and_every_decision_compared(tmp_path, stub, monkeypatch):
    settings = {**with_model(stub), "recording": "record", "desk": write_desk(tmp_path)}
    with open_daily(tmp_path / "home", **settings) as daily:
        (record,) = run_days(daily, [FIRST])
        sent, first = len(stub.requests), record.decisions[0]
        replay = replay_run(daily.settings, first.run_id)
        assert (replay.calls, len(stub.requests), replay.decision.ticker) == (CALLS, sent, "CALDR")
        whole = recordings.decisions_of
        changed = lambda run: (*whole(run)[:-1], first)  # noqa: E731
        monkeypatch.setattr(replay_service, "decisions_of", changed)
        with pytest.raises(ReplayMismatch, match="differs from its record"):
            replay_run(daily.settings, first.run_id)


def test_a_model_that_fails_ends_in_the_same_abstention_for_every_symbol(tmp_path, stub):
    desk = write_desk(tmp_path)
    with open_daily(tmp_path / "home", desk=desk, attempts=1, **with_model(stub)) as daily:
        stub.responder = lambda _request: "no answer"
        daily.clock.after_close(FIRST)
        failed = daily.run(watchlist=",".join(SYMBOLS)).record
        assert {each.abstention.cause for each in failed.decisions} == {AbstentionCause.ANSWER}
        assert len({each.abstention.reason for each in failed.decisions}) == 1


def test_memories_are_recalled_and_theses_recorded_by_symbol(tmp_path, stub):
    days = sessions("2025-03-03", 30)[::29]
    with open_daily(tmp_path / "home", desk=write_desk(tmp_path), **with_model(stub)) as daily:
        first, later = run_days(daily, days)
        own = daily.settings.model_copy(update={"account": NAME})

        async def records():
            async with open_desk(own, daily.stores.source, InMemoryCallLog()) as desk:
                view = desk.memory.at(later.as_of)
                return {name: view.records(Symbol(name), sources=tuple(Source)) for name in SYMBOLS}

        kept = asyncio.run(records())
    theses = {name: [each for each in kept[name] if each.source is Source.THESIS] for name in SYMBOLS}
    assert {name: len(each) for name, each in theses.items()} == dict.fromkeys(SYMBOLS, 1)
    assert not any(each.recalled for each in first.decisions)
    for decision in later.decisions:
        own_ids = {each.id for each in kept[decision.ticker]}
        shown = [memory for memory in decision.recalled if memory.memory_id in own_ids]
        assert shown
        assert {"technical", "news"} >= {role for memory in shown for role in memory.roles}
