"""A role: its name, its prompt, and the model or rule that answers."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeVar

from pydantic import BaseModel

from ..domain.abstention import Abstention
from ..domain.brief import Brief
from ..domain.errors import ConfigError
from ..domain.picture import Picture
from ..llm.port import (
    Model,
    ModelRequest,
    Tier,
    Toolset,
)
from ..market.view import MarketView
from ..prompts.library import Prompt, RenderedPrompt
from ..tools.charts.kinds import ChartKind

T = TypeVar("T", bound=BaseModel)


def no_pictures() -> tuple[Picture, ...]:
    """Return no pictures."""
    return ()


@dataclass(frozen=True, slots=True)
class Role:
    """A role of the desk.

    Attributes:
        model: None if the role's rule answers instead of a language model.
        on_prompt: receives the role's name and the rendered prompt whenever the rule answers.
        charts: the charts that the model is sent; the rule ignores them.
    """

    name: str
    prompt: Prompt
    model: Model | None
    tier: Tier = Tier.QUICK
    seed: int | None = None
    on_prompt: Callable[[str, RenderedPrompt], None] | None = None
    charts: tuple[ChartKind, ...] = ()

    def check_prompt(self, role: str, inputs: frozenset[str], optional: frozenset[str] = frozenset()) -> None:
        """Raise ConfigError unless the prompt is written for `role` and has all its inputs, and no others.

        The `optional` inputs may be left out.
        """
        if self.prompt.role != role:
            raise ConfigError(f"prompt {self.prompt.id!r} is written for {self.prompt.role!r}, not for {role!r}")
        if self.prompt.inputs - optional != inputs:
            given = ", ".join(sorted(inputs))
            more = f", and may have {', '.join(sorted(optional))}" if optional else ""
            raise ConfigError(
                f"prompt {self.prompt.id!r} must have exactly these inputs: {given}{more} ({self.prompt.path})"
            )

    async def generate(
        self,
        answer: type[T],
        inputs: Callable[[], Mapping[str, str]],
        *,
        rule: Callable[[], T | Abstention],
        check: Callable[[T], None],
        tools: Toolset | None = None,
        attempts: int = 2,
        pictures: Callable[[], tuple[Picture, ...]] = no_pictures,
    ) -> T | Abstention:
        """Return the answer of the model, or of the rule without a model. Both pass the same check.

        The model gives at most `attempts` answers until one passes. `pictures` is called for a model only.
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
                self.name,
                self.tier,
                text.system,
                text.user,
                answer,
                check,
                tools,
                self.seed,
                attempts=attempts,
                pictures=pictures(),
            )
        )

    def draw_charts(self, view: MarketView, brief: Brief) -> tuple[Picture, ...]:
        """Return the charts of the role on the symbol of `brief`; raises as `draw_chart`."""
        if not self.charts:
            return ()
        from ..tools.charts.chart import draw_chart  # noqa: PLC0415 -- imports numpy, which most roles do without

        return tuple(draw_chart(kind, view, brief.symbol, brief.account.fills) for kind in self.charts)
