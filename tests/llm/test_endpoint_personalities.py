"""A whole decision of the default desk at each kind of endpoint: the same orders, and every compromise named."""

import asyncio
from collections import Counter
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from openoutcry.desk.decision import DecisionRequest, Desk, decide
from openoutcry.desk.rule_desk import order_policy
from openoutcry.domain.account import Account
from openoutcry.domain.ids import RunId, Symbol
from openoutcry.graph.build import build
from openoutcry.graph.desk_config import load_desk
from openoutcry.graph.team_builder import build_team
from openoutcry.llm.call_log import InMemoryCallLog
from openoutcry.llm.capability_store import CapabilityStore
from openoutcry.llm.endpoint import Endpoint
from openoutcry.llm.openai_model import OpenAIModel
from openoutcry.llm.transports.http import HttpTransport
from openoutcry.llm.transports.negotiated import NegotiatedTransport
from openoutcry.llm.transports.retry_policy import RetryPolicy
from openoutcry.prompts.library import load_prompts
from openoutcry.risk.limit_settings import Limits
from pydantic import SecretStr
from stub.personalities import PERSONALITIES, calls_once
from stub.server import StubServer

AS_OF = datetime(2025, 3, 3, 22, tzinfo=UTC)
ANALYSTS = 4
CALLS = 18
"""Four analysts with a function call each and an answer each, four turns of debate, six of the others."""

NOTES = {
    "strict": (),
    "json_object_only": ("no strict JSON schema (JSON mode instead)",),
    "tools_only": ("no strict JSON schema (a forced function call instead)",),
    "plain_only": (
        "no function calls",
        "no seed, so answers cannot be reproduced",
        "no strict JSON schema (instructions in the prompt instead)",
    ),
    "no_system_role": ("no system role (user instead)",),
    "stream_only": ("answers only as a stream",),
    "always_streams": ("answers only as a stream",),
    "tools_without_format": ("no response format beside functions",),
    "signed_reasoning": (),
    "errors_inside_200": (),
}


async def immediately(_: float) -> None:
    """Return at once, in place of sleeping."""


class Run:
    """One decision at a stub, and what is left of it."""

    def __init__(self, market, personality, store=None, arguments="{}"):
        self.log, self.store = InMemoryCallLog(), store or CapabilityStore()
        with StubServer(personality=personality) as stub:
            stub.responder = calls_once(stub, arguments)
            self.url = stub.url
            self.decision = asyncio.run(self._decided(market, stub.url))
            self.requests = list(stub.requests)

    async def _decided(self, market, url):
        endpoint, limits, file = Endpoint(url, SecretStr("")), Limits(), load_desk("debate")
        http = HttpTransport(endpoint, RetryPolicy(attempts=3, timeout_s=30), sleep=immediately)
        async with OpenAIModel(NegotiatedTransport(http, "stub", self.store), "m", "m", self.log) as model:
            team = build_team(file, load_prompts(), model, order_policy(limits), seed=1)
            desk = Desk(file, team, build(file), market, limits, model.info, self.log, {}, 1, "0", lambda: 0.0)
            account = Account("test", Decimal(100_000))
            return await decide(desk, DecisionRequest(RunId("run"), Symbol("CALDR"), AS_OF, account))

    @property
    def notes(self):
        """Return what the decision says about the endpoint."""
        start = "model m at stub: "
        return tuple(sorted(n.removeprefix(start) for n in self.decision.provenance.degraded if n.startswith(start)))

    @property
    def statuses(self):
        return Counter(record.status for record in self.requests)


@pytest.fixture(scope="module")
def reference(demo):
    return Run(demo, PERSONALITIES["strict"]())


def test_the_reference_trades_with_function_calls_and_one_request_a_call(reference):
    assert reference.decision.risk.allowed
    assert len(reference.log.calls()) == len(reference.requests) == CALLS
    assert reference.statuses == {200: CALLS}


@pytest.mark.parametrize("name", PERSONALITIES)
def test_every_kind_of_endpoint_gives_the_same_orders_and_names_its_compromises(demo, reference, name):
    run = Run(demo, PERSONALITIES[name]())
    assert run.decision.abstention is None
    assert run.decision.risk.allowed == reference.decision.risk.allowed
    assert run.decision.thesis == reference.decision.thesis
    assert run.notes == NOTES[name]
    assert not [text for text in run.decision.provenance.degraded if "abstained" in text]


@pytest.mark.parametrize("name", sorted(set(PERSONALITIES) - {"errors_inside_200"}))
def test_what_was_learnt_is_used_by_the_next_run_and_named_again(demo, tmp_path, name):
    first = Run(demo, PERSONALITIES[name](), CapabilityStore(tmp_path / "capabilities.json"))
    second = Run(demo, PERSONALITIES[name](), CapabilityStore(tmp_path / "capabilities.json"))
    assert second.notes == first.notes == NOTES[name]
    assert len(second.requests) == len(second.log.calls())
    assert second.statuses.total() == second.statuses[200]


def test_an_error_inside_a_good_status_is_tried_once_more_by_one_layer_only(demo):
    run = Run(demo, PERSONALITIES["errors_inside_200"]())
    assert len(run.requests) == 2 * len(run.log.calls()) == 2 * CALLS


def test_empty_arguments_go_back_as_an_empty_object(demo, reference):
    run = Run(demo, PERSONALITIES["strict"](), arguments="")
    assert run.decision.risk.allowed == reference.decision.risk.allowed
    assert len(run.requests) == CALLS
