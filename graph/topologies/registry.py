"""All topologies that a desk file can name."""

from .contest import Contest
from .debate import Debate
from .filter import FilterTopology
from .hierarchy import Hierarchy
from .market import PredictionMarket
from .panel import Panel
from .portfolio import PortfolioTopology
from .route import Route
from .single_agent import SingleAgentTopology
from .table import Table
from .topology import Topology
from .vote import VoteTopology

TOPOLOGIES: tuple[type[Topology], ...] = (
    Debate,
    SingleAgentTopology,
    Panel,
    VoteTopology,
    Table,
    Route,
    PredictionMarket,
    Hierarchy,
    FilterTopology,
    PortfolioTopology,
    Contest,
)
