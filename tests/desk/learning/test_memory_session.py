"""The memory during one decision: which role recalls from where, and what its failures cost."""

from dataclasses import replace
from decimal import Decimal

import pytest
from desk_factory import rules
from openoutcry.agents.context import AgentContext
from openoutcry.agents.recall import no_memories
from openoutcry.desk.decision import DecisionRequest, decision_brief
from openoutcry.desk.learning.memory import DeskMemory
from openoutcry.desk.learning.memory_session import MemorySession
from openoutcry.domain.account import Account
from openoutcry.domain.errors import ConfigError, LookAheadError, ModelUnavailable, StoreLocked
from openoutcry.domain.ids import RunId
from openoutcry.graph.desk_config import load_desk
from openoutcry.graph.learning_section import ContestLearning, LessonsLearning, MarketLearning
from openoutcry.market.view import MarketView
from openoutcry.tests.desk.learning.test_learning_kinds import settled
from scripted_answers import AS_OF, TICKER

from tests.memory.random_memories import RUN

LEARNING = {"market": MarketLearning(eta=0.1), "contest": ContestLearning(), "lessons": LessonsLearning()}


class Broken:
    """A memory store that raises an error whatever is asked of it."""

    def __init__(self, error):
        self.error = error

    def at(self, *_, **__):
        raise self.error

    def write(self, *_):
        raise self.error


@pytest.fixture
def session_of(demo, keeper):
    """Return a function that makes the session of a desk with a kind of learning; `store` is the test's own."""

    def make(learning="lessons", desk="debate", store=keeper, memory=True, **section):
        file = load_desk(desk)
        file = file.model_copy(
            update={"learning": LEARNING[learning], "memory": file.memory.model_copy(update=section)}
        )
        used = DeskMemory(store, RUN, learning=file.learning) if memory else None
        return MemorySession(used, MarketView(demo, AS_OF), file)

    return make


@pytest.fixture(scope="module")
def team(demo):
    return rules(demo).team


@pytest.fixture
def decided(demo):
    """Return the context of a decision on TICKER without contributions."""
    request = DecisionRequest(RunId("run"), TICKER, AS_OF, Account("test", Decimal(100_000)))
    return AgentContext(decision_brief(MarketView(demo, AS_OF), request, load_desk("debate")), ())


def brief_of(context):
    return replace(context.brief, symbol=TICKER, as_of=AS_OF)


def test_the_version_of_the_memory_is_empty_without_one(session_of):
    assert session_of(memory=False).seen == ""
    assert session_of().seen.startswith("demo/run/")


def test_without_a_memory_nothing_is_recalled_learned_or_written(session_of, context):
    session = session_of("market", memory=False)
    assert session.recall(brief_of(context)) is no_memories
    assert (session.recall_by_role(brief_of(context)), session.memories()) == ({}, {})
    assert session.budgets(TICKER)(("a", "b")) == {"a": 1, "b": 1}
    assert session_of("contest", memory=False).rewards(TICKER)() == {}


def test_a_desk_of_another_kind_learns_neither_budgets_nor_rewards(session_of, keeper):
    """The memory has a settled bet and a signal, which a desk of each kind learns from."""
    thesis, lesson = settled(2, "1.5", technical=("0.2", "0.2", "0.6"), news=("0.5", "0.3", "0.2"))
    thesis = replace(thesis, namespace=RUN, facts=(*thesis.facts, ("signal.bold", Decimal(1))))
    keeper.write([thesis, replace(lesson, namespace=RUN, sources=(thesis.id,))])
    assert session_of("market").budgets(TICKER)(("technical", "news"))["technical"] > 1
    assert session_of("contest").rewards(TICKER)().keys() == {"bold"}
    for kind in ("lessons", "contest"):
        assert session_of(kind).budgets(TICKER)(("technical", "news")) == {"technical": 1, "news": 1}
    for kind in ("lessons", "market"):
        assert session_of(kind).rewards(TICKER)() == {}


def test_a_memory_that_fails_leaves_equal_budgets_and_no_rewards_with_a_warning(session_of):
    store = Broken(ModelUnavailable("the store is down"))
    market, contest = session_of("market", store=store), session_of("contest", store=store)
    assert market.budgets(TICKER)(("a", "b")) == {"a": 1, "b": 1}
    assert market.warnings == ["the budgets are equal: the store is down"]
    assert contest.rewards(TICKER)() == {}
    assert contest.warnings == ["no past rewards are known: the store is down"]


async def test_a_memory_that_fails_evaluates_and_records_nothing_with_a_warning(session_of, context, team):
    session = session_of(store=Broken(ModelUnavailable("the store is down")))
    await session.evaluate_outcomes(team, brief_of(context))
    await session.record(replace(context, brief=brief_of(context)))
    assert session.warnings == [
        "no outcome was evaluated: the store is down",
        "nothing was recorded: the store is down; decide again as of the same moment to record it",
    ]


@pytest.mark.parametrize("error", [LookAheadError("later"), StoreLocked("busy"), ConfigError("no")], ids=type)
async def test_a_defect_a_lock_and_a_setting_end_the_evaluation(session_of, context, team, error):
    session = session_of(store=Broken(error))
    with pytest.raises(type(error), match=str(error)):
        await session.evaluate_outcomes(team, brief_of(context))
    assert session.warnings == []


async def test_a_defect_is_raised_everywhere(session_of, context):
    error = LookAheadError("later")
    market, contest = (session_of(kind, store=Broken(error)) for kind in ("market", "contest"))
    with pytest.raises(LookAheadError, match="later"):
        market.budgets(TICKER)(("a",))
    with pytest.raises(LookAheadError, match="later"):
        contest.rewards(TICKER)()
    with pytest.raises(LookAheadError, match="later"):
        await market.record(replace(context, brief=brief_of(context)))
    assert (market.warnings, contest.warnings) == ([], [])
