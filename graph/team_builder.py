"""Build the team of a desk from its configuration, the prompts and a model."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from ..agents.analyst import Analyst
from ..agents.analyst import Rule as AnalystRule
from ..agents.order_policy import OrderPolicy
from ..agents.reflector import Reflector, reflect_by_rule
from ..agents.research_manager import ResearchManager
from ..agents.researcher import Researcher
from ..agents.risk_committee import RiskAnalyst, RiskManager
from ..agents.role import Role
from ..agents.rules import (
    debate,
    fundamentals,
    macro,
    news,
    research_manager,
    risk_committee,
    technical,
    trader,
)
from ..agents.rules import single_agent as single_agent_rule
from ..agents.single_agent import SingleAgent
from ..agents.trader import Trader
from ..domain.errors import ConfigError
from ..llm.port import Model, Tier
from ..prompts.library import PromptLibrary, RenderedPrompt
from ..tools.registry import get_tools
from .call_policy import CallSpec, PolicyContext, with_policy
from .desk_config import DeskConfig, RoleSpec
from .team import Team

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
    order_policy: OrderPolicy,
    *,
    seed: int,
    on_prompt: PromptObserver | None = None,
    policies: PolicyContext = PolicyContext(),  # noqa: B008 -- frozen
) -> Team:
    """Return the agents of `desk`. With `model` None, every role is answered by its rule.

    `on_prompt` then receives the name of each role and the prompt that a model would have received. `policies` has what
    the roles with a policy of calls need.

    Raises ConfigError for an unknown tool, a missing prompt, or an analyst without a rule and without a model.
    """
    factory = _RoleFactory(prompts, model, seed, on_prompt, desk.calls, policies)
    if desk.single_agent is not None:
        single_agent = SingleAgent(
            factory.of(desk.single_agent), desk.single_agent.tools, single_agent_rule.decide, order_policy
        )
        risk_analysts, risk_manager = _risk_analysts(desk, factory), _risk_manager(desk, factory)
        return Team(
            single_agent=single_agent,
            risk_analysts=risk_analysts,
            risk_manager=risk_manager,
            reflector=_reflector(desk, factory),
        )
    return Team(
        analysts=tuple(_analyst(spec, factory) for spec in desk.analysts),
        researchers=tuple(
            Researcher(factory.take(side, "researcher"), side, debate.argue) for side in desk.deliberation.sides
        ),
        research_manager=ResearchManager(factory.take("research_manager", tier=Tier.DEEP), research_manager.judge),
        trader=Trader(factory.take("trader"), trader.plan_orders, order_policy),
        rounds=desk.deliberation.rounds,
        risk_analysts=_risk_analysts(desk, factory),
        risk_manager=_risk_manager(desk, factory),
        reflector=_reflector(desk, factory),
    )


@dataclass(frozen=True, slots=True)
class _RoleFactory:
    prompts: PromptLibrary
    model: Model | None
    seed: int
    on_prompt: PromptObserver | None
    calls: Mapping[str, CallSpec]
    policies: PolicyContext

    def take(self, name: str, prompt: str | None = None, tier: Tier = Tier.QUICK) -> Role:
        # A plain string, because an enum member would be stored with its own type in every checkpoint.
        model = self.model and with_policy(self.model, self.calls.get(name), self.policies)
        return Role(str(name), self.prompts.get(prompt or name), model, tier, self.seed, self.on_prompt)

    def of(self, spec: RoleSpec) -> Role:
        get_tools(spec.tools)
        return self.take(spec.name, spec.prompt, spec.model)


def _analyst(spec: RoleSpec, factory: _RoleFactory) -> Analyst:
    rule = ANALYST_RULES.get(spec.name)
    if rule is None and factory.model is None:
        known = ", ".join(ANALYST_RULES)
        raise ConfigError(f"there is no rule for the analyst {spec.name!r}; use a model, or one of {known}")
    return Analyst(factory.of(spec), spec.tools, rule, calls_tools=spec.call_tools)


def _risk_analysts(desk: DeskConfig, factory: _RoleFactory) -> tuple[RiskAnalyst, ...]:
    return tuple(
        RiskAnalyst(factory.take(appetite, "risk_analyst"), appetite, risk_committee.assess)
        for appetite in desk.risk.committee
    )


def _reflector(desk: DeskConfig, factory: _RoleFactory) -> Reflector | None:
    return Reflector(factory.take("reflector"), reflect_by_rule) if desk.memory.enabled else None


def _risk_manager(desk: DeskConfig, factory: _RoleFactory) -> RiskManager | None:
    if desk.risk.chair is None:
        return None
    return RiskManager(factory.take("risk_manager", tier=Tier.DEEP), risk_committee.review)
