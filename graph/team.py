"""The team of a desk: its agents by role."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from ..agents.agent import Agent
from ..agents.analyst import Analyst
from ..agents.recall import aspect_of
from ..agents.reflector import Reflector
from ..agents.role import Role
from ..domain.brief import Brief
from ..llm.policy.numbered_model import NumberedModel
from ..memory.record import Aspect
from ..prompts.library import Prompt


@dataclass(frozen=True, slots=True)
class Team:
    """The agents of a desk, independent of a decision.

    Attributes:
        agents: by name, in the order in which they act for the first time.
        follow_ups: the agents of roles with a follow-up prompt, once the account has traded or holds the symbol.
        reflector: writes lessons about known outcomes; None for a desk without a memory.
        learners: the roles that learn for the desk outside its decisions, by name.
    """

    agents: Mapping[str, Agent]
    reflector: Reflector | None = None
    follow_ups: Mapping[str, Agent] = field(default_factory=dict)
    learners: Mapping[str, Role] = field(default_factory=dict)

    def agent(self, name: str, brief: Brief | None = None) -> Agent:
        """Return the agent with this name, that of a later decision if the account of `brief` says so."""
        later = self.follow_ups.get(name)
        return self.agents[name] if later is None or brief is None or not _is_later(brief) else later

    @property
    def analyst_aspects(self) -> Mapping[str, Aspect]:
        """Return each analyst's name with the aspect of its first tool, by which its results are weighted."""
        return {name: aspect_of(agent.tools[0]) for name, agent in self.agents.items() if isinstance(agent, Analyst)}

    @property
    def roles(self) -> tuple[Role, ...]:
        """Return all roles, in the order in which they act for the first time."""
        agents = tuple(agent.role for agent in self.agents.values())
        reflector = () if self.reflector is None else (self.reflector.role,)
        return (*agents, *reflector, *self.learners.values())

    def with_prompt(self, name: str, prompt: Prompt) -> "Team":
        """Return the team with another prompt for the role `name`, which has no follow-up prompt."""
        changed = _with_role(self.agents[name], replace(self.agents[name].role, prompt=prompt))
        return replace(self, agents={**self.agents, name: changed})

    def numbered(self, number: int) -> "Team":
        """Return the team whose models give answers with a number; 0 for those that they give anyway."""
        if not number:
            return self
        agents, later = (
            {name: _with_role(agent, _numbered(agent.role, number)) for name, agent in group.items()}
            for group in (self.agents, self.follow_ups)
        )
        return replace(self, agents=agents, follow_ups=later)


def _with_role(agent: Any, role: Role) -> Agent:
    changed: Agent = replace(agent, role=role)
    return changed


def _numbered(role: Role, number: int) -> Role:
    return role if role.model is None else replace(role, model=NumberedModel(role.model, number))


def _is_later(brief: Brief) -> bool:
    """Return whether the account has traded the symbol on an earlier decision, or holds it."""
    account = brief.account
    return bool(account.last_orders) or brief.symbol in account.holdings
