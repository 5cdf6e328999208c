"""A fault at every role of every topology: the desk goes on without the role or abstains, and never guesses."""

from decimal import Decimal

import pytest
from every_desk import DESKS, desk_named
from faulty_role import FAULTS, MOST_REQUESTS, FaultyAt
from openoutcry.desk.decision import DecisionRequest, Desk, decide
from openoutcry.desk.rule_desk import order_policy
from openoutcry.domain.account import Account
from openoutcry.domain.decision import Outcome
from openoutcry.domain.ids import RunId
from openoutcry.graph.build import build
from openoutcry.graph.team_builder import build_team
from openoutcry.llm.call_log import InMemoryCallLog
from openoutcry.llm.openai_model import OpenAIModel
from openoutcry.prompts.library import load_prompts
from openoutcry.risk.limit_settings import Limits
from scripted_answers import AS_OF, TICKER

NEW = [name for name in DESKS if name not in {"debate", "single_agent"}]
"""The other desks are in the matrix of all faults."""
NEEDED = {
    "own_panel": {"manager"}, "own_vote": set(), "strux": {"facts", "trader"}, "mmdrex": set(),
    "llmoe": {"router", "pessimistic"}, "lm_guided": {"strategist"}, "prediction_market": set(),
    "own_hierarchy": {"sentiment_expert", "data_head", "news_head", "chief"},
}  # fmt: skip
"""The roles without which the desk has no decision."""


async def decided(file, source, transport):
    log = InMemoryCallLog()
    model = OpenAIModel(transport, "m", "m", log)
    team = build_team(file, load_prompts(), model, order_policy(Limits()), seed=1)
    desk = Desk(file, team, build(file), source, Limits(), model.info, log, {}, 1, "0", lambda: 0.0)
    return await decide(desk, DecisionRequest(RunId("run"), TICKER, AS_OF, Account("test", Decimal(100_000))))


@pytest.mark.parametrize("name", NEW)
async def test_without_a_fault_the_desk_trades(demo, tmp_path, name):
    decision = await decided(desk_named(name, tmp_path), demo, FaultyAt("", None))
    assert decision.outcome in {Outcome.ORDERS, Outcome.HOLD}, decision.abstention
    assert not [note for note in decision.provenance.degraded if "abstained" in note]


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("name", NEW)
async def test_a_fault_is_an_abstention_of_its_role(demo, tmp_path, name, fault):
    file = desk_named(name, tmp_path)
    samples = {role.name: role.samples for role in file.roster.roles}
    for role in file.roster.names():
        transport = FaultyAt(role, FAULTS[fault])
        decision = await decided(file, demo, transport)
        if not transport.requests:  # an expert that the router did not choose
            continue
        if fault == "not a number" and not has_numbers(file, role):
            continue
        turns = 1 + getattr(file.deliberation, "rounds", 0)
        assert transport.requests <= MOST_REQUESTS * samples[role] * turns
        assert [note for note in decision.provenance.degraded if note.startswith(f"{role} abstained")], role
        if role in NEEDED[name]:
            assert (decision.outcome, decision.risk.allowed) == (Outcome.ABSTAIN, ()), role
        else:
            assert decision.outcome in {Outcome.ORDERS, Outcome.HOLD}, (role, decision.abstention)


def has_numbers(file, role):
    """Return whether the answer of a role holds one of the numbers that the fault replaces."""
    kind = next(each.role for each in file.roster.roles if each.name == role)
    return str(kind) not in {"strategist", "masked_news", "facts", "analyst", "decider"}
