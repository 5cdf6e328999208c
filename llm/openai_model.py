"""Model over chat transports: function calls, one correction, and the log of calls."""

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Generic, Self, TypeVar

from pydantic import BaseModel

from ..domain.abstention import Abstention, AbstentionCause, cause_for_error
from ..domain.decision import ModelInfo
from ..domain.errors import CitationError, InvalidOutput, ModelError
from .chat import ChatRequest, ChatTransport, Parameters, TokenObserver
from .completion import Completion, stored_notes
from .conversation import Conversation
from .events import AgentAbstained, AnswerCorrected, AnswerRepaired, CallObserver, ignore_event
from .messages import Message, parse_message
from .output_parsing import parse_output
from .port import (
    CallLog,
    ModelCall,
    ModelRequest,
    Tier,
    Toolset,
)
from .reading.reader import read_answer
from .reading.validation import Reading
from .scope import current_scope, note
from .token_stream import WordStream

T = TypeVar("T", bound=BaseModel)

CALLS_PER_ROUND = 16


def _unchanged(text: str) -> str:
    return text


@dataclass(frozen=True, slots=True)
class ModelHooks:
    """Callbacks of a model.

    Attributes:
        scrub: removes secrets from texts of models and endpoints.
        tokens: receives the role and the next words of a streamed answer; None disables streaming.
        events: receives corrections and abstentions.
        timer: returns seconds of a monotonic clock, to measure calls.
    """

    scrub: Callable[[str], str] = _unchanged
    tokens: Callable[[str, str], None] | None = None
    events: CallObserver = ignore_event
    timer: Callable[[], float] = time.perf_counter


@dataclass(frozen=True, slots=True)
class _Reply(Generic[T]):
    """A message, and how it was read; None if it was not read yet or holds no answer."""

    message: Message
    reading: Reading[T] | None = None


