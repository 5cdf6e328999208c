"""All topologies that a desk file can name."""

from .debate import Debate
from .single_agent import SingleAgentTopology
from .topology import Topology

TOPOLOGIES: tuple[type[Topology], ...] = (Debate, SingleAgentTopology)
