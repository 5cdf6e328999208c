"""The contributor: an agent whose answer is neither a report nor the decision, and is read by a topology."""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from ..domain.abstention import Abstention, AbstentionCause
from ..domain.ids import Symbol
from ..market.view import MarketView
from ..tools.registry import gather_evidence
from ..tools.signals.spec import DEFAULT_SIGNALS, SignalSpec
from . import formatting
from .agent import AgentResult, AgentTask
from .assignment import Assignment
from .book import cited_in_book, named_by_symbol
from .context import AgentContext, missing_from, missing_reasons
from .recall import ALL_ASPECTS, aspects_of
from .role import Role

INPUTS = frozenset({"instructions", "persona", "evidence", "work", "absent", "memories", "ticker", "as_of"})
MASK = "the company"


@dataclass(frozen=True, slots=True)
class Contributor:
    """Reads evidence of its tools and the work of others, and answers its assignment: on one symbol, or on a book.

    On a book it reads the work about all symbols, and no evidence of its own.

    Attributes:
        tools: the sources of evidence that it reads itself.
        signals: the signals of the tool `signals`.
        sees: the authors whose work it sees, with the evidence that they cite; None for everything.
        persona: a sentence of character, or empty.
        masked: whether name and symbol of the company are replaced in what it reads.
    """

    role: Role
    assignment: Assignment[Any]
    tools: tuple[str, ...] = ()
    signals: Sequence[SignalSpec] = DEFAULT_SIGNALS
    sees: Collection[str] | None = None
    persona: str = ""
    masked: bool = False

    def __post_init__(self) -> None:
        self.role.check_prompt(self.assignment.kind, INPUTS)

    async def act(self, task: AgentTask) -> AgentResult:
        """Return the answer, or an abstention with nothing to read or if the model fails.

        Raises SourceUnavailable or InvalidData when the source of its tools fails.
        """
        context, own = self.read(task)
        if not context.evidence and not context.contributions:
            reason = missing_reasons(own.missing) or "there is nothing to read"
            return AgentResult(Abstention(self.role.name, AbstentionCause.DATA, reason), missing=own.missing)
        context = cited_in_book(context) if context.book else context
        context = await task.with_memories(context, aspects_of(self.tools) if self.tools else ALL_ASPECTS)
        answer = await self.answer(self.role, context, task.view)
        outcome = answer if isinstance(answer, Abstention) else (answer,)
        return AgentResult(outcome, own.evidence, own.missing, context.memories)

    def read(self, task: AgentTask) -> tuple[AgentContext, AgentContext]:
        """Return what the agent sees in all, and the part that it has read itself."""
        seen = task.context if self.sees is None else task.context.work_of(self.sees)
        if not self.tools:
            return seen, AgentContext(seen.brief)
        found = gather_evidence(task.view, seen.brief.symbol, self.tools, self.signals)
        own = AgentContext(seen.brief, found.evidence, missing_from(found))
        known = {item.id for item in own.evidence}
        others = tuple(item for item in seen.evidence if item.id not in known)
        return replace(seen, evidence=(*own.evidence, *others), missing=(*own.missing, *seen.missing)), own

    async def answer(self, role: Role, context: AgentContext, view: MarketView) -> Any:
        """Return the answer of the model or the rule of `role`, or an abstention."""
        answer = await role.generate(
            self.assignment.output,
            lambda: self._inputs(context, view),
            rule=lambda: self.assignment.rule(context),
            check=lambda answer: self.assignment.check_answer(answer, context),
            pictures=lambda: role.draw_charts(view, context.brief),
        )
        return replace(answer, role=self.role.name) if isinstance(answer, Abstention) else answer

    def _inputs(self, context: AgentContext, view: MarketView) -> Mapping[str, str]:
        own = formatting.format_evidence if self.tools else formatting.format_exhibits
        inputs = {
            "instructions": self.assignment.instructions or formatting.EMPTY,
            "persona": self.persona or formatting.EMPTY,
            "evidence": own(context.evidence),
            "work": formatting.format_work(named_by_symbol(context) if context.book else context),
            "absent": formatting.format_missing(context.missing, context.abstentions),
            "memories": formatting.format_memories(context.memories),
            "ticker": ", ".join(brief.symbol for brief in context.book) or context.brief.symbol,
            "as_of": formatting.format_as_of(context.brief),
        }
        if not self.masked:
            return inputs
        names = company_names(view, context.brief.symbol)
        return {name: masked(text, names) for name, text in inputs.items()}


LEGAL_FORMS = re.compile(
    r"[\s,]+(?:inc|corp|corporation|company|co|ltd|limited|plc|ag|sa|nv|group|holdings?)\.?$", re.I
)


def company_names(view: MarketView, symbol: Symbol) -> tuple[str, ...]:
    """Return the symbol and the name of the company with and without its legal form, the longest first."""
    profile = view.profile(symbol)
    name = profile.name.strip() if profile is not None else ""
    short = name
    while (shorter := LEGAL_FORMS.sub("", short)) != short:
        short = shorter
    return tuple(sorted({each for each in (str(symbol), name, short) if len(each) > 1}, key=len, reverse=True))


def masked(text: str, names: Iterable[str]) -> str:
    """Return `text` with every name, as a whole word, replaced by `MASK`; ids in square brackets stay as they are."""
    pattern = "|".join(re.escape(name) for name in names)
    if not pattern:
        return text
    parts = re.split(r"(\[[^\[\]\s]+\])", text)
    hidden = re.compile(rf"(?<!\w)(?:{pattern})(?!\w)", re.IGNORECASE)
    return "".join(part if part.startswith("[") else hidden.sub(MASK, part) for part in parts)