class OpenAIModel:
    """Generates validated answers through a transport, and saves every reply in the log of the run.

    A request that is in the log is answered from it without a call.

    Args:
        transport: completes chat requests; opened and closed with the model.
        quick: name of the model for `Tier.QUICK`.
        deep: name of the model for `Tier.DEEP`.
        log: finished calls of this run.
        parameters: sampling parameters of every request.
        max_tool_rounds: maximum rounds of function calls before the model must answer.
        hooks: callbacks.
    """

    def __init__(
        self,
        transport: ChatTransport,
        quick: str,
        deep: str,
        log: CallLog,
        *,
        parameters: Parameters = Parameters(),  # noqa: B008 -- frozen
        max_tool_rounds: int = 2,
        hooks: ModelHooks = ModelHooks(),
    ) -> None:
        self._names = {Tier.QUICK: quick, Tier.DEEP: deep}
        self._transport, self._log = transport, log
        self._parameters, self._max_tool_rounds, self._hooks = parameters, max_tool_rounds, hooks

    @property
    def info(self) -> ModelInfo:
        return ModelInfo("openai", self._names[Tier.QUICK], self._names[Tier.DEEP])

    async def generate(self, request: ModelRequest[T]) -> T | Abstention:
        """Return a validated answer, or an abstention with the reason.

        The decision's deadline cancels calls in progress; budgets then book what they may have cost.
        """
        scope = current_scope()
        try:
            async with asyncio.timeout_at(scope.ends_at) as deadline:
                return await self._answered(request)
        except TimeoutError:
            if not deadline.expired():
                raise
            abstention = Abstention(request.role, AbstentionCause.MODEL, _deadline_text(scope.seconds))
        except ModelError as error:
            abstention = Abstention(request.role, cause_for_error(error), self._hooks.scrub(str(error)))
        self._hooks.events(AgentAbstained(abstention.role, abstention.cause.value, abstention.reason))
        return abstention

    async def aclose(self) -> None:
        """Close the connections of the running event loop."""
        await self._transport.aclose()

    async def __aenter__(self) -> Self:
        await self._transport.open()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    async def _answered(self, request: ModelRequest[T]) -> T:
        conversation = Conversation(
            request, self._names[request.tier], self._parameters, self._token_observer(request.role)
        )
        reply = await self._after_tools(conversation, request)
        for _ in range(request.attempts - 1):
            try:
                return self._accepted(reply, request)
            except (InvalidOutput, CitationError) as defect:
                said = str(defect).rstrip(".")
                conversation.add_correction(reply.message, said)
                self._hooks.events(AnswerCorrected(request.role, self._hooks.scrub(said)))
            reply = await self._exchange(conversation.chat_request(tools_open=False), request)
        return self._accepted(reply, request)

    def _accepted(self, reply: _Reply[T], request: ModelRequest[T]) -> T:
        """Return the answer in `reply`, after its repairs were reported."""
        reading = parse_output(reply.message, request, reply.reading)
        for repair in reading.repairs:
            self._hooks.events(AnswerRepaired(request.role, repair.text))
        _note_all([repair.note(request.role) for repair in reading.repairs])
        return reading.answer

    async def _after_tools(self, conversation: Conversation, request: ModelRequest[T]) -> _Reply[T]:
        if request.tools:
            for _ in range(self._max_tool_rounds):
                reply = await self._exchange(conversation.chat_request(tools_open=True), request)
                if not reply.message.wants_tools:
                    return reply
                conversation.add_results(reply.message, _results(reply.message, request.tools))
        return await self._exchange(conversation.chat_request(tools_open=False), request)

    async def _exchange(self, request: ChatRequest, question: ModelRequest[T]) -> _Reply[T]:
        """Return the next message, from the log if it is there; a new one is in the log before it is returned."""
        key = request.key
        if known := self._log.find(key):
            _note_all(stored_notes(known.reply))
            return _Reply(parse_message(known.reply))
        began = self._hooks.timer()
        completion = await self._transport.complete(request)
        reading = _reading(completion.message, question)
        repairs = () if reading is None else tuple(repair.text for repair in reading.repairs)
        completion = replace(completion, repairs=repairs)
        self._log.keep([each for each in request.pictures if each.sha256 in completion.request])
        self._log.save(_call(key, request, completion, self._hooks.timer() - began))
        _note_all(completion.notes)
        return _Reply(completion.message, reading)

    def _token_observer(self, role: str) -> TokenObserver | None:
        receive = self._hooks.tokens
        return None if receive is None else WordStream(lambda words: receive(role, words), self._hooks.scrub)


def _reading(message: Message, question: ModelRequest[T]) -> Reading[T] | None:
    """Return how an answer is read; None if the message holds no answer."""
    try:
        return read_answer(message, question.answer)
    except InvalidOutput:
        return None


def _note_all(notes: Sequence[str]) -> None:
    for text in notes:
        note(text)


def _deadline_text(seconds: float | None) -> str:
    allowed = "" if seconds is None else f" of {seconds:g} s"
    return f"the time limit of the decision{allowed} was exceeded; allow more time or use a faster model"


def _results(message: Message, tools: Toolset) -> list[str]:
    """Return the results of the called functions; calls beyond CALLS_PER_ROUND get a rejection text."""
    answers = [tools.call(call.name, call.arguments) for call in message.tool_calls[:CALLS_PER_ROUND]]
    rejected = f"not called: at most {CALLS_PER_ROUND} functions at a time"
    return answers + [rejected] * (len(message.tool_calls) - len(answers))


def _call(key: str, request: ChatRequest, completion: Completion, wall_s: float) -> ModelCall:
    tokens = completion.tokens + completion.lost
    return ModelCall(
        key=key,
        role=request.role,
        model=completion.served.model or request.model,
        reply=completion.reply_json(),
        prompt_tokens=tokens.prompt,
        cached_tokens=tokens.cached,
        completion_tokens=tokens.completion,
        wall_s=wall_s,
        estimated=tokens.estimated,
        request=completion.request or None,
    )
