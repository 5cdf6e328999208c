"""Format a book for a prompt: a part for each symbol, cut to a length that all symbols share."""

from ..domain.book_outputs import NeedsDecision
from ..domain.brief import Brief
from ..domain.ids import Symbol
from . import formatting
from .book import book_id, of_symbol, scoped
from .context import AgentContext
from .history_formatting import format_history
from .outside_text import sanitize_line

MOST_CHARACTERS, LEAST_CHARACTERS = 60_000, 160
FACT_CHARACTERS = 400
"""Characters of all symbols together, the least that one symbol gets, and the most of one fact."""


def format_book(context: AgentContext) -> str:
    """Return the memories of the whole book, if there are any, and one part for each symbol.

    What does not fit is counted at the end of the part.
    """
    room = max(MOST_CHARACTERS // max(len(context.book), 1), LEAST_CHARACTERS)
    remembered = [formatting.format_memories(context.memories)] if context.memories else []
    return "\n".join([*remembered, *(_part(context, brief, room) for brief in context.book)])


def _part(context: AgentContext, brief: Brief, room: int) -> str:
    own = scoped(context, brief.symbol)
    lines = [f"{brief.symbol}: {formatting.format_market(brief)}; {_held(brief)}"]
    if (needs := context.latest(NeedsDecision)) is not None:
        entry = needs.of(brief.symbol)
        lines.append(f"fundamentals {'needed' if entry.needed else 'not needed'}: {sanitize_line(entry.reason)}")
    lines += format_history(brief.account.past_decisions)
    lines += [line for line in (formatting.format_reports(own.reports),) if line != formatting.EMPTY]
    lines += [
        f"[{book_id(brief.symbol, item.id)}] {formatting.truncate(item.text, FACT_CHARACTERS)}"
        for item in of_symbol(context.evidence, brief.symbol)
    ]
    return _fitting(brief.symbol, lines, room)


def _held(brief: Brief) -> str:
    held = brief.account.holdings.get(brief.symbol)
    if held is None:
        return "not held"
    return f"{held.quantity:f} shares worth {held.quantity * brief.quote.last_close:,.2f}"


def _fitting(symbol: Symbol, lines: list[str], room: int) -> str:
    """Return the lines that fit; the first is always kept."""
    kept, length = lines[:1], len(lines[0])
    for line in lines[1:]:
        length += len(line) + 1
        if length > room:
            break
        kept.append(line)
    left_out = len(lines) - len(kept)
    return "\n".join(kept) + (f"\n({left_out} more facts on {symbol} are left out)" if left_out else "")
