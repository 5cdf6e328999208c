"""Build the team of a desk from its configuration, the prompts and a model."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ..agents.agent import Agent
from ..agents.analyst import Analyst
from ..agents.analyst import Rule as AnalystRule
from ..agents.assignment import Assignment
from ..agents.book_decider import BookDecider, Defects
from ..agents.book_filter import BookFilter
from ..agents.contest import ContestAgent, ContestPart
from ..agents.contributor import Contributor
from ..agents.decider import Decider
from ..agents.decisions.book_forms import BOOK_FORMS
from ..agents.decisions.forms import FORMS, orders_form
from ..agents.order_policy import OrderPolicy
from ..agents.planner import Planner
from ..agents.portfolio_manager import PortfolioManager
from ..agents.reflector import Reflector, reflect_by_rule
from ..agents.research_manager import ResearchManager
from ..agents.researcher import Researcher, Side
from ..agents.risk_committee import RiskAnalyst, RiskAppetite, RiskManager
from ..agents.risk_debater import RiskDebater
from ..agents.role import Role
from ..agents.rules import (
    debate,
    fundamentals,
    macro,
    news,
    risk_committee,
    risk_debate,
    technical,
    trader,
)
from ..agents.rules import single_agent as single_agent_rule
from ..agents.rules.analyst import analyst_rule
from ..agents.rules.book import view_by_rule
from ..agents.rules.decider import judge_debate, thesis_by_rule
from ..agents.single_agent import SingleAgent
from ..agents.strategist import Strategist
from ..agents.trade_proposer import TradeProposer
from ..agents.trader import Trader
from ..domain.errors import ConfigError
from ..domain.memory_queries import QueryHorizon
from ..domain.orders import TimeInForce
from ..domain.proposal import DecisionKind
from ..llm.port import Model, Tier
from ..prompts.library import PromptLibrary, RenderedPrompt
from ..tools.charts.kinds import ChartKind, check_chart_library
from ..tools.registry import get_tools
from ..tools.signals.spec import DEFAULT_SIGNALS, SignalSpec
from .book_corrections import defects_by, refusals_by
from .call_policy import CallSpec, PolicyContext, with_policy
from .desk_config import REFLECTOR, DeskConfig
from .desk_sections import DecisionSpec
from .roles import CONTRIBUTING_KINDS, RoleKind, RoleSpec
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

    Raises ConfigError for an unknown tool, a missing prompt, or charts without the library that draws them.
    """
    if charted := next((role for role in desk.roles if role.charts), None):
        check_chart_library(charted.name)
    factory = _factory(desk, prompts, model, order_policy, seed, on_prompt, policies)
    roles = desk.roster.roles
    agents = {spec.name: BUILDERS[spec.role](_asked_first(spec), factory) for spec in roles}
    later = {spec.name: BUILDERS[spec.role](_asked_later(spec), factory) for spec in roles if spec.template}
    reflector = Reflector(factory.role_named(REFLECTOR), reflect_by_rule) if desk.memory.enabled else None
    learners = {name: factory.role_named(name, tier=Tier.DEEP) for name in LEARNERS.get(desk.learning.kind, ())}
    return Team(agents, reflector, later, learners)


LEARNERS: Mapping[str, tuple[str, ...]] = {
    "opro": ("prompt_optimizer",),
    "reflection": ("weekly_reflector",),
    "episodes": ("belief_writer",),
    "retry": ("retry_reflector",),
}
"""The roles that learn for a desk, by kind of learning; each has the prompt of its name."""


def _asked_first(spec: RoleSpec) -> RoleSpec:
    return spec if spec.template is None else spec.model_copy(update={"prompt": spec.template.first})


def _asked_later(spec: RoleSpec) -> RoleSpec:
    return spec if spec.template is None else spec.model_copy(update={"prompt": spec.template.follow_up})


