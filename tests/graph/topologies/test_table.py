"""The table of facts: the decider sees nothing else, cites its facts, and is not asked without one."""

import pytest
from desk_factory import taken
from every_desk import answer_to
from openoutcry.agents.rules.decider import thesis_from_facts
from openoutcry.desk.rule_desk import rule_desk
from openoutcry.domain.abstention import AbstentionCause
from openoutcry.domain.decision import Outcome
from openoutcry.domain.deliberation_outputs import FactSide, FactTable, LabelledFact
from openoutcry.domain.errors import ConfigError
from openoutcry.prompts.library import load_prompts
from openoutcry.risk.limit_settings import Limits
from pydantic import ValidationError


def row(text, side, strength, source="px.close"):
    return LabelledFact(text=text, side=side, strength=strength, source=source)


def table_of(*rows):
    """Return an answer whose facts cite the first items of the prompt."""

    def answer(question):
        ids = [part.split("]")[0] for part in question.user.split("[")[1:]]
        return FactTable(facts=tuple(row(*each, source) for each, source in zip(rows, ids, strict=False)))

    return answer


def test_the_decider_sees_the_table_and_the_evidence_that_it_cites_only(desk_of, context_of):
    facts = table_of(("Orders rose 12 %.", "favourable", 3), ("Debt doubled.", "adverse", 2))
    context, model = context_of(desk_of("strux"), facts=facts)
    sources, decider = model.asked
    table = context.latest(FactTable)
    shown = decider.user.split("<evidence>")[1].split("</evidence>")[0]
    assert [line.split("]")[0][1:] for line in shown.strip().split("\n")] == list(table.evidence)
    assert sources.user.count("\n[") > shown.count("\n[")
    assert f"favourable: Orders rose 12 %. (strength 3, from {table.facts[0].source})" in decider.user
    assert f"adverse: Debt doubled. (strength 2, from {table.facts[1].source})" in decider.user
    assert "30 sessions" in decider.user


def test_a_decision_that_cites_what_is_not_in_the_table_is_refused(desk_of, context_of):
    def other(question):
        return answer_to(question).model_copy(update={"evidence": ("px.close",)})

    context, _ = context_of(desk_of("strux"), facts=table_of(("Orders rose.", "favourable", 3)), trader=other)
    assert (context.abstentions[-1].role, context.abstentions[-1].cause) == ("trader", AbstentionCause.CITATION)


@pytest.mark.parametrize("source", ["px.forged", "px.close"])
def test_a_fact_whose_source_was_not_read_is_refused(desk_of, context_of, source):
    forged = FactTable(facts=(row("Orders rose.", "favourable", 3, source),))
    context, _ = context_of(desk_of("strux"), facts=forged)
    assert (context.abstentions[0].role, context.abstentions[0].cause) == ("facts", AbstentionCause.CITATION)
    assert context.thesis is None


def test_a_table_without_facts_is_an_abstention_and_the_decider_is_not_asked(desk_of, decision_of, context_of):
    _, model = context_of(desk_of("strux"), facts=FactTable(facts=()))
    assert [question.role for question in model.asked] == ["facts"]
    decision = decision_of(desk_of("strux"), facts=FactTable(facts=()))
    assert decision.outcome is Outcome.ABSTAIN
    assert (decision.abstention.cause, decision.abstention.role) == (AbstentionCause.DATA, "table")
    assert "no fact that counts" in decision.abstention.reason


@pytest.mark.parametrize("strength", [0, 4, 2.5])
def test_a_strength_is_1_2_or_3(strength):
    with pytest.raises(ValidationError):
        row("Orders rose.", "favourable", strength)


def test_the_rule_is_the_difference_of_strengths_over_their_sum_and_a_neutral_fact():
    table = FactTable(facts=(row("a", "favourable", 3), row("b", "favourable", 1), row("c", "adverse", 2)))
    assert thesis_from_facts(table).conviction == pytest.approx((4 - 2) / (6 + 3), abs=5e-5)
    assert [fact.text for fact in table.of(FactSide.FAVOURABLE)] == ["a", "b"]


def test_the_horizon_is_that_of_the_desk_file(desk_of, demo):
    desk = rule_desk(desk_of("strux"), load_prompts(), demo, Limits(), seed=1, version="", timer=lambda: 0.0)
    decision = taken(desk)
    assert decision.thesis.horizon_sessions == 30
    assert set(decision.thesis.evidence) <= {item.id for item in decision.evidence}


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("[favourable, adverse]", "[favourable]", "deliberation.sides"),
        ("[favourable, adverse]", "[good, bad]", "deliberation.sides"),
        ("strength: 3", "strength: 5", "deliberation.strength"),
        ("role: facts,", "role: analyst,", "needs roles of kind facts"),
        ("name: facts,", "name: trader,", "same name: trader"),
        ("tools: [filings, statements, ratios, news, sentiment]", "tools: []", "at least one tool"),
    ],
)
def test_what_is_wrong_in_the_desk_file_is_named(desk_of, old, new, said):
    with pytest.raises(ConfigError, match=said):
        desk_of("strux", (old, new))
