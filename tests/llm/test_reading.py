"""Every kind of reply for every answer of the desk: read, repaired and recorded, or asked again."""

import json
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openoutcry.domain.errors import InvalidOutput
from openoutcry.domain.outputs import Report
from openoutcry.llm.messages import message_in
from openoutcry.llm.reading.reader import read_answer
from openoutcry.llm.reading.repairs import REPAIRS

from tests.llm.reading_cases import CASES, PAIRS
from tests.llm.reading_cases.builders import GOOD, OTHER, Case, Result, message
from tests.llm.reading_table import PAGE, draw, page_with

NAMES = [f"{case.name}-{answer.__name__}" for case, answer in PAIRS]


def read(case: Case, answer):
    written = message(case.write(GOOD[answer], OTHER[answer]))
    return read_answer(message_in(written, written.get("finish_reason", "stop")), answer)


@pytest.mark.parametrize(("case", "answer"), PAIRS, ids=NAMES)
def test_a_reply_is_read_repaired_or_refused(case, answer):
    if case.result is Result.ASKED_AGAIN:
        with pytest.raises(InvalidOutput):
            read(case, answer)
        return
    reading = read(case, answer)
    assert reading.answer == answer.model_validate_json(json.dumps(case.expected(GOOD[answer])))
    assert {applied.repair.name for applied in reading.repairs} == case.repairs


def test_the_names_of_cases_and_repairs_are_unique():
    for names in ([case.name for case in CASES], [repair.name for repair in REPAIRS]):
        assert len(names) == len(set(names))


def test_every_repair_is_shown_by_a_case():
    shown = frozenset[str]().union(*(case.repairs for case in CASES))
    assert shown == {repair.name for repair in REPAIRS}


@pytest.mark.parametrize("answer", GOOD)
def test_the_two_answers_of_a_class_differ(answer):
    good, other = (answer.model_validate_json(json.dumps(table[answer])) for table in (GOOD, OTHER))
    assert good != other
    assert not good.contradictions()
    assert not other.contradictions()


PIECES = (
    '{"summary": "up", "stance": "bullish", "confidence": 0.6, "evidence": ["px.close"]}',
    '{"summary": "down", "stance": "bearish", "confidence": 0.6, "evidence": ["px.close"]}',
    *('{"summary": ', '"up"', "{", "}", "[", "]", "，", "“", "”", '"', "\\", ",", ": ", "```json\n", "```", "<think>"),
    *(
        "</think>",
        "[THINK]",
        "<|channel|>",
        "final",
        "<|message|>",
        "Draft: ",
        "Final answer: ",
        "\n",
        "null",
        "[" * 3000,
    ),
)


@given(st.lists(st.sampled_from(PIECES), max_size=12).map("".join), st.sampled_from(sorted(GOOD, key=str)))
@settings(max_examples=300, deadline=None)
def test_any_text_is_read_or_refused_and_nothing_else(text, answer):
    with suppress(InvalidOutput):
        assert isinstance(read_answer(message_in({"content": text}, "stop"), answer).answer, answer)


@given(st.permutations([*PIECES[:2], "Draft: ", "\n", "and"]), st.sampled_from(["", "<think>", "```json\n", "Draft: "]))
def test_an_announced_draft_is_never_the_answer(pieces, before):
    text = before + " ".join(pieces)
    with suppress(InvalidOutput):
        reading = read_answer(message_in({"content": text}, "stop"), Report)
        written = text.index('"up"' if reading.answer.summary == "up" else '"down"')
        assert not text[:written].removesuffix('{"summary": ').rstrip().endswith("Draft:")


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        ("{good} On second thought, selling is better.", "take it back"),
        ("My rough first attempt: {good}", "draft"),
        ("One option would be {good}", "draft"),
        ("Final draft: {good}", "draft"),
        ("Final answer: {other} For example: {good}", "draft"),
        ("{other}\n{good}", "several different answers"),
        ("[1] {other}\n[2] {good}", "several different answers"),
        ("<|channel|>final<|message|>{other}\n{good}<|return|><think>", None),
        ("My draft was {other}. My answer: {good}", None),
        ("The initial margin matters. Here is the view: {good}", None),
        ("Wait for the close before you act.\n{good}\nThe wait may be long.", None),
        ("<answer>{good}</answer>", None),
        ("{good} Good luck, and mind a market correction.", None),
    ],
)
def test_words_around_an_object_decide_what_it_is(words, reason):
    text = words.replace("{good}", json.dumps(GOOD[Report])).replace("{other}", json.dumps(OTHER[Report]))
    message = message_in({"content": text}, "stop")
    if reason:
        with pytest.raises(InvalidOutput, match=reason):
            read_answer(message, Report)
    else:
        assert read_answer(message, Report).answer.stance == "bullish"


def test_the_table_in_the_docs_is_written_from_the_cases():
    page = PAGE.read_text(encoding="utf-8")
    assert page == page_with(draw(), page), "run: python -m tests.llm.reading_table"
