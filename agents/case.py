"""The case: all that lies before the bench."""

from collections.abc import Iterable
from dataclasses import dataclass

from ..domain.abstention import Abstention
from ..domain.answers import OrderPlan, Thesis
from ..domain.brief import Brief
from ..domain.decision import RiskVoiceOpinion, RoleReport, Turn
from ..domain.errors import CitationError
from ..domain.evidence import Evidence
from ..domain.ids import EvidenceId
from ..memory.port import Recall
from ..memory.record import Record, Source
from ..tools.toolbox import Gathered


@dataclass(frozen=True, slots=True)
class Missing:
    """A kind of evidence that a member looked for and did not find, and why.

    `failed` says that the source could not be asked, or held what cannot be true: whether there is any is unknown.
    """

    what: str
    reason: str
    failed: bool = False


@dataclass(frozen=True, slots=True)
class Case:
    """What one member of the desk sees: the brief, and what the members before have put on the table."""

    brief: Brief
    evidence: tuple[Evidence, ...] = ()
    missing: tuple[Missing, ...] = ()
    reports: tuple[RoleReport, ...] = ()
    turns: tuple[Turn, ...] = ()
    thesis: Thesis | None = None
    plan: OrderPlan | None = None
    opinions: tuple[RiskVoiceOpinion, ...] = ()
    absences: tuple[Abstention, ...] = ()
    memories: tuple[Recall, ...] = ()

    @property
    def citable(self) -> frozenset[EvidenceId]:
        """Return every id that may be cited: of the evidence, and of the memories that came to mind."""
        return frozenset(item.id for item in self.evidence) | {cited_as(recall.record) for recall in self.memories}

    def value(self, evidence_id: str) -> float | None:
        """Return the number that the evidence states, or None where it is absent."""
        for item in self.evidence:
            if item.id == evidence_id and item.value is not None:
                return float(item.value)
        return None

    def known(self, ids: Iterable[str]) -> tuple[EvidenceId, ...]:
        """Return those of `ids` that are in the case, in the order given."""
        held = {item.id for item in self.evidence}
        return tuple(EvidenceId(i) for i in ids if i in held)


CITED = "mem."


def cited_as(record: Record) -> EvidenceId:
    """Return the id that a memory is cited by."""
    return EvidenceId(f"{CITED}{record.id}")


def memory_source(source: Source) -> str:
    """Return where a memory comes from, as evidence names it."""
    return f"memory:{source}"


def looked_for(found: Gathered) -> tuple[Missing, ...]:
    """Return what the tools did not find, and what their source failed to tell."""
    absent = tuple(Missing(tool, reason) for tool, reason in found.absent)
    return absent + tuple(Missing(tool, reason, failed=True) for tool, reason in found.failed)


def check_citations(cited: Iterable[EvidenceId], case_ids: Iterable[EvidenceId], *, required: bool = True) -> None:
    """Raise CitationError when nothing is cited though it is `required`, or when a citation is not in the case."""
    cited = tuple(cited)
    if required and not cited:
        raise CitationError("the answer cites no evidence; cite at least one id from the list")
    if unknown := sorted(set(cited) - set(case_ids)):
        raise CitationError(f"cited evidence is not in the case: {', '.join(unknown[:5])}")
