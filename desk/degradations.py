"""What a decision lacked, as sentences: missing evidence, silent roles, models that may know the future."""

from datetime import datetime

from ..agents.context import AgentContext
from ..domain.abstention import Abstention
from ..domain.decision import ModelInfo
from ..llm.cutoffs import knowledge_cutoff
from ..market.view import MarketView

OPTIONAL_TOOLS = frozenset({"actions", "filings", "profile"})
"""Tools whose empty result is normal and not reported as missing."""


def cutoff_warnings(model: ModelInfo, as_of: datetime) -> tuple[str, ...]:
    """Return a sentence for each model whose training data may extend beyond `as_of`."""
    cutoffs = (knowledge_cutoff(name) for name in dict.fromkeys((model.name, model.deep_name)))
    warnings = (cutoff.warning(as_of.date()) for cutoff in cutoffs if cutoff is not None)
    return tuple(warning for warning in warnings if warning is not None)


def degradations(context: AgentContext | None, view: MarketView) -> tuple[str, ...]:
    """Return sentences on missing or outdated evidence and on roles that abstained."""
    if context is None:
        return ("no market data, so no role was asked",)
    missing = tuple(f"no {m.what}: {m.reason}" for m in context.missing if m.failed or m.what not in OPTIONAL_TOOLS)
    known = {m.reason for m in context.missing}
    silent = tuple(_abstention_text(abstention, known) for abstention in context.abstentions)
    return tuple(dict.fromkeys(missing + view.warnings(context.brief.symbol) + silent))


def _abstention_text(abstention: Abstention, known: set[str]) -> str:
    """Return the role and cause of an abstention, with its reason unless the missing evidence states it already."""
    stated = set(abstention.reason.split("; ")) <= known
    return f"{abstention.role} abstained ({abstention.cause})" + ("" if stated else f": {abstention.reason}")
