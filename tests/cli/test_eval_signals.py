"""The command: the same seed prints the same, and nonsense is refused in one sentence."""

import json

import pytest
from openoutcry.domain.errors import LookAheadError

SMALL = ("--from", "2023-06-01", "--to", "2023-09-29", "--draws", "200")
TICKERS = ("--tickers", "caldr,VEXIL,BRAXH")


@pytest.fixture
def printed(openoutcry):
    def run(*arguments):
        ran = openoutcry("eval", "signals", *arguments)
        return ran.code, ran.out, ran.err

    return run


def test_the_same_seed_prints_the_same_whoever_does_the_work(printed):
    alone = printed(*SMALL, *TICKERS, "--json", "--workers", "1")
    assert alone[0] == 0
    assert printed(*SMALL, *TICKERS, "--json", "--workers", "2")[1] == alone[1]


def test_seeds_are_reported_one_by_one_and_together(printed):
    _, out, _ = printed(*SMALL, *TICKERS, "--json", "--workers", "1", "--seeds", "7,3", "--desk", "single_agent")
    document = json.loads(out)
    assert document["schema"] == "openoutcry.demo-signals/1"
    assert [each["seeds"] for each in document["reports"]] == [[7], [3], [7, 3]]
    one, other, both = (
        {(row["signal"], row["trader"]): row["net"]["value"] for row in each["profits"]} for each in document["reports"]
    )
    assert both == pytest.approx({key: one[key] + other[key] for key in one})
    counts = {row["symbol"]: row for row in document["reports"][2]["decisions"]}
    assert counts["BRAXH"]["abstentions"] == counts["BRAXH"]["decisions"] == 8
    assert counts["BRAXH"]["causes"] == {"data": 8}
    for row in counts.values():
        parts = row["long"] + row["short"] + row["exits"] + row["holds"] + row["abstentions"]
        assert parts == row["decisions"] == 8


def test_the_tables_show_an_interval_beside_every_figure_that_was_estimated(printed):
    code, out, _ = printed(*SMALL, *TICKERS, "--workers", "1")
    assert code == 0
    assert "Synthetic market" in out
    desk = next(line for line in out.splitlines() if "momentum (1)" in line)
    assert desk.count("[") == desk.count("]") >= 3
    assert any("BRAXH" in line and "data 4" in line for line in out.splitlines())


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--tickers", "NOPE"), "NOPE is not in the demo market"),
        (("--desk", "nowhere"), "there is no desk 'nowhere'"),
        (("--seeds", "7;3"), "--seeds '7;3'"),
        (("--from", "soon"), "--from 'soon' is not a date"),
        (("--from", "2023-07-01", "--to", "2023-07-02", "--workers", "1"), "no session"),
        (("--slippage-bps", "-1"), "--slippage-bps"),
        (("--workers", "0"), "--workers"),
        (("--to", "2015-01-02", "--workers", "1"), "demo market covers"),
    ],
)
def test_nonsense_is_refused_in_one_sentence(printed, arguments, said):
    code, out, err = printed(*arguments)
    assert (code, out) == (2, "")
    assert said in err
    assert "Traceback" not in err


def test_a_look_ahead_breach_ends_the_program_as_a_bug(printed, monkeypatch):
    def breach(*_args, **_options):
        raise LookAheadError("a bug in the market source: a fact of tomorrow")

    monkeypatch.setattr("openoutcry.evals.signal_recovery.map_parallel", breach)
    code, out, err = printed(*SMALL, *TICKERS, "--workers", "1")
    assert (code, out) == (1, "")
    assert err.startswith("openoutcry: a bug in the market source: ")


def test_the_value_of_memory_is_reported_by_signal_with_intervals(openoutcry):
    window = ("--from", "2023-01-03", "--counted-from", "2023-06-01", "--to", "2023-09-29", "--draws", "200")
    ran = openoutcry("eval", "memory-value", *window, *TICKERS, "--seeds", "7", "--workers", "1", "--json")
    assert ran.code == 0, ran.err
    found = json.loads(ran.out)
    assert (found["schema"], found["counted_from"]) == ("openoutcry.memory-value/1", "2023-06-01")
    assert {row["signal"] for row in found["rows"]} >= {"earnings_drift", "momentum"}
    assert all(len(row["seeds"]) == 1 for row in found["rows"])
