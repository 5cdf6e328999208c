"""The live market from the command line: every source is one local server, or nobody at all."""

import json
import signal
import sqlite3
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from openoutcry.tests.cli.live_shell import Shell
from vendors import edgar
from vendors.server import Served, VendorServer
from vendors.vendor_servers import (
    CHART,
    INJECTION,
    serve_world,
)

SECRET = "k3y-of-fred-0123456789"
STARTED = datetime.now(UTC)


@pytest.fixture(scope="module")
def server():
    with VendorServer() as server:
        serve_world(server, STARTED)
        yield server


def same(text: str) -> dict[str, object]:
    """Return a decision document without what differs from run to run."""
    found = json.loads(text)
    found.pop("run_id")
    found["usage"].pop("wall_s")
    return found


def test_a_live_decision_its_snapshot_and_the_doctor(
    server: VendorServer, shell: Callable[..., Shell], tmp_path: Path
) -> None:
    desk = shell(tmp_path / "home", server.url, FRED_API_KEY=SECRET)
    # The desk's memory would make the second decision another one.
    code, out, err = desk.run("decide", "aapl", "--market", "live", "--model", "rules", "--no-memory", "--json")
    assert code == 0, err
    decision = json.loads(out)
    assert decision["market"]["source"] == "live"
    assert decision["provenance"]["degraded"] == []
    sources = {item["source"] for item in decision["evidence"]}
    assert {
        "yfinance:prices_daily",
        "yfinance:news",
        "rss_local:news",
        "sec:fundamentals",
        "sec:filing_texts",
    } <= sources
    assert "fred:macro" in sources
    told = {item["kind"]: item["text"] for item in decision["evidence"] if "gnore previous" in item["text"]}
    assert set(told) == {"news", "filing"}  # quoted, and no more than that
    assert INJECTION not in json.dumps(decision["orders"])
    assert SECRET not in out + err
    as_of = decision["as_of"]

    code, _, err = desk.run("data", "snapshot", desk.home / "snap", "--tickers", "AAPL", "--as-of", as_of)
    assert code == 0, err
    asked = len(server.requests)
    again = ("--as-of", as_of, "--model", "rules", "--no-memory", "--json")
    for market in ("live", desk.home / "snap"):
        code, repeated, err = desk.run("decide", "AAPL", "--market", market, *again)
        assert code == 0, err
        assert same(repeated) == same(out), market
    assert len(server.requests) == asked

    code, out, err = desk.run("data", "check", desk.home / "snap", "--json")
    assert (code, json.loads(out)["defect_count"]) == (0, 0)
    code, _, err = desk.run("data", "snapshot", desk.home / "snap", "--tickers", "AAPL")
    assert code == 2
    assert "already exists; specify a new folder" in err

    code, out, err = desk.run("doctor", "--json")
    found = {each["what"]: f"{each['said']}; {each['remedy']}" for each in json.loads(out)}
    for name in ("yfinance", "sec", "fred", "rss_local", "gdelt"):
        assert found[name].startswith("reachable"), found[name]
    assert "set TIINGO_API_KEY" in found["tiingo"]
    assert found["archive"] == "2 tickers with prices; "
    with sqlite3.connect(desk.home / "archive.db") as connection:
        kept = " ".join(
            str(row) for table in ("rows", "fetches") for row in connection.execute(f"SELECT * FROM {table}")
        )
    connection.close()
    assert SECRET not in kept + out


def test_without_any_network_one_sentence_names_every_source(shell: Callable[..., Shell], tmp_path: Path) -> None:
    desk = shell(tmp_path / "home", "http://127.0.0.1:9")
    code, out, err = desk.run("decide", "AAPL", "--market", "live", "--model", "rules", "--json")
    assert (code, out) == (4, "")
    assert "Traceback" not in err
    (line,) = [line for line in err.splitlines() if line.startswith("openoutcry: ")]
    assert line.startswith("openoutcry: no vendor could be asked for prices_daily of AAPL: yfinance")
    for name in ("tiingo", "massive", "alphavantage"):
        assert f"{name}: no key; set {name.upper()}_API_KEY" in line
    moment = ("--as-of", "2025-03-03")
    code, out, _ = desk.run("decide", "AAPL", "--market", "live", "--model", "rules", "--no-memory", "--json", *moment)
    decision = json.loads(out)
    assert (code, decision["outcome"], decision["abstain_cause"]) == (4, "abstain", "data")
    assert decision["abstain_reason"].startswith("no vendor could be asked for prices_daily of AAPL: yfinance")


FETCH = ("data", "fetch", "AAPL", "--from", "2026-01-02", "--kinds", "prices_daily,splits,dividends,news,fundamentals")


def rows(home: Path) -> list[tuple[str, ...]]:
    with sqlite3.connect(home / "archive.db") as connection:
        found = connection.execute("SELECT kind, key, origin, identity FROM rows").fetchall()
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    connection.close()
    return found


def test_two_processes_fetch_one_universe(server: VendorServer, shell: Callable[..., Shell], tmp_path: Path) -> None:
    desk = shell(tmp_path / "home", server.url)
    both = [desk.start(*FETCH) for _ in range(2)]
    for running in both:
        out, err = running.communicate(timeout=240)
        assert running.returncode == 0, out + err
    found = rows(desk.home)
    assert len(found) == len(set(found)) > 1000


