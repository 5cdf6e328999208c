"""Whole decisions with badly written answers of one role: read, asked again, or abstained, with the exit code."""

import json

import pytest
from scripted_answers import TICKER
from stub.http_log import Reply
from stub.server import StubServer, fill

ASK = ("--as-of", "2025-03-03", "--model", "openai:x", "--json")
FORMS = ("Report", "Argument", "Thesis", "OrderPlan", "RiskOpinion", "RiskReview", "SoloAnswer")
CHANGED = {
    "Report": {"stance": "bearish"},
    "Argument": {"claim": "It falls."},
    "Thesis": {"rating": "sell", "conviction": -0.5},
    "OrderPlan": {"orders": [], "rationale": "Nothing."},
    "RiskOpinion": {"verdict": "veto", "scale": 0.0},
    "RiskReview": {"verdict": "veto", "scale": 0.0},
    "SoloAnswer": {"rating": "sell", "conviction": -0.5, "orders": []},
}
"""What turns an answer into another valid one."""


def draft_then_final(good, other):
    return Reply(
        f"First draft:\n```json\n{other}\n```\nOn reflection that is wrong. Final answer:\n```json\n{good}\n```"
    )


def untidy(good, _):
    return Reply(f'I weighed {{momentum}} first.\n```text\nclose 72.5\n```\n{good[:-1]},"ticker": "CALDR",}}')


def thought_cut(_, other):
    return Reply(f"<think>One option would be {other} but on reflection", finish_reason="length")


def two_answers(good, other):
    return Reply(f"{good}\n{other}")


@pytest.fixture
def endpoint():
    with StubServer() as server:
        yield server


def write_badly(server, form, write, times=10**6):
    """Let `write` distort the first `times` answers of a form."""
    left = [times]

    def respond(request):
        good = fill(server.filler, request).content
        named = (request.body.get("response_format") or {}).get("json_schema", {}).get("name")
        if named != form or not left[0]:
            return good
        left[0] -= 1
        return write(good, json.dumps(json.loads(good) | CHANGED[form]))

    server.responder = respond


def run(openoutcry, server, form):
    desk = ("--desk", "single_agent") if form == "SoloAnswer" else ()
    ran = openoutcry("decide", TICKER, *ASK, "--base-url", server.url, *desk)
    return ran.code, json.loads(ran.out)


def decided(document):
    """Return what a decision amounts to."""
    return [(each["action"], each["quantity"]) for each in document["orders"]], document["thesis"]


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("write", [draft_then_final, untidy])
def test_a_readable_reply_gives_the_same_decision_and_the_repair_is_listed(openoutcry, endpoint, form, write):
    code, tidy = run(openoutcry, endpoint, form)
    assert (code, tidy["outcome"]) == (0, "orders")
    write_badly(endpoint, form, write)
    code, document = run(openoutcry, endpoint, form)
    assert (code, decided(document)) == (0, decided(tidy))
    assert any("repaired: " in text for text in document["provenance"]["degraded"])


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("write", [thought_cut, two_answers])
def test_a_reply_without_one_answer_is_never_traded_on(openoutcry, endpoint, form, write):
    write_badly(endpoint, form, write)
    code, document = run(openoutcry, endpoint, form)
    cause = "bench" if form == "Argument" else "answer"  # a debate without its openings has no quorum
    assert (code, document["outcome"], document["abstain_cause"]) == (3, "abstain", cause)
    assert any("abstained (answer)" in text for text in document["provenance"]["degraded"])
    assert document["orders"] == []


@pytest.mark.parametrize("form", ["RiskOpinion", "RiskReview"])
@pytest.mark.parametrize(("verdict", "scale"), [("approve", 0), ("approve", 0.5), ("veto", 1)])
def test_a_verdict_that_its_scale_contradicts_is_asked_again_and_never_passes(
    openoutcry, endpoint, form, verdict, scale
):
    def contradict(good, _):
        return Reply(json.dumps(json.loads(good) | {"verdict": verdict, "scale": scale, "reason": "I veto."}))

    write_badly(endpoint, form, contradict)
    code, document = run(openoutcry, endpoint, form)
    assert (code, document["orders"], document["abstain_cause"]) == (3, [], "answer")
    write_badly(endpoint, form, contradict, times=1)
    code, document = run(openoutcry, endpoint, form)
    assert (code, document["outcome"]) == (0, "orders")
