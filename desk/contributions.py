"""The contributions without a section of their own in the decision record, and ids of evidence of a book."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

from pydantic import JsonValue

from ..agents.book import SEPARATOR
from ..agents.context import AgentContext, Contribution
from ..domain.decision import KeptContribution, RecordedContribution
from ..domain.ids import EvidenceId, Symbol
from ..domain.outputs import Argument, OrderPlan, Report, RiskOpinion, Thesis
from ..domain.proposal import Proposal, SignalsProposal

RECORDED_ELSEWHERE = (Report, Argument, Thesis, OrderPlan, RiskOpinion)
"""Outputs that are the reports, the debate, the thesis, the plan and the committee of a decision."""
EVIDENCE = "evidence"


def with_book_contributions(part: AgentContext, book: AgentContext) -> AgentContext:
    """Return the context of one symbol of a book with what was contributed about the whole book."""
    whole = tuple(made for made in book.contributions if made.symbol is None and _has_no_section(made))
    return replace(part, contributions=(*whole, *part.contributions))


def recorded_contributions(context: AgentContext, agents: Collection[str]) -> tuple[RecordedContribution, ...]:
    """Return what agents and computations contributed beside reports, debate, thesis, plan and committee.

    `agents` are the names of the roles; within a round, computations come after them. Citations are those of the
    evidence of `context`, with its ids: those of other symbols of a book are left out.
    """
    made = sorted(filter(_has_no_section, context.contributions), key=lambda each: each.author not in agents)
    known, symbol = {item.id for item in context.evidence}, context.brief.symbol
    return tuple(
        RecordedContribution(
            each.author, each.round, _kind(each), _localized(each.output.model_dump(mode="json"), known, symbol)
        )
        for each in made
    )


def kept_contributions(context: AgentContext) -> tuple[KeptContribution, ...]:
    """Return the roles whose contributions were made for earlier decisions, with the times of these, sorted by role."""
    made = {(each.author, each.made_at) for each in context.contributions if each.made_at is not None}
    return tuple(KeptContribution(role, made_at) for role, made_at in sorted(made))


def _has_no_section(made: Contribution) -> bool:
    return not isinstance(made.output, RECORDED_ELSEWHERE)


def _kind(made: Contribution) -> str:
    return str(getattr(made.output, "schema_name", type(made.output).__name__))


def _localized(content: Mapping[str, JsonValue], known: Collection[str], symbol: Symbol) -> dict[str, JsonValue]:
    """Return content with the citations that the evidence of one symbol has, at every depth."""
    return {
        name: list(local_ids([str(each) for each in value], known, symbol))
        if name == EVIDENCE and isinstance(value, list)
        else _inside(value, known, symbol)
        for name, value in content.items()
    }


def _inside(value: JsonValue, known: Collection[str], symbol: Symbol) -> JsonValue:
    if isinstance(value, dict):
        return _localized(value, known, symbol)
    return [_inside(each, known, symbol) for each in value] if isinstance(value, list) else value


def local_ids(ids: Sequence[str], known: Collection[str], symbol: Symbol) -> tuple[EvidenceId, ...]:
    """Return those of `ids` that are `known`, without the prefix `SYMBOL/` that they have in a book."""
    bare = (each if each in known else each.removeprefix(f"{symbol}{SEPARATOR}") for each in ids)
    return tuple(EvidenceId(each) for each in bare if each in known)


def local_proposal(proposal: Proposal | None, context: AgentContext) -> Proposal | None:
    """Return a proposal over a book as it is recorded for the symbol of `context`.

    Signals of other symbols keep no citations: their evidence is recorded with the decisions on those symbols.
    """
    if not isinstance(proposal, SignalsProposal):
        return proposal
    known, symbol = {item.id for item in context.evidence}, context.brief.symbol
    entries = (replace(entry, evidence=local_ids(entry.evidence, known, symbol)) for entry in proposal.entries)
    return SignalsProposal(tuple(entries))
