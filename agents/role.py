"""A role: its name, its prompt, and the model or rule that answers."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeVar

from pydantic import BaseModel

from ..domain.abstention import Abstention
from ..domain.errors import ConfigError
from ..llm.port import (
    Model,
    ModelRequest,
    Tier,
    Toolset,
)
from ..prompts.library import Prompt, RenderedPrompt

T = TypeVar("T", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Role:
    """A role of the desk.

    Attributes:
        model: None if the role's rule answers instead of a language model.
        on_prompt: receives the role's name and the rendered prompt whenever the rule answers.
    """

    name: str
    prompt: Prompt
    model: Model | None
    tier: Tier = Tier.QUICK
    seed: int | None = None
    on_prompt: Callable[[str, RenderedPrompt], None] | None = None

    def check_prompt(self, role: str, inputs: frozenset[str], optional: frozenset[str] = frozenset()) -> None:
        """Raise ConfigError unless the prompt is written for `role` and has all its inputs, and no others.

        The `optional` inputs may be left out.
        """
        if self.prompt.role != role:
            raise ConfigError(f"prompt {self.prompt.id!r} is written for {self.prompt.role!r}, not for {role!r}")
        if self.prompt.inputs - optional != inputs:
            given = ", ".join(sorted(inputs | optional))
            raise ConfigError(f"prompt {self.prompt.id!r} must have exactly these inputs: {given} ({self.prompt.path})")

    async def generate(
        self,
        answer: type[T],
        inputs: Callable[[], Mapping[str, str]],
        *,
        rule: Callable[[], T | Abstention],
        check: Callable[[T], None],
        tools: Toolset | None = None,
        attempts: int = 2,
    ) -> T | Abstention:
        """Return the answer of the model, or of the rule without a model. Both pass the same check.

        The model gives at most `attempts` answers until one passes.
        """
        if self.model is None:
            if self.on_prompt is not None:
                self.on_prompt(self.name, self.prompt.render(inputs()))
            result = rule()
            if not isinstance(result, Abstention):
                check(result)
            return result
        text = self.prompt.render(inputs())
        return await self.model.generate(
            ModelRequest(
                self.name, self.tier, text.system, text.user, answer, check, tools, self.seed, attempts=attempts
            )
        )
