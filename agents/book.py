"""The context of a desk that decides over a book: the part of one symbol, and the ids of evidence of several."""

from collections.abc import Iterable
from dataclasses import replace

from ..domain.evidence import Evidence
from ..domain.ids import EvidenceId, Symbol
from .context import AgentContext

SEPARATOR = "/"


def book_id(symbol: Symbol, evidence_id: str) -> EvidenceId:
    """Return the id of one symbol's evidence in a book: `AAPL/px.close`."""
    return EvidenceId(f"{symbol}{SEPARATOR}{evidence_id}")


def in_book(evidence: Iterable[Evidence], symbol: Symbol) -> tuple[Evidence, ...]:
    """Return one symbol's evidence with the ids that it has in a book."""
    return tuple(replace(item, id=book_id(symbol, item.id)) for item in evidence)


def of_symbol(evidence: Iterable[Evidence], symbol: Symbol) -> tuple[Evidence, ...]:
    """Return the evidence of one symbol of a book with the ids that it has outside of a book."""
    prefix = f"{symbol}{SEPARATOR}"
    return tuple(
        replace(item, id=EvidenceId(item.id.removeprefix(prefix))) for item in evidence if item.id.startswith(prefix)
    )


def scoped(context: AgentContext, symbol: Symbol) -> AgentContext:
    """Return the part of a book's context that is about one symbol, as the context of a decision on it alone."""
    return replace(
        context,
        brief=next(brief for brief in context.book if brief.symbol == symbol),
        book=(),
        evidence=of_symbol(context.evidence, symbol),
        missing=tuple(item for item in context.missing if item.symbol in {None, symbol}),
        contributions=tuple(made for made in context.contributions if made.symbol == symbol),
        abstentions=tuple(each for each in context.abstentions if each.symbol in {None, symbol}),
    )
