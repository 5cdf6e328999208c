"""Which parts of a decision cite which evidence."""

from collections.abc import Iterable, Mapping

from ..domain.decision import Decision
from ..domain.ids import EvidenceId
from .contribution_tables import cited_in


def cited_by(decision: Decision) -> Mapping[EvidenceId, tuple[str, ...]]:
    """Return the parts of a decision that cite each evidence id, in order."""
    named: dict[EvidenceId, list[str]] = {}
    for part, ids in _citations(decision):
        for one in ids:
            if part not in named.setdefault(one, []):
                named[one].append(part)
    return {one: tuple(parts) for one, parts in named.items()}


def _citations(decision: Decision) -> Iterable[tuple[str, Iterable[EvidenceId]]]:
    yield from ((filed.role, filed.report.evidence) for filed in decision.reports)
    yield from ((turn.speaker, turn.argument.evidence) for turn in decision.debate)
    yield from cited_in(decision.contributions)
    if decision.thesis:
        yield "thesis", decision.thesis.evidence
    yield from (("orders", order.evidence) for order in decision.risk.asked)
    yield from ((risk_analyst.speaker, risk_analyst.opinion.evidence) for risk_analyst in decision.opinions)
    if decision.review:
        yield "risk manager", decision.review.evidence
