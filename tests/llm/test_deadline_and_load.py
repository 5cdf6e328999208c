"""The deadline of a decision, and many calls at once."""

import asyncio

import pytest
from openoutcry.domain.abstention import Abstention, AbstentionCause
from openoutcry.llm.scope import current_scope, decision_scope, note
from openoutcry.llm.transports import readers
from openoutcry.llm.transports.retry_policy import RetryPolicy
from stub.http_log import Fault


async def test_calls_end_at_the_deadline_and_later_ones_do_not_begin(stub, model, question, log):
    stub.fail(Fault.hang())
    asker = model()
    with decision_scope("AAA", 0.2):
        outcomes = [await asker.generate(question(user=f"{n}")) for n in range(3)]
    assert [outcome.cause for outcome in outcomes] == [AbstentionCause.MODEL] * 3
    assert "time limit of the decision of 0.2 s" in outcomes[0].reason
    assert len(stub.requests) == 1
    assert not log.calls()


async def test_a_reply_from_the_log_names_its_compromises_again(stub, model, question):
    stub.refuses = frozenset({"json_schema"})
    asker, notes = model(), []
    for _ in range(2):
        with decision_scope("AAA") as scope:
            await asker.generate(question())
        notes.append(scope.notes)
    assert notes[0] == notes[1]
    assert "JSON mode instead" in notes[0][0]
    assert len(stub.requests) == 2


async def test_without_a_deadline_nothing_ends(model, question):
    with decision_scope("AAA"):
        assert not isinstance(await model().generate(question()), Abstention)


async def test_concurrent_decisions_have_their_own_notes():
    async def decided(symbol):
        with decision_scope(symbol) as scope:
            await asyncio.gather(*(asyncio.to_thread(note, f"{symbol} {n % 2}") for n in range(4)))
            await asyncio.sleep(0)
            assert current_scope().symbol == symbol
            return sorted(scope.notes)

    assert await asyncio.gather(decided("A"), decided("B")) == [["A 0", "A 1"], ["B 0", "B 1"]]
    note("outside of a decision it is dropped")
    assert current_scope().notes == ()


async def test_two_hundred_calls_at_once_are_all_answered(stub, model, question, log):
    stub.fail(*[Fault.hang()] * 200)
    asker = model(max_parallel=200, retry_policy=RetryPolicy(attempts=1, timeout_s=60))
    asked = [asyncio.create_task(asker.generate(question(user=f"[px.close] {n}"))) for n in range(200)]
    async with asyncio.timeout(60):
        while len(stub.requests) < 200:
            await asyncio.sleep(0.01)
    stub.release()
    outcomes = await asyncio.gather(*asked)
    assert not any(isinstance(outcome, Abstention) for outcome in outcomes)
    assert len(log.calls()) == len(stub.requests) == 200


async def test_a_body_without_end_is_cut_and_not_asked_for_again(stub, model, question, monkeypatch):
    monkeypatch.setattr(readers, "LARGEST_BODY", 10_000)
    stub.fail(Fault.text("x" * 20_000))
    outcome = await model().generate(question())
    assert "too large for an answer of a model" in outcome.reason
    assert len(stub.requests) == 1


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        (Fault.html(), "an HTML page"),
        (Fault.text(""), "the body is empty"),
        (Fault("status", 200, {"content-encoding": "gzip"}, "torn"), "the compressed body is damaged"),
        (Fault.truncated(), "broke off in the middle of the answer"),
        (Fault.text('{"choices": [{"finish_reason": "error", "message": {"content": ""}}]}'), "contains an error"),
        (Fault.text('{"error": {"message": "no such model", "code": 404}}'), "check --model"),
    ],
)
async def test_what_is_no_answer_is_named_as_what_it_is(stub, model, question, fault, said):
    stub.fail(*[fault] * 3)
    assert said in (await model().generate(question())).reason


async def test_an_answer_that_does_not_begin_or_pauses_is_an_outage(stub, model, question):
    stub.fail(*[Fault.hang()] * 2)
    asker = model(retry_policy=RetryPolicy(attempts=2, timeout_s=30, first_byte_s=0.1))
    assert "sent no first byte within 0.1 s" in (await asker.generate(question())).reason