def test_a_fetch_that_is_killed_goes_on_where_it_stopped(
    server: VendorServer, shell: Callable[..., Shell], tmp_path: Path
) -> None:
    whole, killed = shell(tmp_path / "whole", server.url), tmp_path / "killed"
    code, out, err = whole.run(*FETCH)
    assert code == 0, out + err
    arrived = threading.Event()

    def hang(_: object) -> Served:
        arrived.set()
        return Served(hang=True)

    with VendorServer() as slow:
        serve_world(slow, STARTED)
        slow.serve(edgar.FACTS, hang)
        dying = shell(killed, slow.url).start(*FETCH)
        assert arrived.wait(120)
        dying.send_signal(signal.SIGKILL)
        dying.communicate(timeout=60)
    assert 0 < len(rows(killed)) < len(rows(whole.home))
    asked = len(server.requests)
    code, out, err = shell(killed, server.url).run(*FETCH)
    assert code == 0, out + err
    assert sorted(rows(killed)) == sorted(rows(whole.home))
    again = {request.path for request in server.requests[asked:]}
    assert edgar.FACTS in again
    assert CHART.format("AAPL") not in again  # what was covered before the kill is not asked for again
    assert _times(killed, "prices_daily", "AAPL") == (1,)


def _times(home: Path, kind: str, key: str) -> tuple[int]:
    with sqlite3.connect(home / "archive.db") as connection:
        query = "SELECT count(*) FROM fetches WHERE kind = ? AND key = ? AND outcome = 'rows'"
        return connection.execute(query, (kind, key)).fetchone()


class TestInThisProcess:
    """Without a source in reach; the environment comes from the fixture `home`."""

    def test_a_dry_run_asks_nobody(self, openoutcry) -> None:
        ran = openoutcry("data", "fetch", "AAPL,BTC-USD", "--from", "2025-01-02", "--to", "2025-03-03", "--dry-run")
        assert ran.code == 0, ran.err
        assert "crypto_daily" in ran.out
        assert "2022-10" in ran.out  # the history that the first decision looks back over
        assert "UNRATE" in ran.out

    def test_what_cannot_be_had_is_listed_and_exits_with_4(self, openoutcry, home) -> None:
        arguments = (
            "data",
            "fetch",
            "AAPL",
            "--from",
            "2025-01-02",
            "--to",
            "2025-03-03",
            "--kinds",
            "splits,fundamentals",
        )
        ran = openoutcry(*arguments)
        assert ran.code == 4
        assert "Not available" in ran.out
        assert "OPENOUTCRY_CONTACT" in ran.out
        assert "no vendor could be asked for splits of AAPL" in ran.out

    @pytest.mark.parametrize(
        ("arguments", "said"),
        [
            (("AAPL", "--from", "soon"), "--from 'soon' is not a date"),
            (("AAPL", "--from", "2025-03-03", "--to", "2025-01-01"), "is not before"),
            (("AAPL", "--from", "2025-01-01", "--kinds", "gossip"), "--kinds gossip: use prices_daily"),
            ((",", "--from", "2025-01-01"), "contains no ticker"),
        ],
    )
    def test_a_wrong_word_is_one_sentence(self, openoutcry, arguments, said) -> None:
        ran = openoutcry("data", "fetch", *arguments)
        assert ran.code == 2
        assert said in ran.err

    def test_a_snapshot_of_nothing_leaves_nothing(self, openoutcry, home) -> None:
        ran = openoutcry("data", "snapshot", home.parent / "snap", "--tickers", "AAPL")
        assert ran.code == 4
        assert "the archive has no bars of AAPL" in ran.err
        assert not list(home.parent.glob("*snap*"))

    @pytest.mark.parametrize(
        ("name", "value", "said"),
        [
            ("OPENOUTCRY_LIVE__CHAINS", '{"gossip": ["yfinance"]}', "unknown kind 'gossip'"),
            (
                "OPENOUTCRY_LIVE__CHAINS",
                '{"macro": ["yfinance"]}',
                "live.chains.macro: 'yfinance' does not provide macro; fred does",
            ),
            ("OPENOUTCRY_LIVE__BASE_URLS", '{"nobody": "http://x"}', "unknown vendor 'nobody'"),
            ("OPENOUTCRY_LIVE__KEY_FILES", '{"fred": "/nowhere/key"}', "the key file /nowhere/key cannot be read"),
        ],
    )
    def test_settings_that_cannot_be_are_told(self, openoutcry, monkeypatch, name, value, said) -> None:
        monkeypatch.setenv(name, value)
        ran = openoutcry("decide", "AAPL", "--market", "live", "--model", "rules")
        assert ran.code == 2
        assert said in ran.err

    def test_the_doctor_tells_who_is_out_of_reach(self, openoutcry, monkeypatch) -> None:
        ran = openoutcry("doctor", "--json")
        found = {each["what"]: (each["ok"], f"{each['said']}; {each['remedy']}") for each in json.loads(ran.out)}
        assert found["gdelt"][1].startswith("not reachable: http://127.0.0.1:9")
        assert found["gdelt"][0]  # no decision on the demo market fails for it
        assert "OPENOUTCRY_CONTACT" in found["sec"][1]
        assert "set FRED_API_KEY" in found["fred"][1]
        assert not {"gdelt", "archive"} & {
            each["what"] for each in json.loads(openoutcry("doctor", "--offline", "--json").out)
        }
        monkeypatch.setenv("OPENOUTCRY_MARKET", "live")
        ran = openoutcry("doctor", "--json")
        assert ran.code == 2
        assert not {each["what"]: each["ok"] for each in json.loads(ran.out)}["gdelt"]

    def test_the_archive_that_is_broken_is_told(self, openoutcry, home) -> None:
        home.mkdir(exist_ok=True)
        (home / "archive.db").write_bytes(b"no database" * 99)
        ran = openoutcry("decide", "AAPL", "--market", "live", "--model", "rules")
        assert ran.code == 2
        assert "archive.db cannot be used: file is not a database; move it away" in ran.err
