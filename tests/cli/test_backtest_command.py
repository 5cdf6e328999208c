"""`openoutcry backtest`: figures for people and for programs, wrong input in one sentence, a kill without loss."""

import csv
import json
import os
import shutil
import socket
import subprocess
import sys
import threading
import time

import pytest
from conftest import ROOT
from stub.http_log import Fault
from stub.server import StubServer

WINDOW = ("--from", "2025-03-03", "--to", "2025-03-07", "--model", "rules")
PATIENCE_S = 120


def document(ran):
    assert ran.code == 0, ran.err
    found = json.loads(ran.out)
    del found["run"]
    return found


def test_the_document_has_the_three_accounts_and_every_decision(openoutcry):
    found = document(openoutcry("backtest", "CALDR,grund", *WINDOW, "--json", "--commission-bps", "5"))
    assert found["schema"] == "openoutcry.backtest/1"
    assert found["window"] == {"first": "2025-03-03", "last": "2025-03-07", "sessions": 5, "every": "day"}
    assert [track["name"] for track in found["tracks"]] == ["desk", "buy and hold", "cash"]
    assert found["tracks"][1]["costs"]["commission"] > "0.00"
    assert found["tracks"][2]["sharpe"] is None
    assert len(found["decisions"]) == found["outcomes"]["decisions"] == 10
    assert [point["session"] for point in found["curve"]][::4] == ["2025-03-03", "2025-03-07"]


def test_without_a_terminal_progress_is_plain_lines_and_figures_are_tabbed(openoutcry):
    ran = openoutcry("backtest", "CALDR", *WINDOW)
    lines = dict(line.split("\t", 1) for line in ran.out.splitlines() if "\t" in line)
    assert lines["figure"] == "desk\tbuy and hold\tcash"
    assert lines["return"].count("%") == 3
    assert "[5/5] 2025-03-07 equity" in ran.err
    assert "SYNTHETIC MARKET" in ran.err
    assert "5 decisions (" in ran.out


def test_a_watchlist_file_and_a_rules_file_are_read(openoutcry, home):
    (home.parent / "list.txt").write_text("# mine\nCALDR\nGRUND # too\n", encoding="utf-8")
    (home.parent / "rules.toml").write_text("fractional = true\n[commission]\nkind = 'bps'\nrate = 7\n", "utf-8")
    flags = ("--every", "week", "--rules", "rules.toml", "--json")
    found = document(openoutcry("backtest", "list.txt", *WINDOW, *flags))
    assert found["symbols"] == ["CALDR", "GRUND"]
    assert found["outcomes"]["decisions"] == 2
    assert found["tracks"][1]["costs"]["commission"] != "0.00"
    assert found == document(openoutcry("backtest", "@list.txt", *WINDOW, *flags))


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("CALDR", "--from", "2025-03-08", "--to", "2025-03-09"), 2, "no session of XNYS from 2025-03-08"),
        (("CALDR", "--from", "2025-03-08", "--to", "2025-03-01"), 2, "--from 2025-03-08 is after --to 2025-03-01"),
        (("CALDR", "--from", "2025-03-03", "--to", "2999-01-01"), 2, "is in the future"),
        (("CALDR", "--from", "1900-03-03", "--to", "1900-03-09"), 2, "outside the calendar, which runs from"),
        (("CALDR", "--from", "2025-03-03"), 2, "needs --from DATE and --to DATE"),
        (("CALDR", "--from", "soon", "--to", "2025-03-05"), 2, "--from 'soon' is not a date"),
        (("CALDR,caldr", "--from", "2025-03-03", "--to", "2025-03-05"), 2, "CALDR occurs more than once"),
        (("NOWHERE", "--from", "2025-03-03", "--to", "2025-03-05"), 4, "no ticker NOWHERE"),
        (("@none.txt", "--from", "2025-03-03", "--to", "2025-03-05"), 2, "none.txt cannot be read"),
        ((",", "--from", "2025-03-03", "--to", "2025-03-05"), 2, "the watchlist is empty"),
        (("CALDR", "--resume", "bt-1"), 2, "give either symbols"),
        (("--resume", "bt-1"), 2, "there is no backtest to continue"),
        (("--resume", "bt-1", "--desk", "debate"), 2, "leave out desk"),
        (("CALDR", "--from", "2025-03-03", "--to", "2025-03-05", "--report", "x.pdf"), 2, "must end in .md or .html"),
        (("CALDR", "--from", "2025-03-03", "--to", "2025-03-05", "--currency", "EUR"), 2, "quoted in USD"),
        (("CALDR", "--from", "2025-03-03", "--to", "2025-03-05", "--desk", "none"), 2, "there is no desk 'none'"),
        (("CALDR", "--from", "2025-03-03", "--to", "2025-03-05", "--every", "hour"), 2, "--every"),
        (("CALDR", "--from", "2025-03-03", "--to", "2025-03-05", "--dry-run", "--json"), 2, "--dry-run cannot be"),
    ],
)
def test_wrong_input_is_one_sentence(openoutcry, arguments, code, said):
    ran = openoutcry("backtest", *arguments)
    assert (ran.code, ran.out) == (code, "")
    assert said in ran.err
    assert ran.err.count("\n") == 1


