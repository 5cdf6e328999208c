"""The default desk with one role at a faulty endpoint, over HTTP, and good answers of all other roles."""

import json
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from openoutcry.agents.context import Contribution
from openoutcry.agents.reflector import ReflectionInput
from openoutcry.cli.console.exit_codes import exit_for_abstention
from openoutcry.desk.decision import DecisionRequest, Desk, decide
from openoutcry.desk.rule_desk import order_policy
from openoutcry.domain import outputs
from openoutcry.domain.abstention import Abstention, AbstentionCause
from openoutcry.domain.account import Account
from openoutcry.domain.decision import Decision
from openoutcry.domain.ids import RunId, Symbol
from openoutcry.graph.build import Graph, build
from openoutcry.graph.desk_config import DeskConfig, load_desk
from openoutcry.graph.runtime import Progress, Stage
from openoutcry.graph.team_builder import build_team
from openoutcry.llm.call_log import InMemoryCallLog
from openoutcry.llm.capability_store import CapabilityStore
from openoutcry.llm.chat import ChatRequest, ChatTransport
from openoutcry.llm.completion import NO_TOKENS, Completion
from openoutcry.llm.endpoint import Endpoint
from openoutcry.llm.events import AgentAbstained, AnswerCorrected, AnswerRepaired, CallEvent
from openoutcry.llm.messages import message_in
from openoutcry.llm.openai_model import ModelHooks, OpenAIModel
from openoutcry.llm.transports.http import HttpTransport
from openoutcry.llm.transports.negotiated import Downgrade, NegotiatedTransport
from openoutcry.llm.transports.retry_policy import RetryPolicy
from openoutcry.market.source import MarketSource
from openoutcry.prompts.library import load_prompts
from openoutcry.risk.limit_settings import Limits
from pydantic import BaseModel, SecretStr

from ...stub.answers import evidence_ids
from ...stub.http_log import ChatRequest as Received
from ...stub.http_log import Fault, Reply
from ...stub.server import StubServer
from ..reading_cases.builders import GOOD, OTHER, Answer
from .fault_case import Asked, Ending, FaultCase, answered

SINGLE, REFLECTOR = "single_agent", "reflector"
ROLES: Mapping[str, type[BaseModel]] = {
    "technical": outputs.Report,
    "news": outputs.Report,
    "fundamentals": outputs.Report,
    "macro": outputs.Report,
    "bull": outputs.Argument,
    "bear": outputs.Argument,
    "research_manager": outputs.Thesis,
    "trader": outputs.OrderPlan,
    "aggressive": outputs.RiskOpinion,
    "neutral": outputs.RiskOpinion,
    "conservative": outputs.RiskOpinion,
    "risk_manager": outputs.RiskReview,
    SINGLE: outputs.SingleAgentOutput,
    REFLECTOR: outputs.Lesson,
}
"""Every role of the default desk, the agent of a desk of one, and the role that writes lessons."""

DECIDING = frozenset({"bull", "bear", "research_manager", "trader", "risk_manager", SINGLE})
"""Roles without which a decision has no result; the researchers are those whose openings the quorum asks for."""

ENDINGS = {
    AbstentionCause.ANSWER: Ending.NO_ANSWER,
    AbstentionCause.CITATION: Ending.UNCITED,
    AbstentionCause.MODEL: Ending.NO_MODEL,
}
TALKS_TWICE = frozenset({"bull", "bear"})
ATTEMPTS, TIMEOUT_S = 2, 30.0
SHORT_TIMEOUT_S = 0.05
AS_OF, SYMBOL, RUN = datetime(2025, 3, 3, 22, tzinfo=UTC), Symbol("CALDR"), RunId("run")
PAST = ReflectionInput(SYMBOL, AS_OF, "It should rise.", "It rose by 3 %.")
BY_NAME = {answer.schema_name: answer for answer in GOOD}  # type: ignore[attr-defined]


