"""The decision document and the run store: nothing is lost on the way."""

import json
import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

import jsonschema
import pytest
from decisions import plain_order
from desk_factory import (
    close_of,
    rules,
    scripted,
    taken,
)
from openoutcry.desk.records.document import schema_text, to_document
from openoutcry.desk.records.run_status import Status
from openoutcry.desk.records.run_store import Run, RunStore
from openoutcry.domain.abstention import Abstention, AbstentionCause
from openoutcry.domain.account import Account, AccountState, Holding, OpenLot
from openoutcry.domain.errors import ConfigError
from openoutcry.domain.ids import LotId, RunId
from openoutcry.domain.orders import Action
from openoutcry.domain.outputs import OrderPlanWithLots, PlannedOrderWithLots
from openoutcry.llm.port import ModelCall
from scripted_answers import CLEAR, ORDER, TICKER

DAY = date(2025, 3, 3)
VALIDATOR = jsonschema.Draft202012Validator(json.loads(schema_text()))


@pytest.fixture
def store(tmp_path):
    with_file = RunStore(tmp_path / "runs.db")
    yield with_file
    with_file.close()


def begun(run_id="run"):
    now = datetime(2025, 3, 4, 12, tzinfo=UTC)
    return Run(RunId(run_id), now, TICKER, close_of(2025, 3, 3), "debate", Status.RUNNING, None, "{}", "abc")


def citations(node, *, top=True):
    if isinstance(node, dict):
        for key, value in node.items():
            if key == "evidence" and not top:
                yield from value
            else:
                yield from citations(value, top=False)
    elif isinstance(node, list):
        for item in node:
            yield from citations(item, top=False)


@pytest.mark.parametrize("ticker", [TICKER, "OPENX", "NIMBK", "PALVN", "ZZZZ"])
def test_every_document_is_valid_and_every_citation_is_evidence_known_by_then(demo, ticker):
    whole = to_document(taken(rules(demo), ticker))
    assert not [error.message for error in VALIDATOR.iter_errors(json.loads(json.dumps(whole)))]
    known = {item["id"] for item in whole["evidence"]}
    cited = [i for key, part in whole.items() if key != "evidence" for i in citations({key: part}, top=False)]
    assert set(cited) <= known
    assert all(item["known_at"] <= whole["as_of"] for item in whole["evidence"])


def test_the_schema_refuses_what_contradicts_itself(demo):
    whole = json.loads(json.dumps(to_document(taken(rules(demo), CLEAR))))
    assert list(VALIDATOR.iter_errors(whole | {"outcome": "abstain"}))
    assert list(VALIDATOR.iter_errors(whole | {"orders": []}))
    assert list(VALIDATOR.iter_errors(whole | {"mood": "calm"}))


def test_a_record_comes_back_from_the_store_as_it_went_in(demo, store):
    decision = taken(rules(demo))
    store.begin(begun())
    assert store.decision("run") is None
    store.finish(decision)
    assert store.decision("run") == decision
    assert store.get("run").status is Status.DONE


def test_a_record_from_before_trailing_exits_and_named_lots_is_still_read(demo, store, tmp_path):
    decision = taken(scripted(demo))
    store.begin(begun())
    store.finish(decision)
    with closing(sqlite3.connect(tmp_path / "runs.db")) as runs:
        record = json.loads(runs.execute("SELECT decision FROM runs").fetchone()[0])
        for order in record["plan"]["orders"]:
            del order["stop_loss_trail"], order["lots"]
        for order in record["risk"]["asked"] + record["risk"]["allowed"]:
            del order["lots"]
        runs.execute("UPDATE runs SET decision = ?", (json.dumps(record),))
        runs.commit()
    assert store.decision("run") == decision


def test_the_lots_of_a_plan_are_kept(demo, store):
    held = Holding(TICKER, Decimal(10), Decimal(70), Decimal(70), (OpenLot(LotId("a"), Decimal(10), Decimal(70), DAY),))
    account = Account("test", Decimal(100_000), holdings={TICKER: held}, supports_specific_lots=True)
    sale = {"action": Action.SELL, "lots": ("a",)}
    plan = OrderPlanWithLots(
        orders=(PlannedOrderWithLots(**ORDER.model_copy(update=sale).model_dump()),), rationale="Sell."
    )
    decision = taken(scripted(demo, trader=plan), account=account)
    store.begin(begun())
    store.finish(decision)
    kept = store.decision("run")
    assert [order.lots for order in (*kept.plan.orders, *kept.risk.allowed)] == [("a",), ("a",)]


