"""Progress of a run: the number of its steps, and what it has spent."""

from collections.abc import Mapping, Sequence

from ..graph.desk_config import DeskConfig
from ..llm.port import ModelCall
from ..llm.pricing import Price
from ..llm.usage import cost_usd
from .observer import Spent


def count_steps(desk: DeskConfig) -> int:
    """Return how many answers of roles a complete decision of `desk` has."""
    if desk.single_agent is not None:
        return 1
    talk = desk.deliberation
    deciding = 2  # the research manager and the trader
    chair = 0 if desk.risk.chair is None else 1
    return len(desk.analysts) + len(talk.sides) * (1 + talk.rounds) + deciding + len(desk.risk.committee) + chair


def spent_by(calls: Sequence[ModelCall], prices: Mapping[str, Price]) -> Spent:
    """Return calls, tokens and cost of the finished model calls of a run."""
    tokens = sum(call.prompt_tokens + call.completion_tokens for call in calls)
    return Spent(len(calls), tokens, cost_usd(calls, prices))
