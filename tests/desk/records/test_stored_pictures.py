"""Pictures of runs: stored once by their hashes, deleted with the last run, and listed from the stored requests."""

import json
import sqlite3
from contextlib import closing

import pytest
from openoutcry.desk.records.backtest_store import FILE_NAME, BacktestStore
from openoutcry.desk.records.run_store import RunStore
from openoutcry.desk.shown_charts import shown_charts
from openoutcry.domain.ids import RunId, Symbol
from openoutcry.domain.picture import Picture
from openoutcry.graph.desk_config import load_desk
from openoutcry.llm.call_log import InMemoryCallLog
from openoutcry.llm.port import ModelCall

FIRST, SECOND = (Picture("price", "AAA", "A chart.", text, 10, 10) for text in (b"first", b"second"))
DESK = """
name: charted
intake: {scope: book}
roles: [{role: analyst, name: technical, tools: [bars], charts: CHARTS}]
deliberation: {kind: panel}
decision: {kind: exposure}
"""


def test_a_picture_is_kept_until_its_last_run_is_deleted(tmp_path):
    with closing(RunStore(tmp_path / "runs.db")) as store:
        one, other = RunId("one"), RunId("other")
        store.call_log(one).keep([FIRST, SECOND])
        store.call_log(other).keep([FIRST, FIRST])
        assert store.stored_bytes([one]) == len(b"first") + len(b"second")
        store.delete([one])
        assert (store.picture(FIRST.sha256), store.picture(SECOND.sha256)) == (b"first", None)
        store.delete([other])
        assert store.picture(FIRST.sha256) is None


def test_a_backtest_that_is_forgotten_loses_its_pictures(tmp_path):
    with (
        closing(BacktestStore(tmp_path)) as store,
        closing(sqlite3.connect(tmp_path / FILE_NAME, isolation_level=None)) as other,
    ):
        store.call_log(RunId("one")).keep([FIRST])
        other.execute("INSERT INTO decisions VALUES ('bt', 'one', '')")
        left = []
        for backtest in ("none", "bt"):
            store.forget(backtest)
            left += other.execute("SELECT count(*) FROM pictures").fetchone()
        assert left == [1, 0]


def call(key, role, *symbols):
    """Return a call that was sent a chart of each symbol."""
    shown = [{"name": "price", "symbol": symbol, "caption": "A chart.", "sha256": "0" * 64} for symbol in symbols]
    request = json.dumps({"body": {"messages": []}, "endpoint": "", "pictures": shown})
    return ModelCall(key, role, "m", "{}", 1, 0, 1, 0.1, False, request)


@pytest.mark.parametrize(("charts", "expected"), [("price", ["technical", "trend"]), ("off", [])])
def test_the_charts_of_a_decision_are_those_of_its_symbol_each_once(tmp_path, charts, expected):
    path, log = tmp_path / "desk.yaml", InMemoryCallLog()
    path.write_text(DESK.replace("CHARTS", charts), encoding="utf-8")
    for each in (call("1", "technical", "AAA", "BBB"), call("2", "technical", "AAA"), call("3", "trend", "AAA")):
        log.save(each)
    found = shown_charts(load_desk(str(path)), log, Symbol("AAA"))
    assert [each.role for each in found] == expected