def test_a_window_in_the_future_is_refused(openoutcry):
    year = time.gmtime().tm_year
    ran = openoutcry("backtest", "CALDR", "--from", "2025-03-03", "--to", f"{year}-12-31")
    assert ran.code == 2
    assert "is in the future; the last completed session is" in ran.err


def test_two_calendars_are_refused_and_a_symbol_without_bars_in_the_window(openoutcry, home):
    folder = home.parent / "market"
    folder.mkdir()
    row = {"open": 10, "high": 11, "low": 9, "close": 10, "volume": 1000}
    for name, ticker in (("prices_daily.csv", "AAA"), ("crypto_daily.csv", "BTC-USD")):
        with (folder / name).open("w", newline="") as file:
            writer = csv.DictWriter(file, ["ticker", "date", *row])
            writer.writeheader()
            writer.writerow({"ticker": ticker, "date": "2025-03-03", **row})
    ran = openoutcry("backtest", "AAA,BTC-USD", *WINDOW, "--market", folder)
    assert (ran.code, "trading calendar" in ran.err) == (2, True)
    late = openoutcry("backtest", "AAA", "--from", "2025-03-04", "--to", "2025-03-07", "--market", folder)
    assert (late.code, "no daily bar of AAA" in late.err) == (4, True)


def test_a_dry_run_prints_calls_tokens_and_cost(openoutcry):
    with StubServer() as stub:
        flags = ("--model", "openai:gpt-5-mini", "--base-url", stub.url, "--dry-run")
        ran = openoutcry("backtest", "CALDR", *WINDOW[:4], *flags)
        rows = [line.split("\t") for line in ran.out.splitlines() if "\t" in line]
        assert stub.requests == []
    assert ran.code == 0
    assert rows[0] == ["role", "calls", "prompt_tokens", "answer_tokens", "USD"]
    assert int(rows[-1][1]) == sum(int(row[1]) for row in rows[1:-1]) > 30
    assert float(rows[-1][4]) > 0
    assert "5 decisions in 5" in ran.out


def test_a_model_that_is_down_is_exit_code_5_with_the_way_on(openoutcry):
    with StubServer() as stub:
        stub.fail(*[Fault.error(401, "bad key")] * 50)
        ran = openoutcry("backtest", "CALDR", *WINDOW[:4], "--model", "openai:x", "--base-url", stub.url)
    assert ran.code == 5
    assert "openoutcry backtest --resume bt-" in ran.err


