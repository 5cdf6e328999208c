"""Capabilities of a model at an endpoint, and their reduction after a rejected request."""

from dataclasses import dataclass, replace
from enum import IntEnum, StrEnum
from typing import Any


class OutputMode(IntEnum):
    """How the format of the answer is requested, best first."""

    JSON_SCHEMA = 0
    JSON_OBJECT = 1
    TOOL_CALL = 2
    PLAIN = 3


class SystemRole(IntEnum):
    """Where the system prompt goes: its own message, a developer message, or the start of the first user message."""

    SYSTEM = 0
    DEVELOPER = 1
    FOLDED = 2


class TokenLimit(IntEnum):
    """Name of the parameter that limits the length of an answer."""

    MAX_TOKENS = 0
    MAX_COMPLETION_TOKENS = 1
    UNLIMITED = 2


class RejectionEffect(StrEnum):
    """Effect of a rejection on later requests.

    The first group reduces the capabilities, the second is retried unchanged, the third is final.
    """

    OUTPUT_MODE = "output_mode"
    TOOLS = "tools"
    TOOLS_WITH_FORMAT = "tools_with_format"
    SEED = "seed"
    SYSTEM_ROLE = "system_role"
    DEVELOPER_ROLE = "developer_role"
    STREAM_ONLY = "stream_only"
    NO_STREAM = "no_stream"
    STREAM_OPTIONS = "stream_options"
    TOKEN_LIMIT = "token_limit"  # noqa: S105 -- a parameter name
    TEMPERATURE = "temperature"
    IMAGES = "images"

    TRANSIENT = "transient"
    TRANSIENT_OUTPUT = "transient_output"

    CONTEXT_LENGTH = "context_length"
    CONTENT_FILTER = "content_filter"
    MODEL_NOT_FOUND = "model_not_found"
    NO_CREDIT = "no_credit"
    FINAL = "final"


@dataclass(frozen=True, slots=True)
class Capabilities:
    """Features used in requests to a model. The defaults are those of OpenAI's endpoint.

    Attributes:
        mode: how the format of the answer is requested.
        tools: functions may be offered.
        tools_with_format: functions and a response format may be combined in one request.
        seed: a seed may be sent.
        system: the role of the system prompt.
        stream_only: every answer must be streamed.
        stream: an answer may be streamed.
        stream_options: token usage may be requested in a stream.
        token_limit: the parameter that limits the length of an answer.
        temperature: a temperature may be sent.
        keeps_limits: no answer was longer than the limit on its length.
        images: a user message may hold images.
    """

    mode: OutputMode = OutputMode.JSON_SCHEMA
    tools: bool = True
    tools_with_format: bool = True
    seed: bool = True
    system: SystemRole = SystemRole.SYSTEM
    stream_only: bool = False
    stream: bool = True
    stream_options: bool = True
    token_limit: TokenLimit = TokenLimit.MAX_TOKENS
    temperature: bool = True
    keeps_limits: bool = True
    images: bool = True

    def downgrade(self, effect: RejectionEffect) -> "Capabilities":
        """Return the reduced capabilities after a rejection; equal to `self` if nothing can be reduced."""
        if effect is RejectionEffect.OUTPUT_MODE:
            return self._lower_mode()
        if effect is RejectionEffect.TOOLS and self.mode is OutputMode.TOOL_CALL:
            return replace(self, mode=OutputMode.PLAIN)
        if effect is RejectionEffect.TOKEN_LIMIT:
            return replace(self, token_limit=TokenLimit(min(self.token_limit + 1, TokenLimit.UNLIMITED)))
        if effect in _SYSTEM_ROLES:
            return replace(self, system=max(self.system, _SYSTEM_ROLES[effect]))
        if effect is RejectionEffect.STREAM_ONLY:
            return replace(self, stream_only=self.stream)
        if effect is RejectionEffect.NO_STREAM:
            return replace(self, stream=self.stream_only)
        switched: dict[str, Any] = {effect.value: False} if effect in _SWITCHES else {}
        return replace(self, **switched)

    def intersect(self, other: "Capabilities") -> "Capabilities":
        """Return the capabilities that both have, to merge what parallel requests learned."""
        return Capabilities(
            mode=max(self.mode, other.mode),
            tools=self.tools and other.tools,
            tools_with_format=self.tools_with_format and other.tools_with_format,
            seed=self.seed and other.seed,
            system=max(self.system, other.system),
            stream_only=self.stream_only or other.stream_only,
            stream=self.stream and other.stream,
            stream_options=self.stream_options and other.stream_options,
            token_limit=max(self.token_limit, other.token_limit),
            temperature=self.temperature and other.temperature,
            keeps_limits=self.keeps_limits and other.keeps_limits,
            images=self.images and other.images,
        )

    def _lower_mode(self) -> "Capabilities":
        if self.mode >= OutputMode.TOOL_CALL:
            return self
        below = OutputMode(self.mode + 1)
        return replace(self, mode=below if self.tools or below is not OutputMode.TOOL_CALL else OutputMode.PLAIN)


_SYSTEM_ROLES = {
    RejectionEffect.SYSTEM_ROLE: SystemRole.FOLDED,
    RejectionEffect.DEVELOPER_ROLE: SystemRole.DEVELOPER,
}
_SWITCHES = frozenset(
    {
        RejectionEffect.TOOLS,
        RejectionEffect.TOOLS_WITH_FORMAT,
        RejectionEffect.SEED,
        RejectionEffect.STREAM_OPTIONS,
        RejectionEffect.TEMPERATURE,
        RejectionEffect.IMAGES,
    }
)
