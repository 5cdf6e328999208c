"""Desk files whose sections make no sense together: each error names the file, the line, the key and a remedy."""

import pytest
from openoutcry.domain.errors import ConfigError
from openoutcry.graph.desk_config import load_desk

BOOK = """name: mine
intake: {scope: book}
roles:
  - {role: analyst, name: technical, tools: [bars]}
deliberation: {kind: panel, decider: head}
decision: {kind: allocation}
"""
ANALYST = "{role: analyst, name: technical, tools: [bars]}"
PLANNER = "{role: planner, name: planner}"
ALONE = "{role: single_agent, name: one, tools: [bars]}"
PANEL = "kind: panel, decider: head"
SYMBOL = ("scope: book", "scope: symbol")


@pytest.fixture
def error_of(tmp_path):
    """Return a function that changes texts of the file of a desk over a book and returns the error of loading it."""

    def load(*changes):
        path, text = tmp_path / "desk.yaml", BOOK
        for old, new in changes:
            assert old in text
            text = text.replace(old, new, 1)
        path.write_text(text, encoding="utf-8")
        with pytest.raises(ConfigError) as raised:
            load_desk(str(path))
        file, _, said = str(raised.value).partition(", line ")
        assert file == f"desk file {path}"
        return said

    return load


@pytest.mark.parametrize("kind", ["allocation", "target_cash", "signals"])
def test_a_decision_over_a_book_needs_a_book(error_of, kind):
    said = error_of(SYMBOL, ("allocation", kind))
    assert said == f"6: decision.kind: a decision of kind {kind} needs intake {{scope: book}}"


@pytest.mark.parametrize("kind", ["orders", "report"])
def test_a_decision_on_one_symbol_needs_the_scope_symbol(error_of, kind):
    said = error_of(("allocation", kind))
    assert said == f"6: decision.kind: a decision of kind {kind} needs intake {{scope: symbol}}"


@pytest.mark.parametrize("sizing", ["mean_variance", "black_litterman, view_scale: 0.1", "hrp"])
def test_a_sizing_of_several_symbols_needs_a_book(error_of, sizing):
    said = error_of(SYMBOL, ("{kind: allocation}", f"{{kind: direction}}\nsizing: {{kind: {sizing}}}"))
    assert said.startswith(f"7: sizing.kind: sizing {sizing.partition(',')[0]} weighs several symbols")
    assert said.endswith("it needs intake {scope: book}")


@pytest.mark.parametrize(
    "roles", [(ANALYST, PLANNER), (ANALYST, f"{PLANNER}\n  - {ALONE}"), (ANALYST, f"{ALONE}\n  - {PLANNER}")]
)
def test_a_planner_needs_analysts(error_of, roles):
    said = error_of(roles, ("scope: book", "scope: book, select: planner"))
    assert said == "2: intake.select: a planner needs analysts to pick from"


@pytest.mark.parametrize(
    ("old", "new", "kind"),
    [
        ("scope: book", "scope: book, select: planner", "planner"),
        ("scope: book", "scope: book, select: filter", "filter"),
        (ANALYST, f"{ANALYST}\n  - {PLANNER}", "planner"),
    ],
    ids=["planner", "filter", "unused"],
)
def test_what_selects_is_a_role_and_the_intake_says_so(error_of, old, new, kind):
    assert error_of((old, new)).startswith(f"2: intake: intake {{select: {kind}}} needs one role of kind {kind}")


@pytest.mark.parametrize("kind", ["exposure", "allocation"])
def test_a_debate_is_about_one_symbol(error_of, kind):
    debate = "kind: debate, sides: [bull, bear], judge: research_manager"
    said = error_of((PANEL, debate), ("allocation", kind))
    remedy = "with intake {scope: symbol} it decides on each symbol given"
    assert said == f"5: deliberation: this deliberation is about one symbol; {remedy}"


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        (
            [SYMBOL, (PANEL, "kind: debate, judge: research_manager"), ("allocation", "orders")],
            "with sides and a judge",
        ),
        ([(PANEL, "kind: contest")], "needs roles of kind data_agent, contestant, judge"),
        ([(ANALYST, ALONE)], "a panel needs analysts"),
        ([(PANEL, "kind: single_agent")], "a single agent has no other roles beside it"),
    ],
    ids=["no-sides", "no-contestants", "no-analysts", "no-agent"],
)
def test_a_deliberation_without_its_roles_is_refused(error_of, changes, said):
    found = error_of(*changes)
    assert found.startswith("5: deliberation: ")
    assert said in found


@pytest.mark.parametrize("number", [".nan", ".inf", "-.inf", "none"])
def test_a_largest_sum_of_weights_is_a_finite_number(error_of, number):
    said = error_of(("allocation}", f"allocation, allocation: {{max_total: {number}}}}}"))
    assert said.startswith("6: decision.allocation.max_total: ")
