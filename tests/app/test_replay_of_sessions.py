"""Sessions and backtests with a recorded model: repeated in another state folder, without a network, byte for byte."""

import json
import shutil

from openoutcry.desk.records.document import to_document
from openoutcry.llm.recording import FILE_NAME
from openoutcry.tests.app.daily import NAME, open_daily, sessions
from stub.server import StubServer

TEN = "CALDR,DRUMT,FERKD,GRUND,HALDM,KESTR,LUMVN,MARRW,MYRRL,VEXIL"
(FIRST,) = sessions("2025-03-03", 1)


def untimed(value):
    """Return a document without the seconds that things took."""
    if isinstance(value, dict):
        return {name: untimed(each) for name, each in value.items() if name not in {"wall_s", "seconds", "rate"}}
    return [untimed(each) for each in value] if isinstance(value, list) else value


def decided(home, url, **settings):
    """Run one session of ten tickers, and return its decisions and the hash of the account."""
    with open_daily(home, model="openai:stub", base_url=url, **settings) as daily:
        daily.clock.after_close(FIRST)
        result = daily.run(watchlist=TEN)
        documents = [untimed(to_document(each)) for each in result.record.decisions]
        return json.dumps(documents), daily.book.state_hash(), daily.stores.ledger.journal_rows(NAME)[-1].hash


def test_a_session_of_ten_tickers(tmp_path, monkeypatch, no_network):
    monkeypatch.setenv("OPENAI_API_KEY", "sk-test")
    with StubServer() as stub:
        recorded = decided(tmp_path / "first", stub.url, recording="record")
        assert len(stub.requests) >= 140
    (tmp_path / "second").mkdir()
    shutil.copy(tmp_path / "first" / FILE_NAME, tmp_path / "second" / FILE_NAME)
    no_network()
    assert decided(tmp_path / "second", stub.url, replay="each") == recorded