@dataclass
class Outcome:
    """What became of one fault at one role.

    Attributes:
        said: the answers and abstentions of the role, in order.
        decision: the decision of the desk; None for the role that writes lessons.
        requests: the requests that the faulty endpoint received.
        again: how many answers were sent back.
        repairs: repairs of answers of the role.
        downgrades: features that the endpoint lost.
        rounds: the requests that one answer takes.
    """

    role: str
    rounds: int = 1
    said: list[object] = field(default_factory=list)
    decision: Decision | None = None
    requests: list[Received] = field(default_factory=list)
    again: int = 0
    repairs: list[str] = field(default_factory=list)
    downgrades: int = 0

    @property
    def ending(self) -> Ending:
        """Return what became of the fault, as the role shows it."""
        first = self.said[0]
        if isinstance(first, Abstention):
            return ENDINGS[first.cause]
        if self.again:
            return Ending.ASKED_AGAIN
        if self.repairs:
            return Ending.REPAIRED
        if self.downgrades:
            return Ending.GONE_WITHOUT
        return Ending.ACCEPTED if len(self.requests) == self.expected_talks else Ending.TRIED_AGAIN

    @property
    def expected_talks(self) -> int:
        """Return the requests of the role without a fault."""
        return 2 * self.rounds if self.role in TALKS_TWICE else self.rounds

    @property
    def exit_code(self) -> int:
        """Return the exit code of the command for this decision."""
        return exit_for_abstention(self.decision.abstention if self.decision else None)

    def observe(self, event: CallEvent) -> None:
        """Count the events of the role."""
        if event.role == self.role and isinstance(event, AnswerCorrected):
            self.again += 1
        if event.role == self.role and isinstance(event, AnswerRepaired):
            self.repairs.append(event.repair)


async def immediately(_: float) -> None:
    """Return at once, in place of sleeping."""


def good_answer(answer: type[BaseModel], prompt: str, table: Mapping[type[BaseModel], Answer] = GOOD) -> Answer:
    """Return the answer of the table, citing evidence of the prompt."""
    known = evidence_ids(prompt)
    cited = ["px.close"] if "px.close" in known or not known else list(known[:1])
    written = dict(table[answer])
    if "evidence" in written:
        written["evidence"] = cited
    if "orders" in written:
        written["orders"] = [{**order, "evidence": cited} for order in written["orders"]]
    return written


class GoodTransport:
    """Completes every request with the good answer, in this process: only the role with a fault needs an endpoint."""

    async def complete(self, request: ChatRequest) -> Completion:
        """Return the good answer to `request`."""
        text = json.dumps(good_answer(BY_NAME[request.schema.name], request.user))
        return Completion(message_in({"content": text}, "stop"), NO_TOKENS)

    async def open(self) -> None:
        """Do nothing: there is no connection."""

    async def aclose(self) -> None:
        """Do nothing: there is no connection."""


class RoutedTransport(GoodTransport):
    """Sends the requests of one role to a faulty endpoint; all others are completed with the good answer."""

    def __init__(self, role: str, faulty: ChatTransport) -> None:
        self._role, self._faulty = role, faulty

    async def complete(self, request: ChatRequest) -> Completion:
        """Return the completion of the endpoint for the role."""
        return await (self._faulty.complete(request) if request.role == self._role else super().complete(request))


def other_answer(role: str, prompt: str) -> Answer:
    """Return a valid answer that is not the final one: taking it would change what the role says."""
    written = good_answer(ROLES[role], prompt, OTHER)
    if "orders" in written:
        good = good_answer(ROLES[role], prompt)
        written = {**good, "orders": [{**order, "quantity": 1} for order in good["orders"]]}
    return written


