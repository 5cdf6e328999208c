"""`decide A,B` and `decide @FILE`: one decision each, a ranked summary, and the exit code that matters most."""

import json
from itertools import pairwise

import pytest
from openoutcry.cli.console.exit_codes import ExitCode, first_present

RULES = ("--as-of", "2025-03-03", "--model", "rules")


def test_each_ticker_gets_its_own_decision_in_the_order_given(openoutcry):
    ran = openoutcry("decide", "CALDR,grund, CALDR", *RULES, "--json")
    documents = json.loads(ran.out)
    assert [each["ticker"] for each in documents] == ["CALDR", "GRUND"]
    alone = json.loads(openoutcry("decide", "GRUND", *RULES, "--no-memory", "--json").out)
    together = json.loads(openoutcry("decide", "CALDR,GRUND", *RULES, "--no-memory", "--json").out)[1]
    assert (together["orders"], together["thesis"]) == (alone["orders"], alone["thesis"])
    assert ran.code == 0
    assert ran.err.count("SYNTHETIC MARKET") == ran.err.count("notice: ") + 1 == 1


def test_a_watchlist_is_read_and_the_summary_is_ranked_by_conviction(openoutcry, home):
    (home.parent / "list.txt").write_text("# mine\nCALDR, GRUND\n\ncorvo  # a comment\n", encoding="utf-8")
    names, *lines = (line.split("\t") for line in openoutcry("decide", "@list.txt", *RULES).out.splitlines())
    rows = [dict(zip(names, line, strict=True)) for line in lines]
    assert {row["ticker"] for row in rows} == {"CALDR", "GRUND", "CORVO"}
    known = [float(row["conviction"]) for row in rows if row["conviction"]]
    assert all(one >= other for one, other in pairwise(known))
    assert [row["rank"] for row in rows] == ["1", "2", "3"]
    listed = {line["run_id"] for line in json.loads(openoutcry("runs", "list", "--json").out)}
    assert {row["run_id"] for row in rows if row["run_id"]} <= listed


def test_a_ticker_that_fails_does_not_end_the_others(openoutcry):
    ran = openoutcry("decide", "GRUND,AAPL", *RULES, "--json")
    decided, failed = json.loads(ran.out)
    assert ran.code == 4
    assert decided["ticker"] == "GRUND"
    assert (failed["ticker"], failed["exit_code"]) == ("AAPL", 4)
    assert ran.err.count("no ticker AAPL") == 1


def test_submitted_decisions_share_the_account(openoutcry):
    openoutcry("paper", "init", "--margin")
    ran = openoutcry("decide", "GRUND,CALDR", *RULES, "--account", "paper", "--submit", "--json")
    sent = [answer["accepted"] for each in json.loads(ran.out) for answer in each["submissions"] or ()]
    assert ran.code == 0
    assert sent
    assert all(sent)
    assert openoutcry("ledger", "verify").code == 0


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("@nowhere.txt",), "the watchlist nowhere.txt cannot be read"),
        ((",",), "has 0 tickers"),
        (("CALDR,../x",), "is not a ticker"),
        (("CALDR,GRUND", "--report", "r.md"), "takes one ticker"),
    ],
)
def test_a_wrong_list_is_one_sentence(openoutcry, arguments, said):
    ran = openoutcry("decide", *arguments, *RULES)
    assert (ran.code, ran.out, said in ran.err) == (2, "", True)


def test_the_exit_code_is_the_first_present_by_urgency():
    order = [1, 2, 5, 4, 8, 6, 3, 0]
    for place, code in enumerate(order):
        assert first_present([ExitCode(each) for each in reversed(order[place:])]) == code
    assert first_present([]) == 0


def test_progress_counts_steps_time_calls_and_tokens(openoutcry):
    from stub.server import StubServer

    lines = [line for line in openoutcry("decide", "GRUND", *RULES).err.splitlines() if " | " in line]
    assert [line.partition(", ")[0] for line in lines] == [f"[{n}/14" for n in range(1, 15)]
    assert all(" s] " in line for line in lines)
    with StubServer() as stub:
        model = ("--model", "openai:m", "--base-url", stub.url, "--as-of", "2025-03-03")
        lines = [line for line in openoutcry("decide", "GRUND", *model).err.splitlines() if " | " in line]
    assert " calls, " in lines[-1]
    assert " tokens] " in lines[-1]


def test_the_line_below_the_answers_shows_time_as_it_passes(openoutcry):
    from datetime import UTC, datetime
    from decimal import Decimal

    from openoutcry.app.observer import RunStarted, Spent
    from openoutcry.cli.console.progress import StepCounter

    clock = iter([0.0, 10.0, 12.5, 14.0])
    counter = StepCounter(lambda: next(clock))
    at = datetime(2025, 3, 3, 21, tzinfo=UTC)
    spent = lambda: Spent(3, 4512, Decimal("0.01234"))  # noqa: E731
    counter.start(RunStarted("r", "GRUND", at, "debate", "m", synthetic=False, steps=14, spent=spent))
    assert counter.text() == "[0/14, 2.5 s]"
    counter.finish()
    assert counter.text() == "[1/14, 4.0 s, 3 calls, 4,512 tokens, $0.0123]"


def test_an_interrupt_ends_all_decisions_and_names_how_to_resume_each(openoutcry, home):
    import os
    import signal
    import socket
    import subprocess
    import sys

    # A process that was started in the background ignores SIGINT, and so would its children.
    handled = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)"
    code = f"{handled}; from openoutcry.cli.app import main; main()"
    with socket.create_server(("127.0.0.1", 0)) as silent:  # accepts connections and never answers
        url = f"http://127.0.0.1:{silent.getsockname()[1]}/v1"
        flags = ("--as-of", "2025-03-03", "--model", "openai:m", "--base-url", url)
        command = [sys.executable, "-c", code, "decide", "GRUND,CALDR", *flags]
        with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=dict(os.environ)) as process:
            lines = iter(process.stderr.readline, "")
            started: list[str] = []
            while len(started) < 2:
                line = next(lines)
                started += [line.split()[-1]] if " as of " in line else []
            process.send_signal(signal.SIGINT)
            rest = process.stderr.read()
            assert process.wait() == 130
    assert all(f"openoutcry decide --resume {run_id}" in rest for run_id in started)
    listed = json.loads(openoutcry("runs", "list", "--status", "interrupted", "--json").out)
    assert {each["run_id"] for each in listed} == set(started)
