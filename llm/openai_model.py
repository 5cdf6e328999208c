"""The model port over any OpenAI-compatible endpoint."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Self, TypeVar

from pydantic import BaseModel

from ..domain.abstention import Abstention, cause_for_error
from ..domain.decision import ModelInfo
from ..domain.errors import CitationError, InvalidOutput, ModelError
from .budget import Budget, BudgetTracker
from .capabilities import Capabilities
from .conversation import Conversation
from .endpoint import Endpoint
from .messages import Completion, Message, parse_message
from .output_parsing import parse_output
from .port import (
    CallLog,
    ModelCall,
    ModelRequest,
    Tier,
    Toolset,
)
from .stored_request import stored_request
from .transports.http import (
    HttpTransport,
    RequestRejected,
    RetryPolicy,
    Sleep,
)

T = TypeVar("T", bound=BaseModel)

ATTEMPTS_TO_ANSWER = 2
CALLS_PER_ROUND = 16


@dataclass(frozen=True, slots=True)
class _Answered:
    """A completion, and the request that the endpoint took as the JSON text to be stored."""

    completion: Completion
    request: str


class OpenAIModel:
    """Asks an endpoint, keeps what it says in the log of the run, and never says more than was checked.

    A request that the log holds is answered from it without a call. What a model cannot do (strict schemas, JSON
    mode, functions, a seed) is learnt from its first refusal and not asked of it again.

    Args:
        endpoint: where the models live.
        quick: name of the model for `Tier.QUICK`.
        deep: name of the model for `Tier.DEEP`.
        log: finished calls of this run.
        patience: attempts, waits and timeout of one request.
        budget: allowance of the run, what the log holds included.
        max_parallel: most requests under way at a time.
        max_tool_rounds: how often a model may call functions before it must answer.
        sleep: waits between attempts.
        timer: seconds of a monotonic clock, for how long calls took.
    """

    def __init__(
        self,
        endpoint: Endpoint,
        quick: str,
        deep: str,
        log: CallLog,
        *,
        retry_policy: RetryPolicy = RetryPolicy(),  # noqa: B008 -- frozen
        budget: Budget = Budget(),  # noqa: B008 -- frozen
        max_parallel: int = 8,
        max_tool_rounds: int = 2,
        sleep: Sleep = asyncio.sleep,
        timer: Callable[[], float] = time.perf_counter,
    ) -> None:
        self._names = {Tier.QUICK: quick, Tier.DEEP: deep}
        self._log, self._allowance = log, BudgetTracker(budget, log)
        self._endpoint, self._scrub = endpoint, endpoint.scrub
        self._wire = HttpTransport(endpoint, retry_policy, max_parallel, sleep)
        self._max_tool_rounds, self._timer = max_tool_rounds, timer
        self._abilities: dict[str, Capabilities] = {}

    @property
    def info(self) -> ModelInfo:
        return ModelInfo("openai", self._names[Tier.QUICK], self._names[Tier.DEEP])

    async def generate(self, request: ModelRequest[T]) -> T | Abstention:
        """Return a checked answer, or an abstention that says in one sentence why there is none."""
        try:
            return await self._answered(request)
        except ModelError as error:
            return Abstention(request.role, cause_for_error(error), self._scrub(str(error)))

    async def aclose(self) -> None:
        """Close the connections of the running event loop."""
        await self._wire.aclose()

    async def __aenter__(self) -> Self:
        await self._wire.connect()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    async def _answered(self, request: ModelRequest[T]) -> T:
        conversation = Conversation(request, self._names[request.tier])
        message = await self._after_tools(conversation, request)
        for _ in range(ATTEMPTS_TO_ANSWER - 1):
            try:
                return parse_output(message, request)
            except (InvalidOutput, CitationError) as defect:
                conversation.add_correction(message, str(defect).rstrip("."))
            message = await self._exchange(conversation, request, tools_open=False)
        return parse_output(message, request)

    async def _after_tools(self, conversation: Conversation, request: ModelRequest[T]) -> Message:
        if request.tools:
            for _ in range(self._max_tool_rounds):
                message = await self._exchange(conversation, request, tools_open=True)
                if not message.wants_tools:
                    return message
                conversation.add_results(message, _results(message, request.tools))
        return await self._exchange(conversation, request, tools_open=False)

    async def _exchange(self, conversation: Conversation, request: ModelRequest[T], *, tools_open: bool) -> Message:
        """Return the next message, from the log if it is there; a new one is in the log before it is returned."""
        key, model = conversation.key(tools_open=tools_open), self._names[request.tier]
        if known := self._log.find(key):
            return parse_message(known.reply)
        with self._allowance.reserve_call():
            began = self._timer()
            answered = await self._ask_endpoint(conversation, model, tools_open=tools_open)
            call = _call(key, request.role, model, answered, self._timer() - began)
        self._log.save(call)
        self._allowance.record(call)
        return answered.completion.message

    async def _ask_endpoint(self, conversation: Conversation, model: str, *, tools_open: bool) -> _Answered:
        while True:
            capabilities = self._abilities.get(model, Capabilities())
            try:
                body = conversation.request(capabilities, tools_open=tools_open)
                completion = await self._wire.complete(body, conversation.characters)
                return _Answered(completion, stored_request(self._endpoint, body))
            except RequestRejected as refusal:
                left = capabilities.downgrade(refusal.complaint)
                if left == capabilities:
                    raise
                self._abilities[model] = left.intersect(self._abilities.get(model, left))


def _results(message: Message, tools: Toolset) -> list[str]:
    """Answer the functions that were called; those past the limit of one round are turned away in words."""
    answers = [tools.call(use.name, use.arguments) for use in message.uses[:CALLS_PER_ROUND]]
    turned_away = f"not called: at most {CALLS_PER_ROUND} functions at a time"
    return answers + [turned_away] * (len(message.uses) - len(answers))


def _call(key: str, role: str, model: str, answered: _Answered, wall_s: float) -> ModelCall:
    tokens = answered.completion.tokens
    return ModelCall(
        key=key,
        role=role,
        model=model,
        reply=answered.completion.message.to_json(),
        prompt_tokens=tokens.prompt,
        cached_tokens=tokens.cached,
        completion_tokens=tokens.completion,
        wall_s=wall_s,
        estimated=tokens.estimated,
        request=answered.request,
    )