def role_faults(
    desk: DeskConfig, prompts: PromptLibrary, order_policy: OrderPolicy
) -> Iterator[tuple[RoleSpec, ConfigError]]:
    """Yield every role that cannot be built, with the unknown tool or the missing prompt."""
    factory = _factory(desk, prompts, None, order_policy, 0, None, PolicyContext())
    for spec in desk.roster.roles:
        try:
            for asked in (_asked_first(spec), _asked_later(spec)) if spec.template else (spec,):
                BUILDERS[spec.role](asked, factory)
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
        prompts, model, order_policy, seed, on_prompt, desk.all_calls, policies, desk.decision, desk.decider,
        desk.signals or DEFAULT_SIGNALS, lambda spec: desk.deliberation.assignment(spec, desk.listed),
        defects_by(desk.proposal_rules, order_policy.limits), refusals_by(desk.proposal_rules, order_policy),
        {role.name: f"reads {', '.join(role.tools)}" for role in desk.listed.of(RoleKind.ANALYST)}, desk.only_tif,
        {desk.query_writer: desk.memory.queries} if desk.query_writer else {},
    )  # fmt: skip


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
    signals: Sequence[SignalSpec]
    assignment: Callable[[RoleSpec], Assignment[Any]]
    defects: Defects
    refusals: Defects
    analysts: Mapping[str, str]
    only_tif: TimeInForce | None = None
    queries: Mapping[str, tuple[QueryHorizon, ...]] = field(default_factory=dict)

    def role(self, spec: RoleSpec) -> Role:
        get_tools(spec.tools)
        return self.role_named(spec.name, spec.prompt, spec.model, spec.charts)

    def role_named(
        self, name: str, prompt: str | None = None, tier: Tier = Tier.QUICK, charts: tuple[ChartKind, ...] = ()
    ) -> Role:
        model = self.model and with_policy(self.model, self.calls.get(name), self.policies)
        return Role(name, self.prompts.get(prompt or name), model, tier, self.seed, self.on_prompt, charts)


Builder = Callable[[RoleSpec, _AgentFactory], Agent]


def _analyst(spec: RoleSpec, factory: _AgentFactory) -> Agent:
    rule = ANALYST_RULES.get(spec.name) or analyst_rule(spec.name)
    queries = factory.queries.get(spec.name, ())
    return Analyst(factory.role(spec), spec.tools, rule, spec.call_tools, factory.signals, queries)


def _single_agent(spec: RoleSpec, factory: _AgentFactory) -> Agent:
    if factory.decision.kind is not DecisionKind.ORDERS:
        return _decider(spec, factory)
    return SingleAgent(factory.role(spec), spec.tools, single_agent_rule.decide, factory.order_policy, factory.signals)


CONTEST_PARTS: Mapping[RoleKind, tuple[ContestPart, str]] = {
    RoleKind.DATA_AGENT: (ContestPart.FACTOR, "data_agent"),
    RoleKind.CONTESTANT: (ContestPart.SIGNALS, "contestant"),
    RoleKind.JUDGE: (ContestPart.JUDGEMENT, "judge"),
}


def _contest_agent(spec: RoleSpec, factory: _AgentFactory) -> Agent:
    part, prompt = CONTEST_PARTS[spec.role]
    role = factory.role(spec.model_copy(update={"prompt": spec.prompt or prompt}))
    return ContestAgent(role, part, spec.tools, spec.persona)


def _planner(spec: RoleSpec, factory: _AgentFactory) -> Agent:
    return Planner(factory.role(spec.model_copy(update={"prompt": spec.prompt or "planner"})), factory.analysts)


def _portfolio_manager(spec: RoleSpec, factory: _AgentFactory) -> Agent:
    return PortfolioManager(factory.role(spec))


def _filter(spec: RoleSpec, factory: _AgentFactory) -> Agent:
    role = factory.role(spec.model_copy(update={"prompt": spec.prompt or "book_filter"}))
    return BookFilter(role, spec.tools)


