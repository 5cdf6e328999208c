"""One model request as a conversation: builds the next chat request from the turns so far."""

from collections.abc import Sequence
from typing import Any

from pydantic import BaseModel

from .chat import ChatRequest, Parameters, TextTurn, TokenObserver, ToolResult, Turn
from .messages import Message
from .port import ModelRequest
from .schema import answer_schema

_QUOTED = 4000


class Conversation:
    """A request to one model and its later turns."""

    def __init__(
        self,
        request: ModelRequest[Any],
        model: str,
        parameters: Parameters = Parameters(),  # noqa: B008 -- frozen
        observer: TokenObserver | None = None,
    ) -> None:
        answer: type[BaseModel] = request.answer
        self._request, self._model, self._schema = request, model, answer_schema(answer)
        self._tools = tuple(request.tools.specs) if request.tools else ()
        self._parameters, self._observer = parameters, observer
        self._turns: list[Turn] = []

    def chat_request(self, *, tools_open: bool) -> ChatRequest:
        """Return the next request; with `tools_open` the model may call functions before it answers."""
        return ChatRequest(
            role=self._request.role,
            model=self._model,
            system=self._request.system,
            user=self._request.user,
            schema=self._schema,
            turns=tuple(self._turns),
            tools=self._tools,
            tools_open=tools_open,
            seed=self._request.seed,
            parameters=self._parameters,
            sample=self._request.sample,
            pictures=self._request.pictures,
            observer=self._observer,
        )

    def add_results(self, message: Message, results: Sequence[str]) -> None:
        """Append the model's message with its function calls, and their results in the same order."""
        self._turns.append(message)
        self._turns.extend(
            ToolResult(call.id, result) for call, result in zip(message.tool_calls, results, strict=True)
        )

    def add_correction(self, message: Message, defect: str) -> None:
        """Append the invalid answer, truncated, and a request to correct `defect`."""
        answer = message.answer or message.refusal
        request = f"That cannot be used: {defect}. Send the whole answer again, corrected, as one JSON object."
        self._turns += [TextTurn("assistant", answer[:_QUOTED] or "(nothing)"), TextTurn("user", request)]
