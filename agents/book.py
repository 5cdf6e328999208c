"""The context of a desk that decides over a book: the part of one symbol, and the ids of evidence of several."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from ..domain.citing_output import citations_of
from ..domain.evidence import Evidence
from ..domain.ids import EvidenceId, Symbol
from ..tools.registry import gather_evidence
from ..tools.signals.spec import DEFAULT_SIGNALS, SignalSpec
from .agent import AgentTask
from .context import BOOK_SEPARATOR, AgentContext, missing_from

SEPARATOR = BOOK_SEPARATOR


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


def cited_in_book(context: AgentContext) -> AgentContext:
    """Return a book's context in which the work about one symbol cites evidence by the ids that it has in the book."""
    made = tuple(
        replace(each, output=each.output.model_copy(update={"evidence": cited}))
        if each.symbol is not None and (cited := _book_ids(each.symbol, citations_of(each.output)))
        else each
        for each in context.contributions
    )
    return replace(context, contributions=made)


def named_by_symbol(context: AgentContext) -> AgentContext:
    """Return the context in which the author of work about one symbol of a book is shown as `AUTHOR on SYMBOL`."""
    made = tuple(
        each if each.symbol is None else replace(each, author=f"{each.author} on {each.symbol}")
        for each in context.contributions
    )
    return replace(context, contributions=made)


def _book_ids(symbol: Symbol, ids: Iterable[str]) -> tuple[EvidenceId, ...]:
    return tuple(book_id(symbol, each) for each in ids)


def read_book(
    task: AgentTask,
    tools: Iterable[str],
    symbols: Iterable[Symbol] | None = None,
    signals: Sequence[SignalSpec] = DEFAULT_SIGNALS,
) -> AgentContext:
    """Return the task's context with the evidence of `tools` on each symbol of the book, or on `symbols` only."""
    context, names = task.context, tuple(tools)
    chosen = {brief.symbol for brief in context.book} if symbols is None else set(symbols)
    for brief in context.book if names else ():
        if brief.symbol not in chosen:
            continue
        found = gather_evidence(task.view, brief.symbol, names, signals)
        missing = (replace(each, symbol=brief.symbol) for each in missing_from(found))
        context = replace(
            context,
            evidence=_merged(context.evidence, in_book(found.evidence, brief.symbol)),
            missing=(*context.missing, *missing),
        )
    return context


def _merged(known: tuple[Evidence, ...], more: tuple[Evidence, ...]) -> tuple[Evidence, ...]:
    ids = {item.id for item in known}
    return (*known, *(item for item in more if item.id not in ids))
