"""The hierarchy: the chief only mixes, a head sees its modality only, and nothing is short."""

import pytest
from every_desk import HIERARCHY
from openoutcry.domain.abstention import Abstention, AbstentionCause
from openoutcry.domain.decision_outputs import ExposureDecision
from openoutcry.domain.deliberation_outputs import MixWeight, PositionView
from openoutcry.domain.errors import ConfigError
from pydantic import ValidationError

STATED = {"summary": "Seen.", "evidence": ("px.close",)}


def view(position):
    def answer(question):
        cited = question.user.split("[", 1)[1].split("]", 1)[0]
        return PositionView(position=position, summary=f"Said by {question.role}.", evidence=(cited,))

    return answer


def mix(weight):
    def answer(question):
        cited = question.user.split("[", 1)[1].split("]", 1)[0]
        return MixWeight(weight=weight, summary="Mixed.", evidence=(cited,))

    return answer


def gone(name):
    return Abstention(name, AbstentionCause.MODEL, "gone")


@pytest.mark.parametrize(
    ("first", "second", "weight", "expected"),
    [(0.8, 0.2, 0.25, 0.35), (0.8, -0.4, 0.5, 0.2), (-0.8, 0.2, 0.5, 0.0), (1.0, 1.0, 1.0, 1.0), (0.6, -0.6, 0.0, 0.0)],
)
def test_the_exposure_is_the_mix_of_the_heads_and_never_short(desk_of, context_of, first, second, weight, expected):
    lines = {"data_head": view(first), "news_head": view(second), "chief": mix(weight)}
    context, _ = context_of(desk_of("", text=HIERARCHY), **lines)
    assert context.latest(ExposureDecision).exposure == pytest.approx(expected)


def test_a_short_mix_is_short_where_the_file_allows_it(desk_of, context_of):
    lines = {"data_head": view(-0.8), "news_head": view(0.2), "chief": mix(0.5)}
    context, _ = context_of(desk_of("", ("long_only: true", "long_only: false"), text=HIERARCHY), **lines)
    assert context.latest(ExposureDecision).exposure == pytest.approx(-0.3)


def test_a_head_sees_the_experts_of_its_modality_and_their_evidence_only(desk_of, context_of):
    _, model = context_of(desk_of("", text=HIERARCHY))
    news, chief = (next(q for q in model.asked if q.role == role) for role in ("news_head", "chief"))
    assert "Said by sentiment_expert." in news.user
    assert "trend_expert" not in news.user
    assert "[px." not in news.user
    assert "Said by data_head." in chief.user
    assert "expert" not in chief.user


@pytest.mark.parametrize("weight", [-0.1, 1.1, float("nan")])
def test_a_mix_outside_of_0_to_1_is_refused(weight):
    with pytest.raises(ValidationError):
        MixWeight(weight=weight, **STATED)


def test_without_the_position_of_a_head_the_chief_is_not_asked(desk_of, context_of):
    context, model = context_of(desk_of("", text=HIERARCHY), sentiment_expert=gone("sentiment_expert"))
    assert "chief" not in {question.role for question in model.asked}
    assert context.thesis is None
    assert context.abstentions[-1].reason == "no position of news_head"


@pytest.mark.parametrize(("mix_key", "expected"), [("", None), (", mix: 0.75", 0.55)])
def test_without_the_chief_the_desk_abstains_or_takes_the_mix_of_the_file(desk_of, context_of, mix_key, expected):
    file = desk_of("", ("long_only: true", f"long_only: true{mix_key}"), text=HIERARCHY)
    lines = {"data_head": view(0.6), "news_head": view(0.4), "chief": gone("chief")}
    context, _ = context_of(file, **lines)
    if expected is None:
        assert context.abstentions[-1].reason == "the chief has set no weight"
        assert context.thesis is None
    else:
        assert context.latest(ExposureDecision).exposure == pytest.approx(expected)
        assert "the chief has no view" in context.thesis.summary


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("modality: news", "modality: data", "mixes two modalities, not data"),
        ("modality: news, ", "", "with a modality"),
        ("long_only: true", "long_only: true, mix: 1.5", "mix must be from 0 to 1"),
        ("long_only: true", "long_only: true, mix: .nan", "mix must be from 0 to 1"),
        ("{kind: exposure, horizon: 21}", "{kind: ratio}", "cannot decide on ratio"),
        ("[bars, indicators], cadence: month", "[bars, indicators]", "trend_expert acts more often than its head"),
        ("name: trend_expert", "name: chief", "same name: chief"),
        ("name: trend_expert", "name: data_head", "same name: data_head"),
    ],
)
def test_what_is_wrong_in_the_desk_file_is_named(desk_of, old, new, said):
    with pytest.raises(ConfigError, match=said):
        desk_of("", (old, new), text=HIERARCHY)