def start(home, *arguments):
    line = [sys.executable, "-c", "from openoutcry.cli.app import main; main()", "backtest", *arguments, "--json"]
    environment = {**os.environ, "OPENOUTCRY_HOME": str(home), "PYTHONUNBUFFERED": "1"}
    return subprocess.Popen(
        line, env=environment, cwd=home.parent, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def finished(process):
    out, err = process.communicate(timeout=PATIENCE_S)
    assert process.returncode == 0, err
    found = json.loads(out)
    del found["run"]
    return found


def test_a_killed_backtest_ends_in_the_figures_of_one_that_was_not(tmp_path):
    with StubServer() as stub:
        asked = ("CALDR", "--from", "2025-03-03", "--to", "2025-03-05", "--model", "openai:x", "--base-url", stub.url)
        whole = finished(start(tmp_path / "one", *asked))
        calls = len(stub.requests)
        stub.requests.clear()
        stub.fail(*[None] * (calls // 2), *[Fault.hang()] * 40)
        killed, pause = start(tmp_path / "two", *asked), threading.Event()
        deadline = time.monotonic() + PATIENCE_S
        while len(stub.requests) <= calls // 2:
            assert killed.poll() is None
            assert time.monotonic() < deadline
            pause.wait(0.01)
        killed.kill()
        killed.communicate()
        open_calls = len(stub.requests) - calls // 2
        stub.heal()
        assert finished(start(tmp_path / "two", *asked)) == whole
        answered = 4  # at most so many analysts ask at once; their answers may have arrived without being stored
        assert calls <= len(stub.requests) <= calls + open_calls + answered


PAGE = (ROOT / "docs" / "backtest.md").read_text(encoding="utf-8")


def keys(document):
    """Yield every key of a document, without those that are values: outcomes and causes."""
    for name, value in document.items():
        yield name
        inner = value if isinstance(value, list) else [value]
        for each in inner if name not in ("outcomes", "abstentions") else ():
            yield from keys(each) if isinstance(each, dict) else ()


def test_the_page_describes_every_key_of_the_document(openoutcry):
    whole = json.loads(openoutcry("backtest", "CALDR", *WINDOW, "--json").out)
    missing = {name for name in keys(whole) if f"`{name}`" not in PAGE}
    assert missing == set()


def test_the_transcript_of_the_page_is_what_the_command_prints(openoutcry):
    command, _, shown = PAGE.partition("$ openoutcry ")[2].partition("```")[0].replace("\\\n", "").partition("\n")
    ran = openoutcry(*command.split())
    words = " ".join(shown.split())
    figures = [line.split("\t") for line in ran.out.splitlines() if "\t" in line]
    assert len(figures) > 15
    assert [row for row in figures if " ".join(row) not in words] == []
    assert ran.out.splitlines()[-1].split(":")[0] in words


def test_a_recorded_backtest_is_replayed_byte_for_byte_without_a_network(openoutcry, home, tmp_path, monkeypatch):
    window = ("--from", "2025-03-03", "--to", "2025-03-28", "--json")
    monkeypatch.setenv("OPENAI_API_KEY", "sk-test")
    with StubServer() as stub:
        model = ("--model", "openai:stub", "--base-url", stub.url)
        recorded = openoutcry("backtest", "CALDR,GRUND", *window, *model, "--record")
        assert recorded.code == 0, recorded.err
    other = tmp_path / "other"
    other.mkdir()
    shutil.copy(home / "recordings.db", other / "recordings.db")
    monkeypatch.setenv("OPENOUTCRY_HOME", str(other))

    def refuse(*_):
        raise AssertionError("a replay opened a connection")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    replayed = openoutcry("backtest", "CALDR,GRUND", *window, *model, "--replay")
    assert replayed.code == 0, replayed.err
    first, second = (json.loads(ran.out) for ran in (recorded, replayed))
    assert len(first["curve"]) == 20
    for document in (first, second):
        del document["run"]
    assert first == second
