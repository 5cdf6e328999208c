"""What a model at an endpoint can do, learnt from what it refuses, so that no refusal is bought twice."""

import re
from dataclasses import dataclass, replace
from enum import IntEnum


class OutputMode(IntEnum):
    """How the form of the answer is asked for, best first."""

    JSON_SCHEMA = 0
    JSON_OBJECT = 1
    TOOL_CALL = 2
    PLAIN = 3


_FORMAT = re.compile(r"(?i)response_?\s?format|json_?\s?(schema|object|mode)|structured.?output|guided|grammar")
_TOOLS = re.compile(r"(?i)\btools?\b|tool_choice|\bfunctions?\b|function.?call")
_SEED = re.compile(r"(?i)\bseed\b")
_TOO_LONG = re.compile(r"(?i)context.?(length|window)|maximum context|too (long|large)|too many tokens")


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What is asked of a model: the rung, functions of the question, a seed."""

    mode: OutputMode = OutputMode.JSON_SCHEMA
    tools: bool = True
    seed: bool = True

    def downgrade(self, complaint: str) -> "Capabilities":
        """Return the abilities that are left after a request made with these was refused with `complaint`.

        They are the same ones when the complaint speaks of nothing that could be done without.
        """
        if _TOO_LONG.search(complaint):
            return self
        if _FORMAT.search(complaint) and self.mode < OutputMode.TOOL_CALL:
            below = OutputMode(self.mode + 1)
            return replace(self, mode=below if self.tools or below is not OutputMode.TOOL_CALL else OutputMode.PLAIN)
        if _TOOLS.search(complaint) and self.mode is OutputMode.TOOL_CALL:
            return replace(self, mode=OutputMode.PLAIN)
        if _TOOLS.search(complaint):
            return replace(self, tools=False)
        if _SEED.search(complaint):
            return replace(self, seed=False)
        return self

    def intersect(self, other: "Capabilities") -> "Capabilities":
        """Return what both allow: parallel requests learn different things, and none may be forgotten."""
        return Capabilities(max(self.mode, other.mode), self.tools and other.tools, self.seed and other.seed)
