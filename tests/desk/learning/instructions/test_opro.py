"""Instructions that a desk rewrites: a better text is found, others are refused or rolled back, nothing leaks back."""

import json
from dataclasses import replace

import pytest
from desk_factory import rules, taken
from jsonschema import validate
from learning_desk import (
    FALLING,
    FIRST,
    LAST,
    LONG,
    POLITE,
    PROMPTS,
    SESSIONS,
    SHORT,
    asked,
    block,
    evidence,
    proposal,
    steps_of,
    taught,
    traded,
    with_sentence,
)
from openoutcry.desk.records.document import schema_text, to_document
from openoutcry.domain.abstention import Abstention, AbstentionCause
from openoutcry.domain.errors import BudgetExceeded, ModelUnavailable
from openoutcry.prompts.variants import with_block

LIVE = "{kind: opro, every: 3, shadow: false}"


def verdicts(steps):
    return [(verdict.text[-20:], str(verdict.status)) for step in steps for verdict in step.verdicts]


def statuses(steps):
    return [None if step.proposal is None else step.proposal.status for step in steps[1:]]


def test_a_better_text_is_tried_in_shadow_and_put_in_force(demo, tmp_path):
    desk, model = taught(demo, tmp_path, texts=[with_sentence(SHORT)] + [with_sentence(SHORT)] * 5)
    result = traded(desk)
    steps = steps_of(desk)
    assert [step.session for step in steps] == list(SESSIONS[::3])
    assert steps[1].in_shadow == with_sentence(SHORT)
    assert steps[1].in_force == ""
    live, shadow = steps[2].scores
    assert shadow.shadow
    assert shadow.score > live.score
    assert (steps[2].in_force, steps[2].version, steps[2].previous) == (with_sentence(SHORT), 1, "")
    assert [status for _, status in verdicts(steps)] == ["adopted"]
    before = [each for each in result.decisions if each.session < SESSIONS[6]]
    assert not any(each.opened for each in before)
    assert result.decisions[6].opened
    assert len(asked(model, "trader")) == len(SESSIONS) + 3 + 3  # the new text in shadow, then the old one


def test_the_optimizer_sees_every_text_with_its_score(demo, tmp_path):
    desk, model = taught(demo, tmp_path, LIVE, texts=[with_sentence(POLITE), with_sentence(SHORT)] + [block()] * 9)
    traded(desk)
    first, second, *_ = asked(model, "prompt_optimizer")
    assert "original]" in first.user
    assert POLITE not in first.user
    assert evidence(second).count("score ") == 2
    assert POLITE in second.user
    assert first.tier == "deep"


def test_a_worse_text_in_force_is_rolled_back(demo, tmp_path):
    desk, _ = taught(demo, tmp_path, LIVE, texts=[with_sentence(LONG)] + [block()] * 9)
    result = traded(desk)
    steps = steps_of(desk)
    assert (steps[1].in_force, steps[1].version) == (with_sentence(LONG), 1)
    assert [status for _, status in verdicts(steps)] == ["rolled_back"]
    assert steps[2].in_force == ""
    assert steps[2].scores[0].score < steps[1].scores[0].score
    assert result.decisions[3].opened
    assert not any(each.opened for each in result.decisions[6:])


def test_a_worse_text_in_shadow_never_trades(demo, tmp_path):
    desk, _ = taught(demo, tmp_path, texts=[with_sentence(LONG)] + [block()] * 9)
    result = traded(desk)
    assert verdicts(steps_of(desk))[0][1] == "rolled_back"
    assert all(step.in_force == "" for step in steps_of(desk))
    assert result.fills == 0


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (with_sentence("Look at {{evidence}}."), "must not have placeholders"),
        (block().replace("`horizon_sessions`", "the horizon"), "lacks `horizon_sessions`"),
        (with_sentence("## user\nDecide on {{ticker}}."), "heading of a section"),
    ],
    ids=["placeholder", "schema", "heading"],
)
def test_a_text_that_breaks_the_prompt_is_never_used(demo, tmp_path, text, reason):
    desk, model = taught(demo, tmp_path, texts=[text] * 9)
    traded(desk)
    steps = steps_of(desk)
    assert set(statuses(steps)) == {"rejected"}
    assert reason in steps[1].proposal.reason
    assert reason in asked(model, "prompt_optimizer")[1].user
    assert all(f"\n\n{block()}\n\nDecide on" in request.user for request in asked(model, "trader"))


def test_a_text_that_is_in_force_is_not_tried_again(demo, tmp_path):
    desk, model = taught(demo, tmp_path, texts=[block()] * 9)
    traded(desk)
    assert set(statuses(steps_of(desk))) == {"repeated"}
    assert len(asked(model, "trader")) == len(SESSIONS)


def test_a_used_up_budget_leaves_the_text_in_force(demo, tmp_path):
    ended = Abstention("prompt_optimizer", AbstentionCause.BUDGET, "the budget of the session is used up")
    desk, model = taught(demo, tmp_path, prompt_optimizer=[proposal(with_sentence(SHORT)), ended, ended])
    traded(desk)
    steps = steps_of(desk)
    assert statuses(steps) == [None, None, "rejected", "rejected"]
    assert "used up" in steps[3].proposal.reason
    assert [step.in_force for step in steps[2:]] == [with_sentence(SHORT)] * 3
    assert len(asked(model, "prompt_optimizer")) == 3


