"""The filter of a book: which symbols need their fundamentals to be read before the desk decides."""

from dataclasses import dataclass
from decimal import Decimal

from ..domain.abstention import Abstention, AbstentionCause
from ..domain.book_outputs import NeedEntry, NeedsDecision
from ..domain.brief import Brief
from ..domain.errors import InvalidOutput
from . import formatting
from .agent import AgentResult, AgentTask
from .book import read_book, scoped
from .book_formatting import format_book
from .context import AgentContext, missing_reasons
from .role import Role

INPUTS = frozenset({"book", "account", "as_of"})
LARGE_SHARE = Decimal("0.2")
"""Share of equity from which a position is large."""


@dataclass(frozen=True, slots=True)
class BookFilter:
    """Names the symbols of a book whose fundamentals are needed (StockBench); the default is that none are.

    Attributes:
        tools: the sources of evidence that it reads itself for every symbol.
    """

    role: Role
    tools: tuple[str, ...]

    def __post_init__(self) -> None:
        self.role.check_prompt("book_filter", INPUTS)

    async def act(self, task: AgentTask) -> AgentResult:
        """Return what is needed, or an abstention without evidence or if the model fails."""
        context = read_book(task, self.tools)
        if not context.evidence:
            reason = missing_reasons(context.missing[:5]) or "its tools found nothing"
            return AgentResult(Abstention(self.role.name, AbstentionCause.DATA, reason), missing=context.missing)
        answer = await self.role.generate(
            NeedsDecision,
            lambda: _inputs(context),
            rule=lambda: NeedsDecision(entries=tuple(_by_rule(context, brief) for brief in context.book)),
            check=lambda answer: _check(answer, context),
        )
        outcome = answer if isinstance(answer, Abstention) else (answer,)
        return AgentResult(outcome, context.evidence, context.missing)


def _inputs(context: AgentContext) -> dict[str, str]:
    account = context.brief.account
    return {
        "book": format_book(context),
        "account": f"equity {account.equity:,.2f}, available cash {account.cash:,.2f}",
        "as_of": formatting.format_as_of(context.brief),
    }


def _check(answer: NeedsDecision, context: AgentContext) -> None:
    named, asked = [entry.symbol for entry in answer.entries], {brief.symbol for brief in context.book}
    if strange := sorted(set(named) - asked):
        raise InvalidOutput(f"these symbols were not asked for: {', '.join(strange[:10])}")
    if len(named) != len(set(named)):
        raise InvalidOutput("a symbol occurs more than once")


def _by_rule(context: AgentContext, brief: Brief) -> NeedEntry:
    """Need fundamentals after news, and for a position of a fifth of equity or more; otherwise not."""
    own = scoped(context, brief.symbol)
    held = brief.account.quantity(brief.symbol) * brief.quote.last_close
    large = abs(held) >= brief.account.equity * LARGE_SHARE
    news = any(item.id.startswith("news.") for item in own.evidence)
    reason = "there is news" if news else "the position is large" if large else "nothing unusual"
    return NeedEntry(symbol=brief.symbol, needed=news or large, reason=reason)
