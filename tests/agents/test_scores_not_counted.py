"""Scores that were not counted are shown as n/a, and a rounded zero has no minus sign."""

import pytest
from openoutcry.agents.context import Contribution
from openoutcry.agents.formatting import format_thesis
from openoutcry.agents.rules.macro import macro
from openoutcry.agents.rules.news import news
from openoutcry.agents.rules.research_manager import judge
from openoutcry.agents.rules.signals import Signal, report_from
from openoutcry.domain.abstention import Abstention
from openoutcry.domain.outputs import Rating, Report, Stance
from openoutcry.reports.formats import signed
from scripted_answers import THESIS


def filed(role, stance, confidence):
    return Contribution(role, Report(summary="S.", stance=stance, confidence=confidence, evidence=("px.close",)))


def test_the_manager_shows_what_it_did_not_count_as_such(case_of):
    case = case_of(px__close=10.0)
    reports = (
        filed("technical", Stance.BULLISH, 0.8),
        filed("fundamentals", Stance.BULLISH, 0.5),
        filed("news", Stance.NEUTRAL, 0.9),
        filed("macro", Stance.BEARISH, 0.3),
    )
    thesis = judge(type(case)(case.brief, case.evidence, contributions=reports))
    assert "Scores: technical +0.60, fundamentals n/a, news n/a, macro n/a;" in thesis.summary


@pytest.mark.parametrize(("score", "weight"), [(0.9, 0.0), (0.0, 1.0), (0.004, 1.0), (-0.004, 1.0)])
def test_an_analyst_without_a_counted_signal_has_no_score(score, weight):
    report = report_from("macro", [Signal(score, weight, "A level.", ("macro.vix",))])
    assert report.summary == "A level. Score n/a."


def test_a_counted_score_is_shown(case_of):
    assert macro(case_of(macro__t10y2y=0.5)).summary.endswith("Score +0.13.")


def test_news_without_a_tone_is_an_abstention_of_its_rule(case_of):
    assert isinstance(news(case_of(sent__count30=3.0)), Abstention)


def test_a_conviction_that_rounds_to_zero_has_no_minus_sign():
    thesis = THESIS.model_copy(update={"rating": Rating.HOLD, "conviction": -0.001})
    assert "conviction +0.00," in format_thesis(thesis)
    assert signed(-0.001) == "+0.00"
