"""The agents of a contest over a book: data agents, contestants and judges (ContestTrade)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from ..domain.abstention import Abstention, AbstentionCause
from ..domain.book_outputs import SignalsDecision
from ..domain.contest_outputs import Deductions, TextFactor
from ..domain.errors import InvalidOutput
from ..domain.outputs import StructuredOutput
from . import formatting
from .agent import AgentResult, AgentTask
from .book import read_book
from .book_formatting import format_book
from .context import AgentContext, check_citations
from .outside_text import sanitize_line
from .role import Role
from .rules import contest as rules
from .shown_factors import shown_factors

INPUTS = frozenset({"persona", "book", "work", "account", "as_of"})
MOST_SIGNALS = 5


class ContestPart(StrEnum):
    """What an agent does in a contest."""

    FACTOR = "factor"
    SIGNALS = "signals"
    JUDGEMENT = "judgement"


@dataclass(frozen=True, slots=True)
class ContestAgent:
    """One agent of a contest. Contestants see the best factors, judges all signals.

    Attributes:
        persona: the belief of a contestant, or empty.
        tools: the sources of evidence that it reads itself for every symbol.
    """

    role: Role
    part: ContestPart
    tools: tuple[str, ...] = ()
    persona: str = ""

    def __post_init__(self) -> None:
        self.role.check_prompt("contest", INPUTS)

    async def act(self, task: AgentTask) -> AgentResult:
        """Return the answer, or an abstention with nothing to work on, or if the model fails or insists on a defect."""
        context = read_book(task, self.tools)
        if not (context.evidence or context.contributions):
            return AgentResult(
                Abstention(self.role.name, AbstentionCause.DATA, "there is nothing to work on"), missing=context.missing
            )
        duty = _DUTIES[self.part]
        answer = await self.role.generate(
            duty.output,
            lambda: self._inputs(context),
            rule=lambda: duty.rule(context, self.persona),
            check=lambda answer: duty.check(answer, context),
        )
        read = (context.evidence, context.missing) if self.tools else ((), ())
        return AgentResult(answer if isinstance(answer, Abstention) else (answer,), *read)

    def _inputs(self, context: AgentContext) -> dict[str, str]:
        account = context.brief.account
        return {
            "persona": self.persona or formatting.EMPTY,
            "book": format_book(context),
            "work": "\n".join(_DUTIES[self.part].work(context)) or formatting.EMPTY,
            "account": f"equity {account.equity:,.2f}, available cash {account.cash:,.2f}",
            "as_of": formatting.format_as_of(context.brief),
        }


def _factor_lines(context: AgentContext) -> list[str]:
    return [
        f"{name}: {sanitize_line(factor.text)} "
        + ", ".join(f"{each.symbol} {each.rating:+.2f}" for each in factor.ratings)
        for name, factor in shown_factors(context).items()
    ]


def _signal_lines(context: AgentContext) -> list[str]:
    return [
        f"{name} {entry.action} {entry.symbol}, probability {entry.probability:.0%}; evidence "
        f"{' '.join(entry.evidence)}; limitations: {sanitize_line('; '.join(entry.limitations))}"
        for name, said in context.outputs(SignalsDecision)
        for entry in said.entries
    ]


def _nothing(_: AgentContext) -> list[str]:
    return []


def _check_factor(answer: TextFactor, context: AgentContext) -> None:
    check_citations(answer.evidence, context.citable)
    _check_symbols([each.symbol for each in answer.ratings], context)


def _check_signals(answer: SignalsDecision, context: AgentContext) -> None:
    if not 1 <= len(answer.entries) <= MOST_SIGNALS:
        raise InvalidOutput(f"submit 1 to {MOST_SIGNALS} signals, not {len(answer.entries)}")
    _check_symbols([each.symbol for each in answer.entries], context)
    cited = [*answer.evidence, *(name for entry in answer.entries for name in entry.evidence)]
    check_citations(cited, context.citable)


def _check_symbols(named: list[Any], context: AgentContext) -> None:
    if strange := sorted(set(named) - {brief.symbol for brief in context.book}):
        raise InvalidOutput(f"these symbols were not asked for: {', '.join(strange[:10])}")
    if len(named) != len(set(named)):
        raise InvalidOutput("a symbol occurs more than once")


def _check_deductions(answer: Deductions, context: AgentContext) -> None:
    known = {(name, each.symbol) for name, said in context.outputs(SignalsDecision) for each in said.entries}
    named = {(entry.contestant, entry.symbol) for entry in answer.entries}
    if strange := sorted(f"{contestant} {symbol}" for contestant, symbol in named - known):
        raise InvalidOutput(f"there is no signal {', '.join(strange[:5])}")


@dataclass(frozen=True, slots=True)
class _Duty:
    """What a part answers with, by which rule, how it is checked, and whose work it sees."""

    output: type[StructuredOutput]
    rule: Callable[[AgentContext, str], Any]
    check: Callable[[Any, AgentContext], None]
    work: Callable[[AgentContext], list[str]]


_DUTIES: Mapping[ContestPart, _Duty] = {
    ContestPart.FACTOR: _Duty(TextFactor, rules.factor, _check_factor, _nothing),
    ContestPart.SIGNALS: _Duty(SignalsDecision, rules.signals, _check_signals, _factor_lines),
    ContestPart.JUDGEMENT: _Duty(Deductions, rules.deductions, _check_deductions, _signal_lines),
}