class FaultDesk:
    """Makes decisions of the default desk with faults at one role.

    Args:
        market: the market of the decisions.
        faulty: the endpoint of the role.
    """

    def __init__(self, market: MarketSource, faulty: StubServer) -> None:
        self._market, self._faulty = market, faulty
        self._prompts, self._limits = load_prompts(), Limits()
        self._desks = {name: _desk(name) for name in ("debate", SINGLE)}
        self._graphs: dict[str, Graph] = {name: build(desk) for name, desk in self._desks.items()}
        self._known: dict[str, InMemoryCallLog] = {}
        self._http: dict[str, HttpTransport] = {}
        self.reference: dict[str, Decision] = {}

    @asynccontextmanager
    async def connected(self) -> AsyncIterator["FaultDesk"]:
        """Connect to the endpoint in the running event loop, and decide once without a fault."""
        try:
            self._http = {
                "faulty": self._transport(self._faulty, TIMEOUT_S),
                "hanging": self._transport(self._faulty, SHORT_TIMEOUT_S),
            }
            for name in self._desks if not self.reference else ():
                self._known[name] = InMemoryCallLog()
                self.reference[name] = await self._decided(name, self._known[name], Outcome(""), GoodTransport())
            yield self
        finally:
            for transport in self._http.values():
                await transport.aclose()

    async def run(self, case: FaultCase, role: str, *, lasting: bool) -> Outcome:
        """Return what becomes of the fault at the first request of the role, or at every request."""
        outcome = Outcome(role, case.rounds)
        name = SINGLE if role == SINGLE else "debate"
        transport = self._routed(case, outcome)
        log = InMemoryCallLog()
        for call in self._known[name].calls():
            if call.role != role:
                log.save(call)
        with self._misbehaving(case, role, lasting=lasting):
            if role == REFLECTOR:
                outcome.said.append(await self._reflected(outcome, transport, case))
            else:
                outcome.decision = await self._decided(name, log, outcome, transport, streamed=case.streamed)
        outcome.requests = self._faulty.chats
        return outcome

    async def outage(self, case: FaultCase) -> tuple[Decision, int]:
        """Return the decision of the default desk with the fault at all roles, and the number of requests."""
        with self._misbehaving(case, "technical", lasting=True):
            transport = NegotiatedTransport(self._http["faulty"], "faulty", CapabilityStore())
            decision = await self._decided("debate", InMemoryCallLog(), Outcome(""), transport)
        return decision, len(self._faulty.requests)

    @contextmanager
    def _misbehaving(self, case: FaultCase, role: str, *, lasting: bool) -> Iterator[None]:
        """Let the faulty endpoint send what the case says, to its first request or to all."""
        self._faulty.requests.clear()
        served: list[Fault | Reply] = []

        def chosen(request: Received) -> Fault | Reply:
            asked = Asked(request, good_answer(ROLES[role], request.prompt), other_answer(role, request.prompt))
            return (
                case.serve(asked)
                if lasting or case.lasting is None or len(self._faulty.requests) == 1
                else asked.well()
            )

        def fault(request: Received) -> Fault | None:
            served.append(chosen(request))
            return served[-1] if isinstance(served[-1], Fault) else None

        def reply(request: Received) -> Reply:
            last = served[-1]
            return (
                last
                if isinstance(last, Reply)
                else answered(request, json.dumps(good_answer(ROLES[role], request.prompt)))
            )

        self._faulty.personality, self._faulty.responder = fault, reply
        try:
            yield
        finally:
            self._faulty.release()

    def _routed(self, case: FaultCase, outcome: Outcome) -> RoutedTransport:
        def observe(_: Downgrade) -> None:
            outcome.downgrades += 1

        http = self._http["hanging" if case.hangs else "faulty"]
        return RoutedTransport(outcome.role, NegotiatedTransport(http, "faulty", CapabilityStore(), observe))

    async def _decided(
        self, name: str, log: InMemoryCallLog, outcome: Outcome, transport: ChatTransport, *, streamed: bool = False
    ) -> Decision:
        file, limits = self._desks[name], self._limits
        model = self._model(transport, log, outcome, streamed=streamed)
        team = build_team(file, self._prompts, model, order_policy(limits), seed=1)
        desk = Desk(file, team, self._graphs[name], self._market, limits, model.info, log, {}, 1, "0", lambda: 0.0)

        def observe(progress: Progress) -> None:
            if progress.role == outcome.role and progress.stage is Stage.FINISHED:
                outcome.said.append(_answer_in(progress.output))

        account = Account("test", Decimal(100_000))
        return await decide(desk, DecisionRequest(RUN, SYMBOL, AS_OF, account), observer=observe)

    async def _reflected(self, outcome: Outcome, transport: ChatTransport, case: FaultCase) -> object:
        """Return the lesson of the model, or its abstention where the rule wrote the lesson."""
        abstained: list[AgentAbstained] = []

        def observe(event: CallEvent) -> None:
            outcome.observe(event)
            if isinstance(event, AgentAbstained):
                abstained.append(event)

        model = self._model(transport, InMemoryCallLog(), outcome, streamed=case.streamed, events=observe)
        team = build_team(self._desks["debate"], self._prompts, model, order_policy(self._limits), seed=1)
        assert team.reflector is not None
        lesson = await team.reflector.reflect(PAST)
        if abstained:
            assert lesson == team.reflector.rule(PAST)
            (event,) = abstained
            return Abstention(event.role, AbstentionCause(event.cause), event.reason)
        return lesson

    def _model(self, transport: ChatTransport, log: InMemoryCallLog, outcome: Outcome, **options: Any) -> OpenAIModel:
        tokens = (lambda _role, _piece: None) if options.get("streamed") else None
        hooks = ModelHooks(tokens=tokens, events=options.get("events", outcome.observe))
        return OpenAIModel(transport, "m", "m", log, hooks=hooks)

    @staticmethod
    def _transport(stub: StubServer, timeout_s: float) -> HttpTransport:
        policy = RetryPolicy(attempts=ATTEMPTS, timeout_s=timeout_s)
        return HttpTransport(Endpoint(stub.url, SecretStr("")), policy, sleep=immediately)


def _answer_in(output: object) -> object:
    """Return the answer of the model in what a role contributed."""
    return output.output if isinstance(output, Contribution) else output


def _desk(name: str) -> DeskConfig:
    """Return a built-in desk whose analysts read one table: gathering evidence takes most of the time of a decision."""
    desk = load_desk(name)
    return desk.model_copy(
        update={"roles": tuple(role.model_copy(update={"tools": ("macro",)}) for role in desk.roles)}
    )
