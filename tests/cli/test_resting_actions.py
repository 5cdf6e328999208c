"""A model that says what becomes of a resting entry: asked again after a mistake, obeyed once, and shown."""

import json

import pytest
from stub.server import StubServer, fill

TICKER = "GRUND"  # the rules leave a limit below the market resting here
FIRST, LATER = "2025-01-06", "2025-01-07"


@pytest.fixture
def entry(openoutcry):
    """Leave an entry resting in a paper account; return its id."""
    assert openoutcry("paper", "init", "--margin").code == 0
    ran = openoutcry("decide", TICKER, "--account", "paper", "--as-of", FIRST, "--model", "rules", "--submit", "--json")
    (order,) = json.loads(ran.out)["orders"]
    return order["client_order_id"]


@pytest.fixture
def endpoint():
    with StubServer() as server:
        yield server


def answer_with(server, *labels, action):
    """Let the trader plan no order, and name one label after the other."""
    left = list(labels)

    def respond(request):
        answer = json.loads(fill(server.filler, request).content)
        named = (request.body.get("response_format") or {}).get("json_schema", {}).get("name")
        if named == "RestingPlan":
            answer |= {"orders": [], "resting": [{"order": left.pop(0), "action": action}]}
        return json.dumps(answer)

    server.responder = respond


@pytest.fixture
def decide(openoutcry, endpoint):
    def run(*more):
        model = ("--model", "openai:x", "--base-url", endpoint.url)
        return openoutcry("decide", TICKER, "--account", "paper", "--as-of", LATER, *model, *more)

    return run


def status(openoutcry, order_id):
    lines = json.loads(openoutcry("paper", "orders", "--all", "--json").out)
    return next((line["status"], line["reason"]) for line in lines if line["order_id"] == order_id)


def test_an_unknown_label_is_named_in_the_correction_and_the_next_answer_counts(openoutcry, entry, endpoint, decide):
    answer_with(endpoint, "R9", "R1", action="cancel")
    document = json.loads(decide("--submit", "--json").out)
    assert document["resting_actions"] == [{"client_order_id": entry, "action": "cancel"}]
    assert document["proposal"]["resting"] == [{"order": "R1", "action": "cancel"}]
    assert (document["outcome"], document["superseded"]) == ("hold", [entry])
    assert status(openoutcry, entry) == ("canceled", "superseded")
    prompts = [chat.prompt for chat in endpoint.chats if "Write the orders" in chat.prompt]
    assert len(prompts) == 2
    assert "there is no resting order 'R9'; the resting orders are R1" in prompts[1]
    head = json.loads(openoutcry("paper", "status", "--json").out)["head"]
    again = json.loads(openoutcry("decide", "--resume", document["run_id"], "--json").out)
    assert again["superseded"] == [entry]
    assert json.loads(openoutcry("paper", "status", "--json").out)["head"] == head
    assert openoutcry("ledger", "verify").code == 0


def test_a_model_that_insists_on_an_unknown_label_abstains_and_the_order_stays(openoutcry, entry, endpoint, decide):
    answer_with(endpoint, *["R9"] * 9, action="cancel")
    ran = decide("--submit", "--json")
    document = json.loads(ran.out)
    assert (ran.code, document["outcome"]) == (3, "abstain")
    assert "no resting order" in document["abstain_reason"]
    assert status(openoutcry, entry)[0] == "open"


def test_the_terminal_shows_what_is_kept_with_its_age_and_distance(openoutcry, entry, endpoint, decide):
    answer_with(endpoint, "R1", action="keep")
    shown = " ".join(decide("--submit").out.replace("│", " ").split())
    assert f"Kept resting: {entry}" in shown
    assert "rested 1 session," in shown
    assert "from the last close" in shown
    assert "anceled first" not in shown
    assert status(openoutcry, entry)[0] == "open"
