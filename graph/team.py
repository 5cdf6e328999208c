"""The team of a desk: its agents by role."""

from collections.abc import Mapping
from dataclasses import dataclass

from ..agents.analyst import Analyst
from ..agents.recall import aspect_of
from ..agents.reflector import Reflector
from ..agents.research_manager import ResearchManager
from ..agents.researcher import Researcher
from ..agents.risk_committee import RiskAnalyst, RiskManager
from ..agents.role import Role
from ..agents.single_agent import SingleAgent
from ..agents.trader import Trader
from ..memory.record import Aspect


@dataclass(frozen=True, slots=True)
class Team:
    """The agents of a desk, independent of a decision.

    Attributes:
        research_manager, trader: None for a single-agent desk.
        single_agent: None for a desk with a debate.
        rounds: answers of each side after the opening arguments.
        reflector: writes lessons about known outcomes; None for a desk without a memory.
    """

    analysts: tuple[Analyst, ...] = ()
    researchers: tuple[Researcher, ...] = ()
    research_manager: ResearchManager | None = None
    trader: Trader | None = None
    single_agent: SingleAgent | None = None
    risk_analysts: tuple[RiskAnalyst, ...] = ()
    risk_manager: RiskManager | None = None
    rounds: int = 0
    reflector: Reflector | None = None

    @property
    def analyst_aspects(self) -> Mapping[str, Aspect]:
        """Return each analyst's name with the aspect of its first tool, by which its results are weighted."""
        return {analyst.role.name: aspect_of(analyst.tools[0]) for analyst in self.analysts}

    @property
    def roles(self) -> tuple[Role, ...]:
        """Return all roles, in the order in which they act for the first time."""
        research = (*self.analysts, *self.researchers, self.research_manager, self.trader, self.single_agent)
        agents = (*research, *self.risk_analysts, self.risk_manager, self.reflector)
        return tuple(agent.role for agent in agents if agent is not None)
