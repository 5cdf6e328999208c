"""Retries of wrong training decisions: a reflection is kept if the decision after it was right, and never at test."""

import asyncio
from dataclasses import replace
from datetime import date, timedelta

import pytest
from desk_factory import rules, taken
from openoutcry.desk.learning.training.entries import RETRY, RetryLesson
from openoutcry.desk.training import train
from openoutcry.domain.errors import ConfigError
from openoutcry.domain.outputs import Lesson
from openoutcry.domain.trading_calendar import trading_calendar
from training_desk import FALLING, FLAT, LAST_KNOWN, LONG, SHORT, WINDOW, account_of, asked, desk_of, side

XNYS = trading_calendar("XNYS")
DESK = """
name: retried
roles:
  - {role: single_agent, name: trader, tools: [bars, indicators]}
deliberation: {kind: single_agent}
decision: {kind: direction}
sizing: {kind: all_in}
learning: {kind: retry, trials: TRIALS, horizon: HORIZON, shown: 2}
"""
GOOD, BAD = "Sell what falls.", "Be brave."
RISING = (date(2025, 2, 12), date(2025, 2, 13))
"""The sessions of the window after which the next close was higher."""


def trader(request):
    return side(SHORT if GOOD in request.user else LONG, request)


def lesson(text):
    return Lesson(lesson=text)


def trained(demo, tmp_path, *, trials=2, horizon=1, store=None, **lines):
    text = DESK.replace("TRIALS", str(trials)).replace("HORIZON", str(horizon))
    script = {"trader": trader, "retry_reflector": lambda request: lesson(GOOD), **lines}
    return desk_of(demo, tmp_path, text, store=store, **script)


def run(desk, window=WINDOW):
    return asyncio.run(train(desk, [FALLING], window, account_of(desk.source)))


def lessons(desk, as_of=None):
    return desk.learned.read(RETRY, RetryLesson, as_of or XNYS.close(LAST_KNOWN))


def test_a_reflection_is_kept_if_the_next_try_was_right(demo, tmp_path):
    desk, model = trained(demo, tmp_path)
    assert run(desk).learned == len(lessons(desk)) > 0
    first = lessons(desk)[0]
    assert (first.session, first.text, first.trials) == (date(2025, 2, 10), GOOD, 1)
    assert first.outcome == pytest.approx(177.44 / 179.08 - 1, abs=1e-6)
    assert first.learned_at == XNYS.close(date(2025, 2, 11))
    question = asked(model, "retry_reflector")[0]
    assert "moved -0.9% against it" in question.user
    assert "Conviction +" in question.user
    assert question.tier == "deep"
    assert "Role that reads it: trader" in question.user


def test_later_decisions_of_the_training_are_shown_what_is_known_by_then(demo, tmp_path):
    """The lesson of 10 February is known on the 11th, so that only rising sessions are wrong from then on."""
    desk, model = trained(demo, tmp_path)
    run(desk)
    assert [each.session for each in lessons(desk)] == [date(2025, 2, 10)]
    tries = list(asked(model, "trader"))
    assert [GOOD in request.user for request in tries[:3]] == [False, True, True]
    wrong = list(asked(model, "retry_reflector")[1:])
    assert len(wrong) == 2 * len(RISING)


def test_a_reflection_that_does_not_help_is_dropped_after_the_trials(demo, tmp_path):
    said = iter(range(100))
    desk, model = trained(demo, tmp_path, retry_reflector=lambda request: lesson(f"{BAD} {next(said)}"))
    assert run(desk).learned == 0
    falling = len(XNYS.between(WINDOW.first, WINDOW.last)) - len(RISING)
    assert len(asked(model, "retry_reflector")) == 2 * falling
    assert f"{BAD} 0" in asked(model, "retry_reflector")[1].user
    assert len(asked(model, "trader")) == len(RISING) + 3 * falling
    third = asked(model, "trader")[2].user
    assert f"{BAD} 0" in third
    assert f"{BAD} 1" in third


def test_the_second_reflection_is_kept_where_the_first_did_not_help(demo, tmp_path):
    def reflected(request):
        return lesson(GOOD if BAD in request.user else BAD)

    desk, _ = trained(demo, tmp_path, retry_reflector=reflected)
    run(desk)
    first = lessons(desk)[0]
    assert (first.text, first.trials) == (GOOD, 2)
    desk, _ = trained(demo, tmp_path, trials=1, retry_reflector=reflected)
    assert run(desk).learned == 0


def test_a_decision_without_a_side_is_not_tried_again(demo, tmp_path):
    desk, model = trained(demo, tmp_path, trader=lambda request: side(FLAT, request))
    run(desk)
    assert not asked(model, "retry_reflector")


@pytest.mark.parametrize(
    ("horizon", "last"), [(1, date(2025, 2, 20)), (3, date(2025, 2, 18)), (5, date(2025, 2, 13))], ids=str
)
def test_every_label_is_known_before_the_test(demo, tmp_path, horizon, last):
    desk, model = trained(demo, tmp_path, horizon=horizon, trader=lambda request: side(FLAT, request))
    run(desk)
    sessions = [day for day in XNYS.between(WINDOW.first, WINDOW.last) if day <= last]
    assert len(asked(model, "trader")) == len(sessions)


def test_a_window_without_a_label_is_refused(demo, tmp_path):
    desk, model = trained(demo, tmp_path, horizon=30)
    with pytest.raises(ConfigError, match="takes 30 sessions"):
        run(desk)
    assert not model.asked


def test_the_newest_lessons_are_shown_at_test_and_none_is_added(demo, tmp_path):
    said = iter(range(100))
    desk, model = trained(
        demo,
        tmp_path,
        retry_reflector=lambda request: lesson(f"{GOOD} {next(said)}"),
        trader=lambda request: side(SHORT if "earlier try" in request.user else LONG, request),
    )
    run(desk)
    known = [each.text for each in lessons(desk)]
    assert len(known) == 6
    model.asked.clear()
    decision = taken(desk, FALLING, XNYS.close(WINDOW.test))
    user = asked(model, "trader")[0].user
    assert [text in user for text in known] == [False] * 4 + [True] * 2
    assert not asked(model, "retry_reflector")
    assert len(lessons(desk, XNYS.close(XNYS.sessions[-1]))) == 6
    learned = decision.provenance.learned
    assert (learned.kind, learned.version, len(learned.lessons)) == ("retry", 6, 2)


def test_a_lesson_is_not_visible_before_its_label(demo, tmp_path):
    desk, model = trained(demo, tmp_path)
    run(desk)
    model.asked.clear()
    known = lessons(desk)[0].learned_at
    for moment, shown in ((known - timedelta(microseconds=1), False), (known, True)):
        model.asked.clear()
        taken(desk, FALLING, moment)
        assert (GOOD in model.asked[0].user) is shown


def test_a_repeated_training_stores_the_same(demo, tmp_path):
    desk, _ = trained(demo, tmp_path)
    run(desk)
    before = lessons(desk)
    again, _ = trained(demo, tmp_path, store=desk.learned.store)
    run(again)
    assert lessons(again) == before


def test_a_desk_of_rules_repeats_its_decision_and_keeps_no_lesson(demo, tmp_path):
    desk, _ = trained(demo, tmp_path)
    ruled = replace(rules(demo, str(tmp_path / "desk.yaml")), learned=desk.learned)
    assert run(ruled).learned == 0
