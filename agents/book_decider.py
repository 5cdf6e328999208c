"""The book decider: one answer over all symbols of a book."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from ..domain.abstention import Abstention, AbstentionCause
from ..domain.book_outputs import BookView, NeedsDecision
from ..domain.errors import InvalidOutput
from ..domain.outputs import Thesis
from ..market.view import MarketView
from ..tools.signals.spec import DEFAULT_SIGNALS, SignalSpec
from . import formatting
from .agent import AgentResult, AgentTask
from .book import read_book, scoped
from .book_formatting import format_book
from .context import AgentContext, MissingEvidence, check_citations, missing_reasons
from .decisions.book_forms import BookForm, RatedSymbol
from .role import Role

Rule = Callable[[AgentContext], Thesis | Abstention]

Defects = Callable[[BookView, AgentContext, MarketView], Sequence[str]]
MOST_DEFECTS = 10


def no_defects(_: BookView, __: AgentContext, ___: MarketView) -> Sequence[str]:
    """Find no defects."""
    return ()


INPUTS = frozenset({"instructions", "persona", "book", "account", "absent", "as_of", "next_session"})


@dataclass(frozen=True, slots=True)
class BookDecider:
    """Decides over a book from the contributions about its symbols, or from its own evidence.

    Attributes:
        rule: returns the thesis on one symbol, from which the form derives the answer without a model.
        tools: the sources of evidence it reads itself for every symbol.
        granted: further sources that it reads for the symbols only that the filter of the desk has named.
        defects: returns what an answer must correct to become orders, as sentences.
        refusals: returns what limits and broker would refuse of an answer without defects, as sentences. A model
            receives them within the same attempts; the orders of a rule are cut instead.
        attempts: number of answers until one passes all checks; after the last the agent abstains.
    """

    role: Role
    form: BookForm[Any]
    rule: Rule
    tools: tuple[str, ...] = ()
    persona: str = ""
    granted: tuple[str, ...] = ()
    defects: Defects = no_defects
    refusals: Defects = no_defects
    attempts: int = 2
    signals: Sequence[SignalSpec] = DEFAULT_SIGNALS

    def __post_init__(self) -> None:
        self.role.check_prompt("book_decider", INPUTS)

    async def act(self, task: AgentTask) -> AgentResult:
        """Return the decision.

        Returns an abstention with nothing to decide on, or if the model fails, cites unknown evidence or insists on an
        answer that does not fit the book. Raises SourceUnavailable or InvalidData when the source of its tools fails.
        """
        context = await task.with_memories(self._read(task))
        if not context.evidence and not context.contributions:
            own = context.missing[:5] if self.tools else ()  # analysts state what they miss about their symbol
            reason = missing_reasons(own) or "no analyst had a view of any symbol"
            return AgentResult(Abstention(self.role.name, AbstentionCause.DATA, reason), missing=context.missing)
        answer = await self.role.generate(
            self.form.output,
            lambda: self._inputs(context),
            rule=lambda: self._by_rule(context),
            check=lambda answer: self._check(answer, context, task.view),
            attempts=self.attempts,
        )
        read = (context.evidence, context.missing) if self.tools else ((), ())
        return AgentResult(answer if isinstance(answer, Abstention) else (answer,), *read, context.memories)

    def _read(self, task: AgentTask) -> AgentContext:
        context = read_book(task, self.tools, signals=self.signals)
        needs = context.latest(NeedsDecision)
        if needs is None or not self.granted:
            return context
        chosen = [entry.symbol for entry in needs.entries if entry.needed]
        return read_book(replace(task, context=context), self.granted, chosen, self.signals)

    def _by_rule(self, context: AgentContext) -> Any:
        rated = [RatedSymbol(brief, self.rule(scoped(context, brief.symbol))) for brief in context.book]
        if all(isinstance(each.thesis, Abstention) for each in rated):
            return Abstention(self.role.name, AbstentionCause.DATA, rated[0].summary)
        return self.form.by_rule(rated)

    def _check(self, answer: Any, context: AgentContext, view: MarketView) -> None:
        check_citations(answer.evidence, context.citable)
        self.form.check(answer, context)
        defects = self.defects(answer, context, view)
        if not defects and self.role.model is not None:
            defects = self.refusals(answer, context, view)
        if defects:
            raise InvalidOutput("; ".join(defects[:MOST_DEFECTS]))

    def _inputs(self, context: AgentContext) -> dict[str, str]:
        brief = context.brief
        missing = (replace(each, what=_named(each)) for each in context.missing)
        return {
            "instructions": self.form.instructions,
            "persona": self.persona or formatting.EMPTY,
            "book": format_book(context),
            "account": f"equity {brief.account.equity:,.2f}, available cash {brief.account.cash:,.2f}",
            "absent": formatting.format_missing(missing, context.abstentions),
            "as_of": formatting.format_as_of(brief),
            "next_session": f"{brief.next_session}",
        }


def _named(missing: MissingEvidence) -> str:
    return missing.what if missing.symbol is None else f"{missing.symbol} {missing.what}"
