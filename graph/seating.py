"""Who sits where: from a desk file, the prompts and a model to the members of a desk."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from ..agents.analyst import Analyst
from ..agents.analyst import Rule as AnalystRule
from ..agents.arithmetic import OrderPolicy
from ..agents.reflector import Reflector, reflect_by_rule
from ..agents.research_manager import ResearchManager
from ..agents.researcher import Researcher
from ..agents.risk_committee import RiskManager, RiskAnalyst
from ..agents.rules import committee, debate, fundamentals, macro, news, orders, technical, thesis
from ..agents.rules import solo as solo_rule
from ..agents.seat import Role
from ..agents.solo import SingleAgent
from ..agents.trader import Trader
from ..domain.errors import ConfigError
from ..llm.port import Model, Tier
from ..prompts.book import PromptLibrary, RenderedPrompt
from ..tools.toolbox import get_tools
from .bench import Team
from .desk_file import DeskConfig, RoleSpec

PromptObserver = Callable[[str, RenderedPrompt], None]

ANALYST_RULES: Mapping[str, AnalystRule] = {
    "technical": technical.technical,
    "news": news.news,
    "fundamentals": fundamentals.fundamentals,
    "macro": macro.macro,
}


def build_team(
    desk: DeskConfig,
    prompts: PromptLibrary,
    model: Model | None,
    arithmetic: OrderPolicy,
    *,
    seed: int,
    rehearse: PromptObserver | None = None,
) -> Team:
    """Seat everyone that `desk` names; with `model` None, every role is answered by its rule.

    `rehearse` is then shown what a model would have been sent, by the name of the seat.

    Raises ConfigError for an unknown tool, a missing prompt, or an analyst that no rule answers for.
    """
    seating = _RoleFactory(prompts, model, seed, rehearse)
    if desk.solo is not None:
        solo = SingleAgent(seating.of(desk.solo), desk.solo.tools, solo_rule.decide, arithmetic)
        voices, chair = _voices(desk, seating), _chair(desk, seating)
        return Team(single_agent=solo, risk_analysts=voices, risk_manager=chair, reflector=_reflector(desk, seating))
    return Team(
        analysts=tuple(_analyst(spec, seating) for spec in desk.analysts),
        researchers=tuple(
            Researcher(seating.take(side, "researcher"), side, debate.argue) for side in desk.deliberation.sides
        ),
        manager=ResearchManager(seating.take("research_manager", tier=Tier.DEEP), thesis.judge),
        trader=Trader(seating.take("trader"), orders.plan_orders, arithmetic),
        rounds=desk.deliberation.rounds,
        risk_analysts=_voices(desk, seating),
        risk_manager=_chair(desk, seating),
        reflector=_reflector(desk, seating),
    )


@dataclass(frozen=True, slots=True)
class _RoleFactory:
    prompts: PromptLibrary
    model: Model | None
    seed: int
    rehearse: PromptObserver | None

    def take(self, name: str, prompt: str | None = None, tier: Tier = Tier.QUICK) -> Role:
        # A plain string: a side or an appetite would put a type of its own into every checkpoint.
        return Role(str(name), self.prompts.get(prompt or name), self.model, tier, self.seed, self.rehearse)

    def of(self, spec: RoleSpec) -> Role:
        get_tools(spec.tools)
        return self.take(spec.name, spec.prompt, spec.model)


def _analyst(spec: RoleSpec, seating: _RoleFactory) -> Analyst:
    rule = ANALYST_RULES.get(spec.name)
    if rule is None and seating.model is None:
        known = ", ".join(ANALYST_RULES)
        raise ConfigError(f"no rule answers for the analyst {spec.name!r}; use a model, or one of {known}")
    return Analyst(seating.of(spec), spec.tools, rule, calls_tools=spec.call_tools)


def _voices(desk: DeskConfig, seating: _RoleFactory) -> tuple[RiskAnalyst, ...]:
    return tuple(
        RiskAnalyst(seating.take(appetite, "risk_voice"), appetite, committee.assess) for appetite in desk.risk.committee
    )


def _reflector(desk: DeskConfig, seating: _RoleFactory) -> Reflector | None:
    return Reflector(seating.take("reflector"), reflect_by_rule) if desk.memory.enabled else None


def _chair(desk: DeskConfig, seating: _RoleFactory) -> RiskManager | None:
    if desk.risk.chair is None:
        return None
    return RiskManager(seating.take("risk_manager", tier=Tier.DEEP), committee.review)
