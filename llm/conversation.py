"""One question as a conversation: what was said so far, and how to say it to a model of given abilities."""

import hashlib
import json
from collections.abc import Sequence
from typing import Any

from pydantic import BaseModel

from ..domain.tool_spec import ToolSpec
from .capabilities import Capabilities, OutputMode
from .messages import ANSWER_TOOL, Message
from .port import ModelRequest
from .schema import answer_schema

_OUTPUT_INSTRUCTIONS = (
    "Answer with one JSON object and nothing else, no Markdown around it. It must fit this JSON schema:\n"
)
_QUOTED = 4000


class Conversation:
    """A question to one model and the turns that followed it."""

    def __init__(self, request: ModelRequest[Any], model: str) -> None:
        self._question, self._model = request, model
        answer: type[BaseModel] = request.answer
        self._schema = answer_schema(answer)
        self._tools = tuple(request.tools.specs) if request.tools else ()
        self._turns: list[dict[str, object]] = []

    @property
    def characters(self) -> int:
        """Return the length of everything said to the model so far."""
        turns = sum(len(str(turn.get("content") or "")) for turn in self._turns)
        return len(self._question.system) + len(self._question.user) + turns

    def key(self, *, tools_open: bool) -> str:
        """Return a hash over all that the next reply depends on.

        How the form of the answer is asked for is left out: a run that goes on after a kill finds its calls again
        before it has learnt anew what the endpoint can do. Who asks is part of it: members with the same words are
        asked each for themselves.
        """
        asked = {
            "role": self._question.role,
            "model": self._model,
            "seed": self._question.seed,
            "system": self._question.system,
            "user": self._question.user,
            "answer": {"name": self._schema.name, "schema": self._schema.body},
            "tools": [_function(spec) for spec in self._tools],
            "tools_open": tools_open,
            "turns": self._turns,
        }
        canonical = json.dumps(asked, sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(canonical.encode()).hexdigest()

    def request(self, capabilities: Capabilities, *, tools_open: bool) -> dict[str, object]:
        """Return the body of the next request; with `tools_open` the model may call functions before it answers."""
        body: dict[str, object] = {"model": self._model, "messages": self._messages(capabilities.mode)}
        if self._question.seed is not None and capabilities.seed:
            body["seed"] = self._question.seed
        offered = [_function(spec) for spec in self._tools] if capabilities.tools else []
        if capabilities.mode is OutputMode.TOOL_CALL:
            body["tools"] = [*offered, self._answer_function()]
            forced = {"type": "function", "function": {"name": ANSWER_TOOL}}
            body["tool_choice"] = "required" if offered and tools_open else forced
        elif offered:
            body["tools"], body["tool_choice"] = offered, "auto" if tools_open else "none"
        if capabilities.mode is OutputMode.JSON_SCHEMA:
            form = {"name": self._schema.name, "strict": True, "schema": self._schema.body}
            body["response_format"] = {"type": "json_schema", "json_schema": form}
        elif capabilities.mode is OutputMode.JSON_OBJECT:
            body["response_format"] = {"type": "json_object"}
        return body

    def add_results(self, message: Message, results: Sequence[str]) -> None:
        """Append the functions that the model called, and what each of them gave."""
        self._turns.append(message.document())
        self._turns.extend(
            {"role": "tool", "tool_call_id": use.id, "content": result}
            for use, result in zip(message.uses, results, strict=True)
        )

    def add_correction(self, message: Message, defect: str) -> None:
        """Append the bad answer, clipped, and what is wrong with it."""
        said = message.answer or message.refusal
        self._turns.append({"role": "assistant", "content": said[:_QUOTED] or "(nothing)"})
        request = f"That cannot be used: {defect}. Send the whole answer again, corrected, as one JSON object."
        self._turns.append({"role": "user", "content": request})

    def _messages(self, mode: OutputMode) -> list[dict[str, object]]:
        system, user = self._question.system, self._question.user
        contract = _OUTPUT_INSTRUCTIONS + self._schema.text
        if mode is OutputMode.JSON_OBJECT:
            # In the standing part, where it can be cached from one question to the next.
            system = f"{system}\n\n{contract}"
        elif mode is OutputMode.PLAIN:
            # Models without any JSON mode often heed nothing but the user's last words.
            user = f"{user}\n\n{contract}"
        return [{"role": "system", "content": system}, {"role": "user", "content": user}, *self._turns]

    def _answer_function(self) -> dict[str, object]:
        described = "Give the final answer."
        function = {"name": ANSWER_TOOL, "description": described, "parameters": self._schema.body}
        return {"type": "function", "function": function}


def _function(spec: ToolSpec) -> dict[str, object]:
    function = {"name": spec.name, "description": spec.description, "parameters": dict(spec.parameters)}
    return {"type": "function", "function": function}
