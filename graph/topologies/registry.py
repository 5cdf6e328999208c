"""All topologies that a desk file can name."""

from .contest import Contest
from .debate import Debate
from .filter import FilterTopology
from .panel import Panel
from .portfolio import PortfolioTopology
from .single_agent import SingleAgentTopology
from .topology import Topology
from .vote import VoteTopology

TOPOLOGIES: tuple[type[Topology], ...] = (
    Debate,
    SingleAgentTopology,
    Panel,
    VoteTopology,
    FilterTopology,
    PortfolioTopology,
    Contest,
)