def _decider(spec: RoleSpec, factory: _AgentFactory) -> Agent:
    """Return the agent that decides in the form of the desk's decision."""
    if (book_form := BOOK_FORMS.get(factory.decision.kind)) is not None:
        role = factory.role(spec.model_copy(update={"prompt": spec.prompt or "book_decision"}))
        get_tools(spec.granted)
        limited = book_form.within(factory.order_policy.limits)
        return BookDecider(
            role, limited, view_by_rule, spec.tools, spec.persona, spec.granted, factory.defects,
            factory.refusals, factory.decision.attempts, factory.signals,
        )  # fmt: skip
    if factory.decision.kind is DecisionKind.ORDERS:
        form, prompt = orders_form(factory.order_policy, factory.only_tif), "order_decision"
    else:
        form, prompt = FORMS[factory.decision.kind](factory.decision.form_settings), "decision"
    role = factory.role(spec.model_copy(update={"prompt": spec.prompt or prompt}))
    final = spec.name == factory.decider
    return Decider(role, form, thesis_by_rule, spec.tools, spec.persona, final=final, signals=factory.signals)


def _contributor(spec: RoleSpec, factory: _AgentFactory) -> Agent:
    """Return the agent that answers what the topology of the desk assigns to it."""
    role = factory.role(spec.model_copy(update={"prompt": spec.prompt or str(spec.role)}))
    assignment, masked = factory.assignment(spec), spec.role is RoleKind.MASKED_NEWS
    if spec.role is RoleKind.STRATEGIST:
        return Strategist(
            role, assignment, spec.tools, factory.signals, spec.sees, spec.persona, masked, samples=spec.samples
        )
    return Contributor(role, assignment, spec.tools, factory.signals, spec.sees, spec.persona, masked)


def _researcher(spec: RoleSpec, factory: _AgentFactory) -> Agent:
    return Researcher(factory.role(spec), Side(spec.name), debate.argue)


def _research_manager(spec: RoleSpec, factory: _AgentFactory) -> Agent:
    return ResearchManager(factory.role(spec), judge_debate)


def _trader(spec: RoleSpec, factory: _AgentFactory) -> Agent:
    return Trader(factory.role(spec), trader.plan_orders, factory.order_policy)


def _risk_analyst(spec: RoleSpec, factory: _AgentFactory) -> Agent:
    return RiskAnalyst(factory.role(spec), RiskAppetite(spec.name), risk_committee.assess)


def _risk_manager(spec: RoleSpec, factory: _AgentFactory) -> Agent:
    return RiskManager(factory.role(spec), risk_committee.review)


def _trade_proposer(spec: RoleSpec, factory: _AgentFactory) -> Agent:
    return TradeProposer(factory.role(spec), risk_debate.propose_trade)


def _risk_debater(spec: RoleSpec, factory: _AgentFactory) -> Agent:
    return RiskDebater(factory.role(spec), RiskAppetite(spec.name), risk_debate.argue_risk)


BUILDERS: Mapping[RoleKind, Builder] = {
    RoleKind.ANALYST: _analyst,
    RoleKind.SINGLE_AGENT: _single_agent,
    RoleKind.DECIDER: _decider,
    RoleKind.FILTER: _filter,
    RoleKind.PLANNER: _planner,
    RoleKind.DATA_AGENT: _contest_agent,
    RoleKind.CONTESTANT: _contest_agent,
    RoleKind.JUDGE: _contest_agent,
    RoleKind.PORTFOLIO_MANAGER: _portfolio_manager,
    RoleKind.RESEARCHER: _researcher,
    RoleKind.RESEARCH_MANAGER: _research_manager,
    RoleKind.TRADER: _trader,
    RoleKind.RISK_ANALYST: _risk_analyst,
    RoleKind.RISK_MANAGER: _risk_manager,
    RoleKind.TRADE_PROPOSER: _trade_proposer,
    RoleKind.RISK_DEBATER: _risk_debater,
    **dict.fromkeys((*CONTRIBUTING_KINDS, RoleKind.HEAD, RoleKind.CHIEF), _contributor),
}
