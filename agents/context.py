"""The context of an agent: all its inputs."""

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
    """A kind of evidence that an agent did not find, with the reason.

    `failed` is True if the source was unavailable or returned invalid data, so that it is unknown whether any exists.
    """

    what: str
    reason: str
    failed: bool = False


@dataclass(frozen=True, slots=True)
class AgentContext:
    """The inputs of one agent: the brief, the evidence, and the results of the agents before it."""

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
        """Return all ids that may be cited: those of the evidence and of the recalled memories."""
        return frozenset(item.id for item in self.evidence) | {
            memory_evidence_id(recall.record) for recall in self.memories
        }

    def value(self, evidence_id: str) -> float | None:
        """Return the value of an evidence item, or None if the item is absent or has no value."""
        for item in self.evidence:
            if item.id == evidence_id and item.value is not None:
                return float(item.value)
        return None

    def existing_ids(self, ids: Iterable[str]) -> tuple[EvidenceId, ...]:
        """Return those of `ids` that are in the evidence, in the given order."""
        known = {item.id for item in self.evidence}
        return tuple(EvidenceId(i) for i in ids if i in known)


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


def check_citations(cited: Iterable[EvidenceId], case_ids: Iterable[EvidenceId], *, required: bool = True) -> None:
    """Raise CitationError if a `required` citation is missing, or if a cited id is not among `case_ids`."""
    cited = tuple(cited)
    if required and not cited:
        raise CitationError("the answer cites no evidence; cite at least one id from the list")
    if unknown := sorted(set(cited) - set(case_ids)):
        raise CitationError(f"cited evidence is not in the case: {', '.join(unknown[:5])}")