def test_an_abstention_is_kept_too(demo, store):
    decision = taken(scripted(demo, trader=Abstention("trader", AbstentionCause.ANSWER, "prose")))
    store.begin(begun())
    store.finish(decision)
    assert store.decision("run").abstention.reason == "prose"


def test_runs_are_listed_newest_first(store):
    for name in ("a", "b", "c"):
        store.begin(begun(name))
    assert [run.run_id for run in store.runs()] == ["c", "b", "a"]
    assert len(store.runs(limit=2)) == 2


def test_calls_survive_and_belong_to_their_run(store, tmp_path):
    call = ModelCall("k", "news", "m", '{"content": "x"}', 10, 0, 5, 0.1, False)
    store.call_log(RunId("one")).save(call)
    reopened = RunStore(tmp_path / "runs.db")
    assert reopened.call_log(RunId("one")).find("k") == call
    assert reopened.call_log(RunId("two")).find("k") is None
    assert list(reopened.call_log(RunId("one")).calls()) == [call]
    reopened.close()


def test_an_unknown_run_is_told(store):
    with pytest.raises(ConfigError, match="runs list"):
        store.decision("nope")


@pytest.mark.parametrize("content", [b"not a database at all, but long enough to be read", b""])
def test_a_file_that_is_no_store_is_refused_and_left_as_it_is(tmp_path, content):
    path = tmp_path / "runs.db"
    path.write_bytes(content)
    if not content:
        RunStore(path).close()
        return
    with pytest.raises(ConfigError, match="cannot be used"):
        RunStore(path)
    assert path.read_bytes() == content


def test_a_store_of_a_newer_version_is_refused(tmp_path):
    path = tmp_path / "runs.db"
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA user_version=99")
    connection.close()
    with pytest.raises(ConfigError, match="newer version"):
        RunStore(path)


def test_a_store_that_cannot_be_written_says_so_and_is_not_thrown_away(store, tmp_path):
    with closing(sqlite3.connect(tmp_path / "runs.db", timeout=0)) as other:
        other.execute(
            "CREATE TRIGGER full BEFORE INSERT ON runs BEGIN SELECT RAISE(ABORT, 'database or disk is full'); END"
        )
        other.commit()
    with pytest.raises(ConfigError, match="disk is full; make room"):
        store.begin(begun())
    assert store.runs() == ()


def test_the_document_holds_the_position_its_profit_and_the_open_orders(demo):
    held = Holding(TICKER, Decimal(10), Decimal(70), Decimal(70))
    stop = plain_order("exit", TICKER, "sell", 10, limit=90)
    entry = plain_order("entry", TICKER, "buy", 5, limit=65)
    account = Account("test", Decimal(1000), holdings={TICKER: held}, open_orders=(stop,), superseded=(entry,))
    document = to_document(taken(rules(demo), account=replace(account, state=AccountState.HALTED)))
    position, close = document["position"], Decimal(document["position"]["last_close"])
    assert (document["account_state"], document["currency"]) == ("halted", "USD")
    assert (position["quantity"], position["average_cost"]) == ("10", "70")
    assert Decimal(position["unrealized"]) == (10 * (close - 70)).quantize(Decimal("0.01"))
    assert [order["client_order_id"] for order in position["resting"]] == ["entry", "exit"]
    assert not list(VALIDATOR.iter_errors(json.loads(json.dumps(document))))


def test_without_holding_and_orders_there_is_no_position(demo):
    assert to_document(taken(rules(demo)))["position"] is None


def test_a_record_from_before_positions_is_still_read(demo, store, tmp_path):
    decision = taken(scripted(demo))
    store.begin(begun())
    store.finish(decision)
    with closing(sqlite3.connect(tmp_path / "runs.db")) as runs:
        record = json.loads(runs.execute("SELECT decision FROM runs").fetchone()[0])
        for name in ("currency", "position", "account_state"):
            del record[name]
        runs.execute("UPDATE runs SET decision = ?", (json.dumps(record),))
        runs.commit()
    assert store.decision("run") == decision
