"""`decide A,B --desk BOOKDESK`: one run over the book, a decision on each ticker, resumed together."""

import json

import pytest
from book_desks import write_desk
from stub.book_answers import BookAnswers
from stub.http_log import Fault
from stub.server import StubServer

WHEN = ("--as-of", "2025-03-03")
RULES = (*WHEN, "--model", "rules")
BOOK = "VEXIL,CALDR,GRUND"
CALLS = 7


@pytest.fixture
def desk(tmp_path):
    return ("--desk", write_desk(tmp_path))


@pytest.fixture
def stub():
    with StubServer(responder=BookAnswers()) as server:
        yield server


def test_several_tickers_are_one_run_over_the_book(openoutcry, desk, stub):
    ran = openoutcry("decide", BOOK, *desk, *WHEN, "--model", "openai:m", "--base-url", stub.url, "--json")
    documents = json.loads(ran.out)
    assert ran.code == 0, ran.err
    assert [each["ticker"] for each in documents] == ["CALDR", "GRUND", "VEXIL"]
    assert (stub.responder.books, len(stub.chats)) == (1, CALLS)
    assert [each["usage"]["model_calls"] for each in documents] == [CALLS, 0, 0]
    assert all(each["orders"] for each in documents)


def test_the_summary_is_ranked_and_an_unknown_ticker_does_not_end_the_others(openoutcry, desk):
    ran = openoutcry("decide", f"{BOOK},AAPL", *desk, *RULES)
    names, *lines = (line.split("\t") for line in ran.out.splitlines())
    rows = [dict(zip(names, line, strict=True)) for line in lines]
    known = [float(row["conviction"]) for row in rows if row["conviction"]]
    assert known == sorted(known, reverse=True)
    assert rows[-1]["outcome"] == "failed"
    assert (ran.code, len(rows), "no ticker AAPL" in ran.err) == (4, 4, True)


def test_a_book_is_resumed_whole_by_the_id_of_any_of_its_runs(openoutcry, desk, stub):
    model = ("--model", "openai:m", "--base-url", stub.url)
    stub.fail(*[None] * (CALLS - 1), *[Fault.error(401)] * 4)
    failed = json.loads(openoutcry("decide", BOOK, *desk, *WHEN, *model, "--json").out)
    assert {each["outcome"] for each in failed} == {"abstain"}
    stub.heal()
    sent = len(stub.chats)
    again = openoutcry("decide", "--resume", failed[-1]["run_id"], "--base-url", stub.url, "--json")
    assert {each["run_id"] for each in json.loads(again.out)} == {each["run_id"] for each in failed}
    assert len(stub.chats) - sent == 1


def test_submitted_decisions_of_a_book_are_sent_once(openoutcry, desk):
    openoutcry("paper", "init", "--margin")
    submit = ("decide", BOOK, *desk, *RULES, "--account", "paper", "--submit", "--json")
    first, second = (json.loads(openoutcry(*submit).out) for _ in range(2))
    sent = [answer for each in first for answer in each["submissions"] or ()]
    assert sent
    assert [each["run_id"] for each in first] == [each["run_id"] for each in second]
    assert [each["submissions"] for each in first] == [each["submissions"] for each in second]
    assert openoutcry("ledger", "verify").code == 0


def test_tickers_of_different_moments_need_a_time(openoutcry, desk, monkeypatch):
    from datetime import UTC, datetime

    from openoutcry.app import book_decision_service

    days = iter((3, 4, 5))
    shifted = lambda *_: datetime(2025, 3, next(days), 21, tzinfo=UTC)  # noqa: E731
    monkeypatch.setattr(book_decision_service, "parse_as_of", shifted)
    ran = openoutcry("decide", BOOK, *desk, *RULES)
    assert (ran.code, "as of one moment" in ran.err) == (2, True)
