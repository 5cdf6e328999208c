"""What every model must do, whichever calls it makes for an answer."""

import asyncio

import pytest
from openoutcry.domain.abstention import Abstention, AbstentionCause
from openoutcry.domain.decision import ModelInfo
from openoutcry.domain.errors import CitationError
from openoutcry.domain.outputs import Report, Stance
from openoutcry.llm.port import ModelRequest, Tier

GOOD = Report(summary="up", stance=Stance.BULLISH, confidence=0.7, evidence=("px.close",))
UNCITED = GOOD.model_copy(update={"evidence": ("news.unknown",)})


def cites_known(report):
    if set(report.evidence) - {"px.close"}:
        raise CitationError(f"unknown evidence {report.evidence}")


def question(**changes):
    given = {"role": "news", "tier": Tier.QUICK, "system": "s", "user": "u", "answer": Report, "check": cites_known}
    return ModelRequest(**{**given, **changes})


class ModelContract:
    """Subclasses provide the fixture `build`: it returns the model over an inner one that follows a script."""

    async def test_a_valid_answer_is_returned(self, build):
        answer = await build({"news": GOOD}).generate(question())
        assert isinstance(answer, Report)
        assert answer == GOOD

    async def test_its_info_names_the_models(self, build):
        assert isinstance(build({"news": GOOD}).info, ModelInfo)

    @pytest.mark.parametrize("cause", [AbstentionCause.MODEL, AbstentionCause.BUDGET])
    async def test_an_inner_abstention_is_an_abstention_of_the_role_with_its_cause(self, build, cause):
        outcome = await build({"news": Abstention("news", cause, "no answer")}).generate(question())
        assert outcome == Abstention("news", cause, "no answer")

    async def test_an_answer_that_fails_the_check_is_never_returned(self, build):
        outcome = await build({"news": UNCITED}).generate(question())
        assert isinstance(outcome, Abstention)
        assert (outcome.role, outcome.cause) == ("news", AbstentionCause.CITATION)

    async def test_concurrent_requests_have_answers_of_their_own(self, build):
        script = {role: GOOD.model_copy(update={"summary": role}) for role in ("news", "macro", "technical")}
        model = build(script)
        answers = await asyncio.gather(*(model.generate(question(role=role)) for role in script))
        assert [answer.summary for answer in answers] == list(script)
