"""`--dry-run` counts votes, samples, judges and the calls of a desk over a book."""

from book_desks import WEIGHTS as BOOK

VOTE = """\
name: three
roles:
  - {role: single_agent, name: a, tools: [bars, indicators, macro], prompt: decision}
  - {role: single_agent, name: b, tools: [bars, indicators], prompt: decision}
deliberation: {kind: vote, rounds: 2}
decision: {kind: direction}
sizing: {kind: all_in}
calls:
  a: {samples: 3, choose: judge, judges: 2}
  b: {samples: 2}
"""
CASCADE = VOTE.replace("b: {samples: 2}", "b: {cascade: {from: quick}}")
AT = ("--as-of", "2025-03-03")
MODEL = ("--model", "openai:gpt-5-mini", "--deep-model", "openai:gpt-5", "--base-url", "http://127.0.0.1:9")


def counted(ran, place):
    """Return the calls of each role, summed over its rows."""
    assert ran.code == 0, ran.err
    found = {}
    for row in (line.split("\t") for line in ran.out.splitlines()[1:] if "\t" in line):
        found[row[0]] = found.get(row[0], 0) + int(row[place])
    assert found["all"] == sum(calls for role, calls in found.items() if role != "all")
    return found


def test_a_decision_counts_rounds_samples_and_grades(openoutcry, desk):
    ran = openoutcry("decide", "GRUND", *AT, "--desk", desk(VOTE), *MODEL, "--dry-run")
    assert counted(ran, 2) == {"a": 3 * 3, "a_judge": 3 * 3 * 2, "b": 3 * 2, "all": 33}
    assert "Expected: 33 calls" in ran.out


def test_judges_and_second_opinions_cost_what_the_deep_model_costs(openoutcry, desk):
    ran = openoutcry("decide", "GRUND", *AT, "--desk", desk(CASCADE), *MODEL, "--dry-run")
    assert counted(ran, 2)["b"] == 3 * 2
    rows = [line.split("\t") for line in ran.out.splitlines() if line.startswith("b\t")]
    quick, deep = (float(row[5]) for row in rows[:2])
    assert deep > 2 * quick > 0


def test_a_book_asks_analysts_for_every_symbol_and_the_decider_once(openoutcry, desk):
    ran = openoutcry("decide", "GRUND,HALDM,CALDR", *AT, "--desk", desk(BOOK), *MODEL, "--dry-run")
    assert counted(ran, 2) == {"technical": 3, "news": 3, "allocator": 1, "all": 7}


def test_several_tickers_are_counted_one_after_the_other(openoutcry):
    one, two = (
        counted(openoutcry("decide", tickers, *AT, "--desk", "single_agent", *MODEL, "--dry-run"), 2)["all"]
        for tickers in ("GRUND", "GRUND,HALDM")
    )
    assert (one, two) == (1, 2)


def test_a_backtest_of_a_book_decides_once_a_session(openoutcry, desk):
    window = ("--from", "2025-03-03", "--to", "2025-03-14")
    ran = openoutcry("backtest", "GRUND,HALDM,CALDR", *window, "--desk", desk(BOOK), *MODEL, "--dry-run")
    assert counted(ran, 1) == {"technical": 30, "news": 30, "allocator": 10, "all": 70}
    assert "30 decisions in 10 session(s)" in ran.out


def test_a_session_counts_the_desks_of_the_watchlist(openoutcry, desk, tmp_path):
    assert openoutcry("paper", "init", "--account", "own").code == 0
    watchlist = tmp_path / "list.txt"
    watchlist.write_text(f"GRUND: {desk(BOOK)}\nHALDM\n", encoding="utf-8")
    ran = openoutcry(
        "paper", "run", "--account", "own", "--session", "2025-03-03", "--watchlist", f"@{watchlist}",
        "--desk", "single_agent", *MODEL, "--dry-run",
    )  # fmt: skip
    assert counted(ran, 1) == {"technical": 1, "news": 1, "allocator": 1, "single_agent": 1, "all": 4}
