"""Outputs of agents that cite evidence."""

from typing import Protocol, runtime_checkable

from .ids import EvidenceId


@runtime_checkable
class CitingOutput(Protocol):
    """An output that cites evidence, by the ids that it has in the case."""

    @property
    def evidence(self) -> tuple[EvidenceId, ...]: ...


def citations_of(output: object) -> tuple[EvidenceId, ...]:
    """Return the ids of the evidence that an output cites; empty for a kind of output that cites none."""
    return output.evidence if isinstance(output, CitingOutput) else ()
