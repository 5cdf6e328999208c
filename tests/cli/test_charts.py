"""A desk whose roles see charts, over HTTP: what is sent, recorded, reported and refused, and what the extra is for."""

import json
import re
import sqlite3
from base64 import b64decode, b64encode
from contextlib import closing
from hashlib import sha256

import jsonschema
import pytest
from openoutcry.app.account_history import readings_for
from openoutcry.app.settings import load_settings
from openoutcry.desk.records.document import schema_text
from openoutcry.tools.charts import kinds
from stub.http_log import Fault
from stub.server import StubServer

DESK = """
name: charted
roles:
  - {role: analyst, name: technical, tools: [bars, indicators], call_tools: false, charts: [price, trades]}
  - {role: analyst, name: news, tools: [news, sentiment], call_tools: false}
deliberation: {kind: panel, decider: manager}
decision: {kind: direction}
sizing: {kind: all_in}
"""
PNG = b64encode(b"\x89PNG\r\n\x1a\n").decode()[:10]


@pytest.fixture
def stub():
    with StubServer() as server:
        yield server


@pytest.fixture
def decide(openoutcry, desk, stub):
    """Return a function that decides with the charted desk at the stub."""

    def run(*options, text=DESK):
        return openoutcry(
            "decide", "CALDR", "--as-of", "2025-03-03", "--desk", desk(text), "--model", "openai:m", "--base-url",
            stub.url, "--no-memory", *options,
        )  # fmt: skip

    return run


def test_charts_are_sent_recorded_reported_and_replayed(openoutcry, decide, stub, home, tmp_path, monkeypatch):
    pytest.importorskip("matplotlib")
    ran = decide("--record", "--report", tmp_path / "report.html", "--json")
    assert ran.code == 0, ran.err
    by_role = {bool(chat.images): chat.images for chat in stub.chats}
    assert len(by_role[True]) == 2
    assert False in by_role
    sent = [b64decode(image["url"].partition(",")[2]) for image in by_role[True]]
    document = json.loads(ran.out)
    jsonschema.Draft202012Validator(json.loads(schema_text())).validate(document)
    assert [(each["role"], each["name"]) for each in document["charts"]] == [
        ("technical", "price"), ("technical", "trades")
    ]  # fmt: skip
    assert [each["sha256"] for each in document["charts"]] == [sha256(png).hexdigest() for png in sent]
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert b64encode(sent[0]).decode() in page
    assert "img-src data:" in page
    for path in home.rglob("*"):  # the pictures are in two databases, once each, and nowhere as text
        if path.is_file():
            assert path.suffix in {".db", ".db-wal"} or PNG not in path.read_text("utf-8", "ignore")
    with closing(sqlite3.connect(home / "runs.db")) as runs:
        requests = [row[0] for row in runs.execute("SELECT request FROM calls")]
        assert {row[0] for row in runs.execute("SELECT png FROM pictures")} == set(sent)
    assert not any(PNG in request for request in requests)
    assert openoutcry("runs", "show", "latest", "--charts", tmp_path).code == 0
    assert {path.read_bytes() for path in tmp_path.glob("technical-*.png")} == set(sent)
    assert openoutcry("runs", "show", "latest", "--charts", tmp_path / "none").code == 2
    assert openoutcry("runs", "show", "latest", "--report", tmp_path / "report.md").code == 0
    assert set(re.findall(r"technical-\w+-\w{12}\.png", (tmp_path / "report.md").read_text("utf-8"))) == {
        path.name for path in tmp_path.glob("*.png")
    }
    target = tmp_path / "run.recording"
    assert openoutcry("runs", "export", "latest", "--file", target).code == 0
    monkeypatch.setenv("OPENOUTCRY_HOME", str(tmp_path / "elsewhere"))
    assert openoutcry("runs", "import", target).code == 0
    again = openoutcry("runs", "replay", document["run_id"], "--json")
    assert again.code == 0, again.err
    assert json.loads(again.out)["charts"] == document["charts"]


def test_an_endpoint_that_refuses_images_decides_without_them(decide, stub, tmp_path):
    pytest.importorskip("matplotlib")
    refusal = Fault.error(400, "Invalid content type. image_url is only supported by certain models.")
    stub.personality = lambda request: refusal if request.images else None
    ran = decide("--report", tmp_path / "report.md", "--json")
    assert ran.code == 0, ran.err
    document = json.loads(ran.out)
    assert [chat for chat in stub.chats if "The chart is left out" in chat.prompt]
    assert any("no images, so charts are left out" in text for text in document["provenance"]["degraded"])
    assert "charts" not in document
    assert "Charts that roles saw" not in (tmp_path / "report.md").read_text(encoding="utf-8")


def test_a_dry_run_counts_the_charts(decide, stub):
    pytest.importorskip("matplotlib")
    with_charts, without = decide("--dry-run"), decide("--dry-run", text=DESK.replace("[price, trades]", "off"))
    assert "2 charts are sent" in with_charts.out + with_charts.err
    said = [re.search(r"calls, ([\d,]+) tokens", ran.out + ran.err)[1] for ran in (with_charts, without)]
    totals = [int(each.replace(",", "")) for each in said]
    assert totals[0] - totals[1] == 2 * 1890  # 32 x 24 patches at 2.46 tokens each
    assert not stub.chats


def test_the_table_of_roles_has_a_column_of_charts_if_one_has_charts(openoutcry, desk):
    pytest.importorskip("matplotlib")
    shown = openoutcry("desks", "show", desk(DESK)).out
    heading, charted = (line.split("\t") for line in shown.splitlines() if line.startswith(("role\t", "technical\t")))
    assert charted[heading.index("charts")] == "price, trades"
    assert "\tcharts" not in openoutcry("desks", "show", desk(DESK.replace("[price, trades]", "off"))).out


def test_without_the_extra_the_desk_is_refused_with_the_remedy(openoutcry, decide, desk, stub, monkeypatch):
    monkeypatch.setattr(kinds, "find_spec", lambda _: None)
    checked = openoutcry("desks", "check", desk(DESK))
    assert checked.code == 2
    assert "roles.0.charts" in checked.out + checked.err
    assert "pip install 'openoutcry[charts]'" in checked.out + checked.err
    ran = decide()
    assert ran.code == 2
    assert "role technical: charts require matplotlib" in ran.err
    assert "pip install 'openoutcry[charts]'" in ran.err
    assert not stub.chats


def test_a_desk_that_charts_trades_reads_the_fills_of_its_account(desk, home):
    readings = readings_for(load_settings({"desk": str(desk(DESK))}))
    assert (readings.results, readings.fill_days) == (None, 180)
    assert readings_for(load_settings({"desk": str(desk(DESK.replace(", trades]", "]")))})) is None
