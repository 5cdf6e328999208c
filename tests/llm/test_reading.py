"""Every kind of reply for every answer of the desk: read, repaired and recorded, or asked again."""

import json

import pytest
from openoutcry.domain.errors import InvalidOutput
from openoutcry.llm.messages import message_in
from openoutcry.llm.reading.reader import read_answer
from openoutcry.llm.reading.repairs import REPAIRS

from tests.llm.reading_cases import CASES, GOOD, OTHER, PAIRS, Case, Result, message
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


def test_the_table_in_the_docs_is_written_from_the_cases():
    page = PAGE.read_text(encoding="utf-8")
    assert page == page_with(draw(), page), "run: python -m tests.llm.reading_table"
