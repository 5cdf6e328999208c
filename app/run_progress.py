"""Progress of a run: what it has spent."""

from collections.abc import Mapping, Sequence

from ..llm.port import ModelCall
from ..llm.pricing import Price
from ..llm.usage import cost_usd
from .observer import Spent


def spent_by(calls: Sequence[ModelCall], prices: Mapping[str, Price]) -> Spent:
    """Return calls, tokens and cost of the finished model calls of a run."""
    tokens = sum(call.prompt_tokens + call.completion_tokens for call in calls)
    return Spent(len(calls), tokens, cost_usd(calls, prices))
