"""The context of an agent: all its inputs."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from typing import TypeVar

from ..domain.abstention import Abstention
from ..domain.brief import Brief
from ..domain.citing_output import citations_of
from ..domain.decision import DebateTurn, RiskAssessment, RoleReport
from ..domain.errors import CitationError
from ..domain.evidence import Evidence
from ..domain.ids import EvidenceId, Symbol
from ..domain.outputs import Argument, OrderPlan, Report, RiskOpinion, RiskReview, StructuredOutput, Thesis
from ..domain.remarks import Remark
from ..memory.port import RecalledRecord
from ..memory.record import Record, Source
from ..tools.registry import EvidenceResult


@dataclass(frozen=True, slots=True)
class MissingEvidence:
    """A kind of evidence that an agent did not find, with the reason.

    `failed` is True if the source was unavailable or returned invalid data, so that it is unknown whether any exists.
    `symbol` is that of the part of a book it is about; None at a desk for one symbol.
    """

    what: str
    reason: str
    failed: bool = False
    symbol: Symbol | None = None


T = TypeVar("T", bound=StructuredOutput)
BOOK_SEPARATOR = "/"
"""Between the symbol and the id of evidence in a book."""


@dataclass(frozen=True, slots=True)
class Contribution:
    """One output of an agent.

    Attributes:
        author: the name of the role, or of the computation.
        round: the number of turns that the author's stage had finished; 0 for the first.
        symbol: the symbol it is about, if the desk decides on several at once; else None.
        made_at: the time of the earlier decision that it was made for; None if it was made for this one.
    """

    author: str
    output: StructuredOutput
    round: int = 0
    symbol: Symbol | None = None
    made_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class AgentContext:
    """The inputs of one agent: the brief, the evidence, and the contributions of the agents before it.

    `book` has the briefs of all symbols if the agent decides over several at once; `brief` is then the first of them.
    """

    brief: Brief
    evidence: tuple[Evidence, ...] = ()
    missing: tuple[MissingEvidence, ...] = ()
    contributions: tuple[Contribution, ...] = ()
    abstentions: tuple[Abstention, ...] = ()
    memories: tuple[RecalledRecord, ...] = ()
    book: tuple[Brief, ...] = ()
    _index: dict[str, Decimal | None] = field(default_factory=dict, init=False, repr=False, compare=False)

    def latest(self, kind: type[T]) -> T | None:
        """Return the last output of `kind`, or None."""
        return next((made.output for made in reversed(self.contributions) if isinstance(made.output, kind)), None)

    def outputs(self, kind: type[T]) -> tuple[tuple[str, T], ...]:
        """Return all outputs of `kind` with their authors, in the order in which they were made."""
        return tuple((made.author, made.output) for made in self.contributions if isinstance(made.output, kind))

    def with_outputs(self, author: str, *outputs: StructuredOutput) -> "AgentContext":
        """Return the context with further outputs of one author."""
        return replace(self, contributions=(*self.contributions, *(Contribution(author, each) for each in outputs)))

    def work_of(self, authors: Collection[str]) -> "AgentContext":
        """Return the context with the work of these authors only, and the evidence that it cites."""
        made = tuple(each for each in self.contributions if each.author in authors)
        cited = {
            f"{each.symbol}{BOOK_SEPARATOR}{name}" if self.book and each.symbol is not None else name
            for each in made
            for name in citations_of(each.output)
        }
        evidence = tuple(item for item in self.evidence if item.id in cited)
        silent = tuple(each for each in self.abstentions if each.role in authors)
        return replace(self, contributions=made, evidence=evidence, missing=(), abstentions=silent)

    @property
    def reports(self) -> tuple[RoleReport, ...]:
        """Return the reports of the analysts."""
        return tuple(RoleReport(author, report) for author, report in self.outputs(Report))

    @property
    def turns(self) -> tuple[DebateTurn, ...]:
        """Return the turns of the debate."""
        return tuple(
            DebateTurn(made.author, made.round, made.output)
            for made in self.contributions
            if isinstance(made.output, Argument)
        )

    @property
    def remarks(self) -> tuple[DebateTurn, ...]:
        """Return the remarks as turns of a debate."""
        return tuple(
            DebateTurn(made.author, made.round, made.output.as_argument())
            for made in self.contributions
            if isinstance(made.output, Remark)
        )

    @property
    def thesis(self) -> Thesis | None:
        """Return the thesis, if there is one."""
        return self.latest(Thesis)

    @property
    def plan(self) -> OrderPlan | None:
        """Return the order plan, if there is one."""
        return self.latest(OrderPlan)

    @property
    def review(self) -> RiskReview | None:
        """Return the review of the risk manager, if there is one."""
        return self.latest(RiskReview)

    @property
    def opinions(self) -> tuple[RiskAssessment, ...]:
        """Return the opinions of the risk analysts."""
        opinions = self.outputs(RiskOpinion)
        return tuple(RiskAssessment(author, said) for author, said in opinions if not isinstance(said, RiskReview))

    @property
    def citable(self) -> frozenset[EvidenceId]:
        """Return all ids that may be cited: those of the evidence and of the recalled memories."""
        return frozenset([item.id for item in self.evidence]) | {
            memory_evidence_id(recall.record) for recall in self.memories
        }

    def value(self, evidence_id: str) -> float | None:
        """Return the value of an evidence item, or None if the item is absent or has no value."""
        found = self._values().get(evidence_id)
        return None if found is None else float(found)

    def existing_ids(self, ids: Iterable[str]) -> tuple[EvidenceId, ...]:
        """Return those of `ids` that are in the evidence, in the given order."""
        known = self._values()
        return tuple([EvidenceId(i) for i in ids if i in known])

    def _values(self) -> Mapping[str, Decimal | None]:
        """Return the values of the evidence by id, None for an item without one; computed once."""
        if not self._index:
            self._index.update({item.id: item.value for item in self.evidence})
        return self._index


MEMORY_ID_PREFIX = "mem."


def memory_evidence_id(record: Record) -> EvidenceId:
    """Return the evidence id of a memory."""
    return EvidenceId(f"{MEMORY_ID_PREFIX}{record.id}")


def memory_source(source: Source) -> str:
    """Return the source of a memory as an evidence source."""
    return f"memory:{source}"


def missing_from(found: EvidenceResult) -> tuple[MissingEvidence, ...]:
    """Return the evidence that the tools did not find, or that their source failed to provide."""
    absent = tuple(MissingEvidence(tool, reason) for tool, reason in found.empty)
    return absent + tuple(MissingEvidence(tool, reason, failed=True) for tool, reason in found.failed)


def missing_reasons(missing: Iterable[MissingEvidence]) -> str:
    """Return the reasons in one line, each once; empty if nothing is missing."""
    return "; ".join(dict.fromkeys(each.reason for each in missing))


def check_citations(cited: Iterable[EvidenceId], case_ids: Iterable[EvidenceId], *, required: bool = True) -> None:
    """Raise CitationError if a `required` citation is missing, or if a cited id is not among `case_ids`."""
    cited = tuple(cited)
    if required and not cited:
        raise CitationError("the answer cites no evidence; cite at least one id from the list")
    if unknown := sorted(set(cited) - set(case_ids)):
        raise CitationError(f"cited evidence is not in the case: {', '.join(unknown[:5])}")
