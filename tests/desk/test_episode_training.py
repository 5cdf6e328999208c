"""Training episodes: beliefs follow from the better of two episodes, before the test, and reach the roles concerned."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest
from desk_factory import rules, taken
from openoutcry.desk.learning.training.entries import EPISODE, EpisodeUpdate
from openoutcry.desk.training import train
from openoutcry.domain.abstention import Abstention, AbstentionCause
from openoutcry.domain.errors import BudgetExceeded, ConfigError, ModelUnavailable
from openoutcry.domain.learning_outputs import BeliefEdit, BeliefEdits
from openoutcry.domain.trading_calendar import trading_calendar
from training_desk import (
    BEARISH,
    BULLISH,
    FALLING,
    FLAT,
    LAST_KNOWN,
    LONG,
    SHORT,
    WINDOW,
    account_of,
    asked,
    desk_of,
    side,
)

XNYS = trading_calendar("XNYS")
DESK = """
name: trained
roles:
  - {role: analyst, name: technical, tools: [bars, indicators], call_tools: false}
  - {role: analyst, name: fundamentals, tools: [statements, ratios], call_tools: false}
deliberation: {kind: panel, decider: manager}
decision: {kind: direction}
sizing: {kind: all_in}
learning: {kind: episodes, episodes: EPISODES, edit: EDIT}
"""
TRUST = "Follow what prices say."
MORE = "Statements are late."


def edits(**texts):
    return BeliefEdits(
        explanation="Why.", edits=tuple(BeliefEdit(source=name, belief=text) for name, text in texts.items())
    )


def manager(request):
    """Go long in the first episode, flat in later ones, and short where the belief about prices says so."""
    if TRUST in request.user:
        return side(SHORT, request)
    return side(FLAT if request.sample else LONG, request)


def trained(demo, tmp_path, *, episodes=3, edit="difference", store=None, **lines):
    text = DESK.replace("EPISODES", str(episodes)).replace("EDIT", edit)
    script = {"technical": BEARISH, "fundamentals": BULLISH, "manager": manager, **lines}
    return desk_of(demo, tmp_path, text, store=store, **script)


def run(desk, window=WINDOW):
    return asyncio.run(train(desk, [FALLING], window, account_of(desk.source)))


def updates(desk, as_of=None):
    return desk.learned.read(EPISODE, EpisodeUpdate, as_of or XNYS.close(LAST_KNOWN))


def test_the_better_episode_is_compared_with_the_worse_and_changes_the_next(demo, tmp_path):
    desk, model = trained(demo, tmp_path, belief_writer=[edits(technical=TRUST), edits(fundamentals=MORE)])
    run(desk)
    first, second, third = updates(desk)
    assert first.total_return < second.total_return == 0 < third.total_return
    assert (first.better, second.better, second.worse, third.better, third.worse) == (None, 2, 1, 3, 2)
    assert (second.overlap, second.size, second.allowed) == (0, 1, 2)
    assert {each.source: each.text for each in third.beliefs} == {"technical": TRUST, "fundamentals": MORE}
    assert (second.edited, third.edited) == (("technical",), ("fundamentals",))
    question = asked(model, "belief_writer")[0]
    assert question.tier == "deep"
    better, worse = question.user.split("Better episode:")[1].split("Worse episode:")
    assert "long 0, flat 8" in better
    assert "long 8" in worse
    assert "technical: 6 of 8 reports with a side were right." in better
    assert "fundamentals: 2 of 8 reports with a side were right." in better


def test_beliefs_reach_the_manager_and_the_analyst_that_they_are_about(demo, tmp_path):
    desk, model = trained(demo, tmp_path, episodes=2, belief_writer=[edits(technical=TRUST)])
    run(desk)
    model.asked.clear()
    taken(desk, FALLING, XNYS.close(WINDOW.test))
    shown = {role: TRUST in asked(model, role)[0].user for role in ("technical", "fundamentals", "manager")}
    assert shown == {"technical": True, "fundamentals": False, "manager": True}


def test_a_decision_before_the_last_outcome_does_not_see_the_beliefs(demo, tmp_path):
    desk, model = trained(demo, tmp_path, episodes=2, belief_writer=[edits(technical=TRUST)])
    run(desk)
    model.asked.clear()
    taken(desk, FALLING, XNYS.close(LAST_KNOWN) - timedelta(microseconds=1))
    assert not any(TRUST in request.user for request in model.asked)
    decision = taken(desk, FALLING, XNYS.close(LAST_KNOWN))
    assert {each.text.split("]")[-1].strip()[-len(TRUST) :] for each in decision.recalled} == {TRUST}
    learned = decision.provenance.learned
    assert (learned.kind, learned.version, learned.learned_at) == ("episodes", 1, XNYS.close(LAST_KNOWN))
    assert learned.lessons == tuple(each.memory_id for each in decision.recalled)


@pytest.mark.parametrize(("edit", "allowed"), [("overlap", 1), ("difference", 2)])
def test_the_overlap_of_the_actions_bounds_the_edit(demo, tmp_path, edit, allowed):
    """The episodes agree on 3 of 8 decisions: ceil(3/8 * 2) = 1 belief, or ceil(5/8 * 2) = 2."""

    def half(request):
        early = any(
            f"{day}" in request.user.rsplit("as of", 1)[-1] for day in XNYS.between(WINDOW.first, WINDOW.last)[:3]
        )
        return side(LONG if early or not request.sample else FLAT, request)

    desk, _ = trained(
        demo, tmp_path, episodes=2, edit=edit, manager=half, belief_writer=[edits(technical=TRUST, fundamentals=MORE)]
    )
    run(desk)
    last = updates(desk)[-1]
    assert (last.overlap, last.allowed) == (3 / 8, allowed)
    assert last.edited == ("technical", "fundamentals")[:allowed]
    assert last.dropped == ("technical", "fundamentals")[allowed:]


def test_equal_episodes_and_actions_without_overlap_change_nothing(demo, tmp_path):
    desk, model = trained(demo, tmp_path, manager=lambda request: side(LONG, request))
    run(desk)
    assert not asked(model, "belief_writer")
    desk, model = trained(demo, tmp_path, edit="overlap")
    run(desk)
    assert updates(desk)[1].size == 0
    assert updates(desk)[2].total_return == updates(desk)[1].total_return
    assert not asked(model, "belief_writer")


def test_a_repeated_training_stores_the_same_and_nothing_twice(demo, tmp_path):
    writer = [edits(technical=TRUST), edits(fundamentals=MORE)]
    desk, _ = trained(demo, tmp_path, belief_writer=writer)
    run(desk)
    before = updates(desk)
    again, _ = trained(demo, tmp_path, store=desk.learned.store, belief_writer=writer)
    run(again)
    assert updates(again) == before


def test_the_test_window_is_out_of_reach(demo, tmp_path):
    desk, model = trained(demo, tmp_path)
    with pytest.raises(ConfigError, match="the test begins at 2025-02-24"):
        run(desk, replace(WINDOW, last=LAST_KNOWN))
    assert not model.asked


def test_decisions_of_the_test_add_nothing(demo, tmp_path):
    desk, _ = trained(demo, tmp_path, belief_writer=[edits(technical=TRUST), edits(fundamentals=MORE)])
    run(desk)
    before = updates(desk, XNYS.close(XNYS.sessions[-1]))
    for day in XNYS.between(WINDOW.test, WINDOW.test + timedelta(days=14)):
        taken(desk, FALLING, XNYS.close(day))
    assert updates(desk, XNYS.close(XNYS.sessions[-1])) == before


def test_an_invalid_answer_leaves_the_beliefs(demo, tmp_path):
    said = Abstention("belief_writer", AbstentionCause.ANSWER, "two answers were invalid")
    desk, _ = trained(demo, tmp_path, belief_writer=said)
    run(desk)
    assert all(not each.beliefs for each in updates(desk))
    assert updates(desk)[1].explanation == "two answers were invalid"


@pytest.mark.parametrize("role", ["belief_writer", "manager"])
@pytest.mark.parametrize(
    ("cause", "error"),
    [(AbstentionCause.MODEL, ModelUnavailable), (AbstentionCause.BUDGET, BudgetExceeded)],
    ids=["model", "budget"],
)
def test_nothing_is_learned_without_a_model_or_a_budget(demo, tmp_path, role, cause, error):
    desk, _ = trained(demo, tmp_path, **{role: Abstention(role, cause, "not now")})
    with pytest.raises(error, match="not now"):
        run(desk)
    assert not updates(desk)


def test_a_desk_of_rules_trades_its_episodes_and_learns_nothing_from_equal_ones(demo, tmp_path):
    desk, _ = trained(demo, tmp_path)
    ruled = replace(rules(demo, str(tmp_path / "desk.yaml")), learned=desk.learned)
    result = run(ruled)
    assert (result.episodes, result.learned) == (3, 0)
    assert len({each.total_return for each in updates(ruled)}) == 1


def test_a_training_needs_a_place_to_keep_what_it_learns(demo, tmp_path):
    desk, _ = trained(demo, tmp_path)
    with pytest.raises(ConfigError, match="--no-memory"):
        run(replace(desk, learned=None))
    with pytest.raises(ConfigError, match="--no-memory"):
        run(replace(desk, learned=replace(desk.learned, writes=False)))
