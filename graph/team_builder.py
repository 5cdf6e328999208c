"""Build the team of a desk from its configuration, the prompts and a model."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from ..agents.agent import Agent
from ..agents.analyst import Analyst
from ..agents.analyst import Rule as AnalystRule
from ..agents.book_decider import BookDecider
from ..agents.decider import Decider
from ..agents.decisions.book_forms import BOOK_FORMS
from ..agents.decisions.forms import FORMS, orders_form
from ..agents.order_policy import OrderPolicy
from ..agents.reflector import Reflector, reflect_by_rule
from ..agents.research_manager import ResearchManager
from ..agents.researcher import Researcher, Side
from ..agents.risk_committee import RiskAnalyst, RiskAppetite, RiskManager
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
from ..agents.rules.analyst import analyst_rule
from ..agents.rules.decider import thesis_by_rule
from ..agents.single_agent import SingleAgent
from ..agents.trader import Trader
from ..domain.errors import ConfigError
from ..domain.proposal import DecisionKind
from ..llm.port import Model, Tier
from ..prompts.library import PromptLibrary, RenderedPrompt
from ..tools.registry import get_tools
from .call_policy import CallSpec, PolicyContext, with_policy
from .desk_config import REFLECTOR, DeskConfig
from .desk_sections import DecisionSpec
from .roles import RoleKind, RoleSpec
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

    Raises ConfigError for an unknown tool or a missing prompt.
    """
    factory = _factory(desk, prompts, model, order_policy, seed, on_prompt, policies)
    agents = {spec.name: BUILDERS[spec.role](spec, factory) for spec in desk.roster.roles}
    reflector = Reflector(factory.role_named(REFLECTOR), reflect_by_rule) if desk.memory.enabled else None
    return Team(agents, reflector)


def role_faults(
    desk: DeskConfig, prompts: PromptLibrary, order_policy: OrderPolicy
) -> Iterator[tuple[RoleSpec, ConfigError]]:
    """Yield every role that cannot be built, with the unknown tool or the missing prompt."""
    factory = _factory(desk, prompts, None, order_policy, 0, None, PolicyContext())
    for spec in desk.roster.roles:
        try:
            BUILDERS[spec.role](spec, factory)
        except ConfigError as error:
            yield spec, error


def _factory(
    desk: DeskConfig,
    prompts: PromptLibrary,
    model: Model | None,
    order_policy: OrderPolicy,
    seed: int,
    on_prompt: PromptObserver | None,
    policies: PolicyContext,
) -> "_AgentFactory":
    return _AgentFactory(
        prompts, model, order_policy, seed, on_prompt, desk.calls, policies, desk.decision, desk.decider
    )


@dataclass(frozen=True, slots=True)
class _AgentFactory:
    """What the builders of agents share."""

    prompts: PromptLibrary
    model: Model | None
    order_policy: OrderPolicy
    seed: int
    on_prompt: PromptObserver | None
    calls: Mapping[str, CallSpec]
    policies: PolicyContext
    decision: DecisionSpec
    decider: str

    def role(self, spec: RoleSpec) -> Role:
        get_tools(spec.tools)
        return self.role_named(spec.name, spec.prompt, spec.model)

    def role_named(self, name: str, prompt: str | None = None, tier: Tier = Tier.QUICK) -> Role:
        model = self.model and with_policy(self.model, self.calls.get(name), self.policies)
        return Role(name, self.prompts.get(prompt or name), model, tier, self.seed, self.on_prompt)


Builder = Callable[[RoleSpec, _AgentFactory], Agent]


def _analyst(spec: RoleSpec, factory: _AgentFactory) -> Agent:
    rule = ANALYST_RULES.get(spec.name) or analyst_rule(spec.name)
    return Analyst(factory.role(spec), spec.tools, rule, calls_tools=spec.call_tools)


def _single_agent(spec: RoleSpec, factory: _AgentFactory) -> Agent:
    if factory.decision.kind is not DecisionKind.ORDERS:
        return _decider(spec, factory)
    return SingleAgent(factory.role(spec), spec.tools, single_agent_rule.decide, factory.order_policy)


def _decider(spec: RoleSpec, factory: _AgentFactory) -> Agent:
    """Return the agent that decides in the form of the desk's decision."""
    if (book_form := BOOK_FORMS.get(factory.decision.kind)) is not None:
        role = factory.role(spec.model_copy(update={"prompt": spec.prompt or "book_decision"}))
        return BookDecider(role, book_form, thesis_by_rule, spec.tools, spec.persona)
    if factory.decision.kind is DecisionKind.ORDERS:
        form, prompt = orders_form(factory.order_policy), "order_decision"
    else:
        form, prompt = FORMS[factory.decision.kind](factory.decision.form_settings), "decision"
    role = factory.role(spec.model_copy(update={"prompt": spec.prompt or prompt}))
    return Decider(role, form, thesis_by_rule, spec.tools, spec.persona, final=spec.name == factory.decider)


def _researcher(spec: RoleSpec, factory: _AgentFactory) -> Agent:
    return Researcher(factory.role(spec), Side(spec.name), debate.argue)


def _research_manager(spec: RoleSpec, factory: _AgentFactory) -> Agent:
    return ResearchManager(factory.role(spec), research_manager.judge)


def _trader(spec: RoleSpec, factory: _AgentFactory) -> Agent:
    return Trader(factory.role(spec), trader.plan_orders, factory.order_policy)


def _risk_analyst(spec: RoleSpec, factory: _AgentFactory) -> Agent:
    return RiskAnalyst(factory.role(spec), RiskAppetite(spec.name), risk_committee.assess)


def _risk_manager(spec: RoleSpec, factory: _AgentFactory) -> Agent:
    return RiskManager(factory.role(spec), risk_committee.review)


BUILDERS: Mapping[RoleKind, Builder] = {
    RoleKind.ANALYST: _analyst,
    RoleKind.SINGLE_AGENT: _single_agent,
    RoleKind.DECIDER: _decider,
    RoleKind.RESEARCHER: _researcher,
    RoleKind.RESEARCH_MANAGER: _research_manager,
    RoleKind.TRADER: _trader,
    RoleKind.RISK_ANALYST: _risk_analyst,
    RoleKind.RISK_MANAGER: _risk_manager,
}
