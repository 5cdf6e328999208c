"""Scores on literal closes of February 2025: HALDM 179.08, 177.44, 176.44 from the 10th on, GRUND 146.06 to 146.21."""

from datetime import date
from decimal import Decimal

import pytest
from openoutcry.desk.learning.instructions.optimizer_inputs import ScoredText, optimizer_inputs
from openoutcry.desk.learning.instructions.steps import (
    DecidedNote,
    InstructionStep,
    StoredProposal,
    TextVerdict,
    WindowScore,
    tried_texts,
)
from openoutcry.desk.learning.instructions.window import SessionStart, buy_and_hold, next_return, window_scores
from openoutcry.domain.ids import Symbol
from openoutcry.domain.trading_calendar import trading_calendar
from openoutcry.market.view import MarketView

XNYS = trading_calendar("XNYS")
HALDM, GRUND, NONE = Symbol("HALDM"), Symbol("GRUND"), Symbol("NOSUCH")
MONDAY, TUESDAY, WEDNESDAY = date(2025, 2, 10), date(2025, 2, 11), date(2025, 2, 12)
FALL = 176.44 / 179.08 - 1


def step(**more):
    given = {"equity": Decimal(100_000), "deposited": Decimal(100_000), "symbols": (HALDM,), **more}
    return InstructionStep(session=MONDAY, as_of=XNYS.close(MONDAY), **given)


def start(equity, deposited=100_000):
    return SessionStart(WEDNESDAY, XNYS.close(WEDNESDAY), (HALDM,), Decimal(equity), Decimal(deposited))


def note(session, weight, shadow_weight=None, shadow="new"):
    return DecidedNote(session=session, symbol=HALDM, weight=weight, shadow=shadow, shadow_weight=shadow_weight)


@pytest.fixture
def view(demo):
    return MarketView(demo, XNYS.close(WEDNESDAY))


def test_the_score_is_the_return_beyond_buy_and_hold(view):
    (score,) = window_scores(view, step(), start(101_000), ())
    assert score.total_return == pytest.approx(0.01)
    assert score.benchmark_return == pytest.approx(FALL, abs=1e-6)
    assert score.score == pytest.approx(50 + 250 * (0.01 - FALL), abs=1e-3)
    assert (score.text, score.shadow) == ("", False)


@pytest.mark.parametrize(("equity", "deposited", "total"), [(151_000, 150_000, 0.01), (91_000, 90_000, 0.01)])
def test_deposits_and_withdrawals_are_no_return(view, equity, deposited, total):
    (score,) = window_scores(view, step(), start(equity, deposited), ())
    assert score.total_return == pytest.approx(total)


def test_the_benchmark_is_the_mean_of_the_symbols_with_prices(view):
    other = 146.21 / 146.06 - 1
    assert buy_and_hold(view, (HALDM, GRUND), XNYS.close(MONDAY)) == pytest.approx((FALL + other) / 2, abs=1e-6)
    assert buy_and_hold(view, (GRUND, NONE), XNYS.close(MONDAY)) == pytest.approx(other, abs=1e-6)
    assert buy_and_hold(view, (NONE,), XNYS.close(MONDAY)) is None


def test_without_a_benchmark_there_is_no_score(view):
    (score,) = window_scores(view, step(symbols=(NONE,), in_force="a"), start(101_000), ())
    assert (score.text, score.score) == ("a", None)


def test_a_text_in_shadow_adds_the_difference_of_its_weights(view):
    """Short instead of nothing on Monday, half instead of whole on Tuesday."""
    notes = (note(MONDAY, 0.0, -1.0), note(TUESDAY, 1.0, 0.5))
    live, shadow = window_scores(view, step(in_shadow="new"), start(100_000), notes)
    first, second = 177.44 / 179.08 - 1, 176.44 / 177.44 - 1
    assert shadow.total_return == pytest.approx(live.total_return - first - 0.5 * second, abs=1e-6)
    assert (shadow.text, shadow.shadow) == ("new", True)


def test_only_answers_of_the_text_in_shadow_count(view):
    notes = (note(MONDAY, 0.0, -1.0, "old"), note(TUESDAY, 1.0, None), note(WEDNESDAY, 1.0, 0.5))
    assert len(window_scores(view, step(in_shadow="new"), start(100_000), notes)) == 1
    assert len(window_scores(view, step(), start(100_000), (note(MONDAY, 0.0, -1.0),))) == 1


def test_the_next_return_is_known_after_the_next_close(view):
    assert next_return(view, HALDM, TUESDAY) == pytest.approx(176.44 / 177.44 - 1, abs=1e-6)
    assert next_return(view, HALDM, WEDNESDAY) is None
    assert next_return(view, HALDM, date(2025, 2, 9)) is None
    assert next_return(view, NONE, TUESDAY) is None


def test_a_text_has_the_mean_of_its_scores_and_those_in_shadow_only_before_it_was_in_force():
    def scored(text, score, *, shadow=False):
        return WindowScore(text=text, score=score, shadow=shadow)

    steps = (
        step(proposal=StoredProposal(text="a")),
        step(scores=(scored("", 40.0), scored("a", 90.0, shadow=True)), proposal=StoredProposal(text="b")),
        step(scores=(scored("", 50.0), scored("b", 20.0, shadow=True))),
        step(
            scores=(scored("a", 60.0), scored("", None)),
            verdicts=(TextVerdict(text="b", status="rolled_back"),),
            proposal=StoredProposal(text="c", status="rejected", reason="it is empty"),
        ),
        step(scores=(scored("a", 70.0),)),
    )
    assert tried_texts(steps, "original text") == [
        ScoredText(45.0, "original", "original text"),
        ScoredText(65.0, "on trial", "a"),
        ScoredText(20.0, "rolled_back", "b"),
        ScoredText(None, "rejected: it is empty", "c"),
    ]


def test_the_optimizer_sees_the_ten_best_the_best_last():
    tried = [ScoredText(float(score), "adopted", f"text {score}") for score in (5, 12, 1, 9, 3, 11, 7, 2, 10, 4, 8)]
    shown = optimizer_inputs("trader", "`orders`", "mine", [ScoredText(None, "rejected: bad", "none"), *tried])[
        "history"
    ]
    assert [line for line in shown.splitlines() if line.startswith("text")] == [
        f"text {score}" for score in (2, 3, 4, 5, 7, 8, 9, 10, 11, 12)
    ]
    few = optimizer_inputs(
        "trader", "`orders` and `summary`", "mine", [tried[0], ScoredText(None, "rejected: bad", "no")]
    )
    assert few["history"].index("no") < few["history"].index("text 5")
    assert few["names"] == "`orders`, `summary`"
