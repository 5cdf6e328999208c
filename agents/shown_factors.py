"""The factors of a contest that contestants are shown: those that the ranking of factors has chosen."""

from collections.abc import Mapping

from ..domain.contest_outputs import FactorRanking, TextFactor
from .context import AgentContext


def shown_factors(context: AgentContext) -> Mapping[str, TextFactor]:
    """Return the chosen factors by author, best first; all factors if none were ranked."""
    factors, ranking = dict(context.outputs(TextFactor)), context.latest(FactorRanking)
    return factors if ranking is None else {name: factors[name] for name in ranking.shown}
