"""Replies from public bug reports, read as they were written; skipped where the folder of cases is absent."""

import json
from pathlib import Path

import pytest
from openoutcry.domain.errors import InvalidOutput
from openoutcry.domain.outputs import OrderPlan, Report, RiskReview, Thesis
from openoutcry.llm.messages import message_in
from openoutcry.llm.reading.reader import read_answer

FOLDER = Path(__file__).parents[3] / "shared" / "cases" / "endpoint"
READ = {
    "01-draft-then-final": (Thesis, {"rating": "buy", "conviction": 0.5}, "earlier_object"),
    "13-braces-in-prose": (Thesis, {"rating": "buy"}, "prose"),
    "14-first-fence-not-json": (Thesis, {"rating": "buy"}, "fence"),
    "16-trailing-comma": (Thesis, {"rating": "buy"}, "trailing_comma"),
    "17-enum-case-language": (Report, {"stance": "bullish"}, "enum_spelling"),
    "18-extra-key": (Thesis, {"rating": "buy"}, "extra_key"),
    "19-omitted-null": (OrderPlan, {"rationale": "One order."}, "omitted_null"),
    "20-empty-orders-hold": (OrderPlan, {"orders": ()}, "no_rationale"),
    "21-list-as-string": (Report, {"evidence": ("fund.period",)}, "list_as_text"),
    "27-answer-in-reasoning": (Thesis, {"rating": "buy"}, "reasoning_field"),
}
REFUSED = {
    "02-think-cut-with-draft": (Thesis, "cut off at the length limit"),
    "23-approve-scale-0": (RiskReview, "contradicts a scale of 0"),
}
REST = {"summary": "Up.", "stance": "bullish", "confidence": 0.6, "evidence": ["fund.period"]}


def reply(name):
    """Return the message of a case; an ellipsis stands for the other fields of the answer."""
    path = FOLDER / name / "reply.txt"
    if not path.is_file():
        pytest.skip("the folder of replies is not here")
    text, finish = path.read_text(encoding="utf-8"), "stop"
    if text.startswith("finish_reason: "):
        finish, text = text.removeprefix("finish_reason: ").split("\n", 1)
    if "…}" in text:
        given = json.loads(text.replace(",…}", "}"))
        text = json.dumps(REST | given)
    fields = json.loads(text) if text.startswith('{"content"') else {"content": text}
    return message_in(fields, finish)


@pytest.mark.parametrize("name", READ)
def test_a_reply_is_read_and_its_repair_recorded(name):
    answer, fields, repair = READ[name]
    reading = read_answer(reply(name), answer)
    assert {field: getattr(reading.answer, field) for field in fields} == fields
    assert repair in {applied.repair.name for applied in reading.repairs}


@pytest.mark.parametrize("name", REFUSED)
def test_a_reply_is_refused_with_its_defect(name):
    answer, defect = REFUSED[name]
    with pytest.raises(InvalidOutput, match=defect):
        read_answer(reply(name), answer)
