"""The context of an agent: everything it is given."""

from collections.abc import Iterable
from dataclasses import dataclass

from ..domain.abstention import Abstention
from ..domain.brief import Brief
from ..domain.decision import DebateTurn, RiskAssessment, RoleReport
from ..domain.errors import CitationError
from ..domain.evidence import Evidence
from ..domain.ids import EvidenceId
from ..domain.outputs import OrderPlan, Thesis
from ..memory.port import RecalledRecord
from ..memory.record import Record, Source
from ..tools.registry import EvidenceResult


@dataclass(frozen=True, slots=True)
class MissingEvidence:
    """A kind of evidence that a member looked for and did not find, and why.

    `failed` says that the source could not be asked, or held what cannot be true: whether there is any is unknown.
    """

    what: str
    reason: str
    failed: bool = False


@dataclass(frozen=True, slots=True)
class AgentContext:
    """What one member of the desk sees: the brief, and what the members before have put on the table."""

    brief: Brief
    evidence: tuple[Evidence, ...] = ()
    missing: tuple[MissingEvidence, ...] = ()
    reports: tuple[RoleReport, ...] = ()
    turns: tuple[DebateTurn, ...] = ()
    thesis: Thesis | None = None
    plan: OrderPlan | None = None
    opinions: tuple[RiskAssessment, ...] = ()
    abstentions: tuple[Abstention, ...] = ()
    memories: tuple[RecalledRecord, ...] = ()

    @property
    def citable(self) -> frozenset[EvidenceId]:
        """Return every id that may be cited: of the evidence, and of the recalled memories."""
        return frozenset(item.id for item in self.evidence) | {
            memory_evidence_id(recall.record) for recall in self.memories
        }

    def value(self, evidence_id: str) -> float | None:
        """Return the number that the evidence states, or None where it is absent."""
        for item in self.evidence:
            if item.id == evidence_id and item.value is not None:
                return float(item.value)
        return None

    def existing_ids(self, ids: Iterable[str]) -> tuple[EvidenceId, ...]:
        """Return those of `ids` that are in the case, in the order given."""
        held = {item.id for item in self.evidence}
        return tuple(EvidenceId(i) for i in ids if i in held)


MEMORY_ID_PREFIX = "mem."


def memory_evidence_id(record: Record) -> EvidenceId:
    """Return the id that a memory is cited by."""
    return EvidenceId(f"{MEMORY_ID_PREFIX}{record.id}")


def memory_source(source: Source) -> str:
    """Return where a memory comes from, as evidence names it."""
    return f"memory:{source}"


def missing_from(found: EvidenceResult) -> tuple[MissingEvidence, ...]:
    """Return what the tools did not find, and what their source failed to tell."""
    absent = tuple(MissingEvidence(tool, reason) for tool, reason in found.empty)
    return absent + tuple(MissingEvidence(tool, reason, failed=True) for tool, reason in found.failed)


def check_citations(cited: Iterable[EvidenceId], case_ids: Iterable[EvidenceId], *, required: bool = True) -> None:
    """Raise CitationError when nothing is cited though it is `required`, or when a citation is not in the case."""
    cited = tuple(cited)
    if required and not cited:
        raise CitationError("the answer cites no evidence; cite at least one id from the list")
    if unknown := sorted(set(cited) - set(case_ids)):
        raise CitationError(f"cited evidence is not in the case: {', '.join(unknown[:5])}")
