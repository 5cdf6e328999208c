"""`openoutcry desks`: what a desk is, what is wrong with a file, and its drawing."""

import json

import pytest
from book_desks import WEIGHTS as BOOK
from openoutcry.graph.desk_config import built_in_desks

VOTE = """\
# A vote of three agents.
#
# ours: everything.
name: three
roles:
  - {role: single_agent, name: a, tools: [bars, indicators], prompt: decision, persona: careful}
  - {role: single_agent, name: b, tools: [news], prompt: decision}
  - {role: single_agent, name: c, tools: [bars, news], prompt: decision}
deliberation: {kind: vote, rounds: 2}
decision: {kind: direction}
sizing: {kind: all_in}
calls:
  a: {samples: 3, choose: judge, judges: 2}
"""


def test_the_list_states_topology_decision_and_calls(openoutcry):
    lines = {line["name"]: line for line in json.loads(openoutcry("desks", "list", "--json").out)}
    assert sorted(lines) == list(built_in_desks())
    debate = lines["debate"]
    assert (debate["topology"], debate["decision"], debate["scope"]) == ("debate", "orders", "symbol")
    assert (debate["calls"], debate["slots"], debate["roles"]) == ("14", 7, 12)
    assert (lines["single_agent"]["calls"], lines["single_agent"]["slots"]) == ("1", 1)
    assert debate["prompt_tokens"] > lines["single_agent"]["prompt_tokens"] > 0


def test_show_counts_rounds_samples_and_judges(openoutcry, desk):
    shown = json.loads(openoutcry("desks", "show", desk(VOTE), "--json").out)
    # three rounds of b and c, and three rounds of a with 3 answers and 3 x 2 grades; a round of a has two slots
    assert (shown["calls"], shown["slots"]) == (2 * 3 + 3 * 9, 3 * 2)
    assert shown["header"] == ["A vote of three agents.", "ours: everything."]
    roles = {role["role"]: role for role in shown["roles"]}
    assert roles["a"]["calls"] == "3 answers, 6 grades by judges"
    assert roles["b"] | {"turns": 3, "prompt": "decision", "tools": "news"} == roles["b"]
    assert all(role["rule"] for role in shown["roles"])
    assert roles["a"]["persona"] == "careful"


def test_show_states_the_calls_of_a_book_per_symbol(openoutcry, desk):
    path = desk(BOOK)
    shown = json.loads(openoutcry("desks", "show", path, "--json").out)
    assert (shown["calls_per_symbol"], shown["calls"], shown["symbols"]) == (2, 7, 3)
    assert [role["for_every_symbol"] for role in shown["roles"]] == [True, True, False]
    text = openoutcry("desks", "show", path).out
    assert "2 per symbol + 1, in 2 serial slots" in text
    assert "calls\t" in text
    assert "technical\tanalyst\tquick\ttechnical" in text


def test_check_lists_all_defects_with_line_key_and_remedy(openoutcry, desk):
    text = VOTE.replace("rounds: 2", "round: 2").replace("kind: vote", "kind: vote, stop: now")
    ran = openoutcry("desks", "check", desk(text), "--json")
    found = [(each["line"], each["key"], each["remedy"]) for each in json.loads(ran.out)]
    assert ran.code == 2
    assert found == [
        (9, "deliberation.stop", "use one of: kind, rounds"),
        (9, "deliberation.round", "did you mean rounds?"),
    ]


@pytest.mark.parametrize(
    ("old", "new", "line", "key", "said"),
    [
        ("[news], prompt: decision", "[news, tarot], prompt: decision", 7, "roles.1.tools.1", "tarot"),
        ("[news], prompt: decision", "[news], prompt: poem", 7, "roles.1.prompt", "poem"),
        ("[news], prompt: decision", "[news], prompt: technical", 7, "roles.1.prompt", "written for 'analyst'"),
        ("sizing:", "memory: {preset: elephant}\nsizing:", 11, "memory.preset", "elephant"),
        ("kind: direction", "kind: exposure", 11, "sizing", "use one of: as_decided, vol_target"),
        ("kind: all_in", "kind: mean_variance", 11, "sizing.kind", "needs intake {scope: book}"),
        ("  a:", "  z:", 13, "calls.z", "its roles: a, b, c"),
    ],
)
def test_check_finds_what_only_the_team_shows(openoutcry, desk, old, new, line, key, said):
    ran = openoutcry("desks", "check", desk(VOTE.replace(old, new, 1)), "--json")
    found = [(each["line"], each["key"], each["message"]) for each in json.loads(ran.out)]
    assert ran.code == 2
    assert (line, key) == found[0][:2]
    assert said in found[0][2]


def test_check_accepts_every_built_in_desk(openoutcry):
    for name in built_in_desks():
        ran = openoutcry("desks", "check", name)
        assert (ran.code, ran.out.strip().endswith("no defects")) == (0, True)


def test_commands_refuse_an_unknown_desk_with_near_names(openoutcry, tmp_path):
    for command in (("desks", "show"), ("desks", "check"), ("desks", "graph"), ("decide", "CALDR", "--desk")):
        ran = openoutcry(*command, "finmen")
        assert (ran.code, "did you mean finmem" in ran.err) == (2, True)
    assert openoutcry("desks", "check", tmp_path / "none.yaml").code == 2


def test_an_error_of_decide_names_line_and_remedy_and_how_to_see_the_others(openoutcry, desk):
    path = desk(VOTE.replace("rounds: 2", "round: 2, stop: now"))
    ran = openoutcry("decide", "CALDR", "--desk", path)
    assert ran.code == 2
    assert f"{path}, line 9: deliberation.round: unknown key; did you mean rounds? (1 more: openoutcry desks check" in (
        ran.err
    )


def test_the_drawing_shows_loops_conditions_and_computations(openoutcry, desk):
    drawn = openoutcry("desks", "graph", "debate").out
    rows = [line.strip() for line in drawn.splitlines()]
    assert rows == [
        "start",
        "|",
        "technical   news   fundamentals   macro",
        "|",
        "(debate)",
        ":",
        "bull   bear   <- then back to debate",
        ":",
        "research_manager",
        ":",
        "trader",
        ":",
        "aggressive   neutral   conservative",
        "|",
        "risk_manager",
    ]
    assert "for every symbol" in openoutcry("desks", "graph", desk(BOOK)).out


def test_the_mermaid_text_has_every_node_and_arrow(openoutcry, desk):
    lines = openoutcry("desks", "graph", desk(VOTE), "--mermaid").out.splitlines()
    assert lines[0] == "flowchart TD"
    assert "    voting_round{{voting_round}}" in lines
    assert {"    start_ --> voting_round", "    a --> voting_round", "    voting_round -.-> vote"} <= set(lines)


def test_check_names_the_library_that_a_sizing_needs(openoutcry, desk, monkeypatch):
    from openoutcry.app import desk_check

    text = BOOK.replace("kind: allocation", "kind: signals") + "sizing: {kind: hrp}\n"
    monkeypatch.setattr(desk_check, "find_spec", lambda _: None)
    ran = openoutcry("desks", "check", desk(text), "--json")
    (found,) = json.loads(ran.out)
    assert (ran.code, found["line"], found["key"]) == (2, 8, "sizing.kind")
    assert "openoutcry[portfolio]" in found["message"]
