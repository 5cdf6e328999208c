"""The form of a rating whose thesis has sections of quoted evidence."""

from collections.abc import Iterable, Mapping
from itertools import groupby

from ...domain.abstention import Abstention, AbstentionCause
from ...domain.decision_outputs import QuotedPoint, QuotedSection, SectionedRating
from ...domain.errors import InvalidOutput
from ...domain.evidence import Evidence
from ...domain.outputs import Thesis
from ..context import AgentContext, check_citations
from .form import view_fields

MOST_POINTS = 3


def check_quotes(answer: SectionedRating, context: AgentContext, sections: tuple[int, int]) -> None:
    """Raise InvalidOutput for too few or many sections and for a quote that is not in its source.

    Raises CitationError for an unknown source. White space does not count.
    """
    least, most = sections
    if not least <= len(answer.sections) <= most:
        raise InvalidOutput(f"the thesis has {len(answer.sections)} sections; this desk asks for {least} to {most}")
    texts = {item.id: _words(item.text) for item in context.evidence}
    for point in (point for section in answer.sections for point in section.points):
        check_citations((point.source,), context.citable)
        if point.source in texts and _words(point.quote) not in texts[point.source]:
            raise InvalidOutput(f"the quote {point.quote!r:.60} is not in [{point.source}]; copy its words")


def _words(text: str) -> str:
    return " ".join(text.split())


def quoted_thesis(
    thesis: Thesis, context: AgentContext, sections: tuple[int, int], horizon: int | None
) -> SectionedRating | Abstention:
    """Return the thesis with a section for each kind of evidence; abstain with fewer kinds than sections."""
    least, most = sections
    kinds = _by_kind(context.evidence)
    if len(kinds) < least:
        reason = f"the evidence is of {len(kinds)} kinds, and the thesis needs {least} sections"
        return Abstention("single_agent", AbstentionCause.DATA, reason)
    written = tuple(_section(kind, items) for kind, items in list(kinds.items())[:most])
    fields = {"rating": thesis.rating, "conviction": thesis.conviction, "sections": written}
    return SectionedRating.model_validate({**view_fields(thesis, horizon), **fields})


def _by_kind(evidence: Iterable[Evidence]) -> Mapping[str, tuple[Evidence, ...]]:
    """Return the evidence by the part of its id before the dot; that is the kind, such as `px` or `news`."""
    ordered = sorted(evidence, key=_prefix)
    return {prefix: tuple(items) for prefix, items in groupby(ordered, _prefix)}


def _prefix(item: Evidence) -> str:
    return item.id.split(".")[0]


def _section(kind: str, items: Iterable[Evidence]) -> QuotedSection:
    points = tuple(
        QuotedPoint(opinion="Counted as its rule reads it.", quote=item.text, source=item.id)
        for item in list(items)[:MOST_POINTS]
    )
    return QuotedSection(title=kind, points=points)