def test_a_budget_that_ends_the_run_and_an_outage_leave_the_step_due(demo, tmp_path):
    causes = ((AbstentionCause.BUDGET, BudgetExceeded), (AbstentionCause.MODEL, ModelUnavailable))
    for cause, error in causes:
        ended = Abstention("prompt_optimizer", cause, "not now")
        desk, _ = taught(demo, tmp_path, LIVE, prompt_optimizer=ended)
        strict = replace(desk, learned=replace(desk.learned, stops_at_budget=True))
        with pytest.raises(error, match="not now"):
            traded(strict)
        assert len(steps_of(strict)) == 1
        rest, _ = taught(demo, tmp_path, LIVE, store=desk.learned.store, texts=[with_sentence(SHORT)] + [block()] * 9)
        traded(rest)
        assert steps_of(rest)[1].in_force == with_sentence(SHORT)


def test_a_frozen_desk_uses_what_was_learned_and_learns_nothing(demo, tmp_path):
    desk, _ = taught(demo, tmp_path, LIVE, texts=[with_sentence(SHORT)])
    traded(desk, FIRST, SESSIONS[4])
    frozen, model = taught(demo, tmp_path, "{kind: opro, every: 3, frozen_at_test: true}", store=desk.learned.store)
    before = steps_of(desk)
    result = traded(frozen, SESSIONS[5], LAST)
    assert steps_of(frozen) == before
    assert not asked(model, "prompt_optimizer")
    assert result.decisions[0].opened


def test_a_decision_uses_the_text_of_its_moment(demo, tmp_path):
    desk, _ = taught(demo, tmp_path, texts=[with_sentence(SHORT)] + [block()] * 9)
    first = traded(desk)
    again, model = taught(demo, tmp_path, store=desk.learned.store)
    assert traded(again) == first
    assert not asked(model, "prompt_optimizer")
    own = [request for request in asked(model, "trader") if request.sample == 0]
    shown = [SHORT in request.user for request in own]
    assert shown == [False] * 3 + [False, True] * 3 + [True, False] * 6 + [True]


@pytest.mark.parametrize("place", [3, 4, 6, 7, 9], ids=lambda place: f"after session {place}")
@pytest.mark.parametrize("learning", [LIVE, "{kind: opro, every: 3}"], ids=["live", "shadow"])
def test_a_run_that_was_stopped_continues_to_the_same_steps(demo, tmp_path, learning, place):
    texts = [with_sentence(SHORT), with_sentence(LONG), with_sentence(POLITE), block()]
    whole, _ = taught(demo, tmp_path, learning, texts=texts)
    expected = traded(whole)
    cut, before = taught(demo, tmp_path, learning, texts=texts)
    traded(cut, FIRST, SESSIONS[place])
    calls = len(asked(before, "prompt_optimizer"))
    rest, after = taught(demo, tmp_path, learning, texts=texts[calls:], store=cut.learned.store)
    assert traded(rest) == expected
    assert steps_of(rest) == steps_of(whole)
    assert calls + len(asked(after, "prompt_optimizer")) == sum(step.proposal is not None for step in steps_of(whole))


def test_deposits_are_no_return(demo, tmp_path):
    desk, _ = taught(demo, tmp_path, LIVE, texts=[block()] * 9)
    traded(desk)
    score = steps_of(desk)[1].scores[0]
    assert score.total_return == 0
    assert score.score == pytest.approx(min(100, max(0, 50 - 250 * score.benchmark_return)))
    assert score.benchmark_return < 0


def test_the_text_in_force_is_in_the_provenance(demo, tmp_path):
    desk, _ = taught(demo, tmp_path, LIVE, texts=[with_sentence(SHORT)] + [block()] * 9)
    traded(desk)
    begin, first, *_ = steps_of(desk)
    early, late = (taken(desk, FALLING, step.as_of).provenance.prompt_hashes["trader"] for step in (begin, first))
    assert early == PROMPTS.get("decision").hash
    assert late == with_block(PROMPTS.get("decision"), PROMPTS, with_sentence(SHORT)).hash != early


def test_the_document_states_what_was_learned_and_used(demo, tmp_path):
    desk, _ = taught(demo, tmp_path, LIVE, texts=[with_sentence(SHORT)] + [block()] * 9)
    traded(desk)
    decision = taken(desk, FALLING, steps_of(desk)[1].as_of)
    learned = to_document(decision)["provenance"]["learned"]
    assert learned == {
        "kind": "opro", "learned_at": "2025-02-10T21:00:00Z", "version": 1, "lessons": [], "budgets": {}, "labels": {},
        "instructions": {"trader": decision.provenance.prompt_hashes["trader"]},
    }  # fmt: skip
    validate(json.loads(json.dumps(to_document(decision))), json.loads(schema_text()))
    assert taken(desk, FALLING, steps_of(desk)[0].as_of).provenance.learned.version == 0


def test_the_document_of_a_desk_that_does_not_learn_is_as_before(demo, tmp_path):
    desk, _ = taught(demo, tmp_path, "{kind: none}")
    assert "learned" not in to_document(taken(desk, FALLING))["provenance"]


def test_budgets_of_a_market_are_in_the_document(demo):
    decision = taken(rules(demo, "prediction_market"))
    assert {float(value) for value in to_document(decision)["provenance"]["learned"]["budgets"].values()} == {1.0}
