"""The quorum of the debate: what a desk does when turns are missing."""

import pytest
from openoutcry.desk.conclusion import conclude
from openoutcry.desk.records.provenance import _hashed_desk
from openoutcry.domain.abstention import Abstention, AbstentionCause
from openoutcry.domain.decision import Outcome
from openoutcry.domain.errors import ConfigError
from openoutcry.graph.build import build, run_graph
from openoutcry.graph.desk_config import load_desk
from openoutcry.graph.topologies.debate import Debate
from openoutcry.risk.limit_settings import Limits
from pydantic import ValidationError
from scripted_answers import SCRIPT

SIDES = ("bull", "bear")


def fails(*which, cause=AbstentionCause.MODEL):
    """Return a function that answers with an abstention at the calls of the given places, from 0."""

    def script(role):
        calls = iter(range(100))

        def answer(question):
            return Abstention(role, cause, f"{role} is gone") if next(calls) in which else SCRIPT["bull"]

        return answer

    return script


@pytest.fixture
def outcome_of(bench_of):
    """Return a function that runs the default desk with a quorum and returns its conclusion and the asked roles."""

    async def run(quorum=None, rounds=1, **lines):
        debate = load_desk("debate")
        changed = {"rounds": rounds} if quorum is None else {"rounds": rounds, "quorum": quorum}
        talk = Debate.model_validate(debate.deliberation.model_dump() | changed)
        desk = debate.model_copy(update={"deliberation": talk})
        bench, model = bench_of(desk, **lines)
        work = await run_graph(build(desk), bench, thread="t")
        return conclude(work, desk="d", reviewed=True, limits=Limits()), [q.role for q in model.asked]

    return run


async def test_a_debate_in_which_every_turn_failed_yields_no_orders(outcome_of):
    concluded, asked = await outcome_of(**{side: fails(*range(9))(side) for side in SIDES})
    assert (concluded.outcome, concluded.abstention.cause) == (Outcome.ABSTAIN, AbstentionCause.MODEL)
    assert concluded.abstention.role == "debate"
    assert "bull is gone; bear is gone" in concluded.abstention.reason
    assert sorted(asked[-2:]) == ["bear", "bull"]
    assert "research_manager" not in asked


async def test_by_default_both_openings_are_required_and_later_answers_are_not(outcome_of):
    concluded, asked = await outcome_of(bear=fails(0)("bear"))
    assert concluded.outcome is Outcome.ABSTAIN
    assert "the opening of bear is missing" in concluded.abstention.reason
    assert asked.count("bull") == 1
    concluded, _ = await outcome_of(bear=fails(1)("bear"), bull=fails(1)("bull"))
    assert concluded.outcome is Outcome.ORDERS


@pytest.mark.parametrize(
    ("cause", "expected"),
    [
        (AbstentionCause.MODEL, AbstentionCause.MODEL),
        (AbstentionCause.BUDGET, AbstentionCause.BUDGET),
        (AbstentionCause.ANSWER, AbstentionCause.INCOMPLETE),
        (AbstentionCause.CITATION, AbstentionCause.INCOMPLETE),
        (AbstentionCause.DATA, AbstentionCause.INCOMPLETE),
    ],
)
async def test_the_cause_says_whether_the_run_can_be_resumed(outcome_of, cause, expected):
    concluded, _ = await outcome_of(bull=fails(0, cause=cause)("bull"))
    assert concluded.abstention.cause is expected


async def test_a_failed_analyst_is_not_the_cause_of_a_missing_opening(outcome_of):
    concluded, _ = await outcome_of(
        news=Abstention("news", AbstentionCause.MODEL, "gone"), bull=fails(0, cause=AbstentionCause.ANSWER)("bull")
    )
    assert concluded.abstention.cause is AbstentionCause.INCOMPLETE


@pytest.mark.parametrize(
    ("quorum", "bull", "bear", "met"),
    [
        ("openings", (), (), True),
        ("any", (0, 1), (0,), True),
        ("any", (0, 1), (0, 1), False),
        ("none", (0, 1), (0, 1), True),
        (1, (0, 1), (1,), True),
        (2, (0,), (0,), True),
        (3, (0,), (0,), False),
        (3, (1,), (), True),
        (4, (), (1,), False),
        (4, (), (), True),
    ],
)
async def test_named_and_counted_quorums(outcome_of, quorum, bull, bear, met):
    concluded, _ = await outcome_of(quorum, bull=fails(*bull)("bull"), bear=fails(*bear)("bear"))
    assert (concluded.outcome is Outcome.ORDERS) is met


@pytest.mark.parametrize(("quorum", "turns"), [(4, 2), (3, 4), ("any", 4)])
async def test_the_debate_ends_when_its_quorum_is_out_of_reach(outcome_of, quorum, turns):
    _, asked = await outcome_of(
        quorum, bull=fails(0, 1)("bull"), bear=fails(*((1,) if quorum == 3 else (0, 1)))("bear")
    )
    assert sum(role in SIDES for role in asked) == turns


async def test_analysts_that_all_failed_are_a_model_failure_too(outcome_of):
    lines = {name: Abstention(name, AbstentionCause.DATA, "none") for name in ("news", "macro", "fundamentals")}
    concluded, _ = await outcome_of(technical=Abstention("technical", AbstentionCause.MODEL, "gone"), **lines)
    assert concluded.abstention.cause is AbstentionCause.MODEL


@pytest.mark.parametrize("quorum", ["most", "", 0, -1, 1.5, True, None, "2", [], 10**400])
def test_other_values_are_refused_by_name(tmp_path, quorum):
    import yaml

    desk = load_desk("debate").model_dump(mode="json")
    desk["deliberation"]["quorum"] = quorum
    path = tmp_path / "desk.yaml"
    path.write_text(yaml.safe_dump(desk), encoding="utf-8")
    with pytest.raises(ConfigError, match="quorum") as refused:
        load_desk(str(path))
    assert len(str(refused.value)) < 300


def test_a_number_beyond_the_debate_is_refused():
    talk = {"kind": "debate", "sides": SIDES, "rounds": 1, "judge": "research_manager"}
    assert Debate.model_validate(talk | {"quorum": 4}).quorum == 4
    with pytest.raises(ValidationError, match="a quorum of 5 turns cannot be met; the debate has 4"):
        Debate.model_validate(talk | {"quorum": 5})


def test_the_default_quorum_leaves_the_hash_of_a_desk_unchanged():
    desk = load_desk("debate")
    other = desk.model_copy(update={"deliberation": desk.deliberation.model_copy(update={"quorum": 2})})
    assert "quorum" not in _hashed_desk(desk)["deliberation"]
    assert _hashed_desk(other)["deliberation"]["quorum"] == 2
