"""What the belief writer reads of an episode, and how many beliefs its answer may change."""

from datetime import date

import pytest
from openoutcry.desk.learning.training.episodes import Episode, SourceCall, allowed_edits, apply_edits
from openoutcry.domain.ids import Symbol
from openoutcry.domain.learning_outputs import BeliefEdit, BeliefEdits
from openoutcry.domain.outputs import Report, Stance

DAY, CALDR = date(2025, 2, 10), Symbol("CALDR")


def call(stance, moved):
    return SourceCall(DAY, CALDR, Report(summary="Seen.", stance=stance, confidence=0.5, evidence=()), moved)


def said(*edits):
    return BeliefEdits(explanation="Why.", edits=tuple(BeliefEdit(source=name, belief=text) for name, text in edits))


@pytest.mark.parametrize(
    ("size", "sources", "allowed"),
    [(0.0, 4, 0), (0.01, 4, 1), (0.5, 4, 2), (0.51, 4, 3), (1.0, 4, 4), (0.1 * 3, 10, 3)],
)
def test_the_size_is_a_share_of_the_sources_rounded_up(size, sources, allowed):
    assert allowed_edits(size, sources) == allowed


def test_the_first_edits_that_change_a_belief_are_applied():
    before = {"news": "Old.", "macro": "Same."}
    given = said(("macro", "Same."), ("gossip", "X."), ("news", " New. "), ("technical", "T."))
    made = apply_edits(before, given, ("technical", "news", "macro"), 1)
    assert made.beliefs == {"news": "New.", "macro": "Same."}
    assert (made.edited, made.dropped) == (("news",), ("gossip", "technical"))
    assert before["news"] == "Old."


def test_the_last_edit_of_a_source_counts():
    made = apply_edits({}, said(("news", "One."), ("news", "Two.")), ("news",), 3)
    assert made.beliefs == {"news": "Two."}


def test_a_source_is_right_where_its_side_was_and_quotes_the_largest_moves():
    calls = [
        call(Stance.BULLISH, 0.01), call(Stance.BULLISH, -0.05), call(Stance.BEARISH, -0.02), call(Stance.NEUTRAL, 0.2),
        call(Stance.BEARISH, 0.03),
    ]  # fmt: skip
    actions = {(DAY, CALDR): 1, (DAY, Symbol("GRUND")): 0, (DAY, Symbol("HALDM")): -1, (DAY, Symbol("VEXIL")): -1}
    text = Episode(2, 0.034, actions, {"news": calls}).text(("news", "macro"))
    assert text.splitlines() == [
        "Return +3.40%; long 1, flat 1, short 2 decisions.",
        "news: 2 of 4 reports with a side were right.",
        "  - wrong, -5.00% followed: bullish, Seen.",
        "  - wrong, +3.00% followed: bearish, Seen.",
        "  - right, -2.00% followed: bearish, Seen.",
        "macro: 0 of 0 reports with a side were right.",
    ]
