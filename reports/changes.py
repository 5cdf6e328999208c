"""What changed since the last decision on the same symbol."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from ..domain.decision import Decision
from ..domain.evidence import Evidence
from ..domain.ids import EvidenceId


@dataclass(frozen=True, slots=True)
class ChangeLine:
    """One figure of the earlier and of the present decision, as text."""

    name: str
    before: str
    after: str

    @property
    def changed(self) -> bool:
        """Return whether the figure differs."""
        return self.before != self.after


@dataclass(frozen=True, slots=True)
class EvidenceChange:
    """A cited fact that differs between two decisions; None where it was not cited or not known."""

    before: Evidence | None
    after: Evidence | None


@dataclass(frozen=True, slots=True)
class Changes:
    """Differences between a decision and the one before it."""

    previous: Decision
    lines: tuple[ChangeLine, ...]
    evidence: tuple[EvidenceChange, ...]


def changes_since(previous: Decision, decision: Decision) -> Changes:
    """Compare outcome, rating, conviction, target position and the evidence that either thesis cites."""
    pairs = zip(_figures(previous), _figures(decision), strict=True)
    return Changes(
        previous=previous,
        lines=tuple(ChangeLine(name, before, after) for (name, before), (_, after) in pairs),
        evidence=tuple(_evidence(previous, decision)),
    )


def target_quantity(decision: Decision) -> Decimal:
    """Return the position in shares if the allowed orders fill; closing stops and trailing stops do not count."""
    held = decision.position.quantity if decision.position else Decimal(0)
    moves = (
        order.action.sign * order.quantity
        for order in decision.risk.allowed
        if order.action.opens or (order.stop_price is None and order.trail is None)
    )
    return held + sum(moves, Decimal(0))


def _figures(decision: Decision) -> tuple[tuple[str, str], ...]:
    thesis = decision.thesis
    return (
        ("Outcome", str(decision.outcome)),
        ("Rating", str(thesis.rating) if thesis else "none"),
        ("Conviction", f"{thesis.conviction:+.2f}" if thesis else "none"),
        ("Target position, shares", f"{target_quantity(decision).normalize():,f}"),
    )


def _evidence(previous: Decision, decision: Decision) -> Iterable[EvidenceChange]:
    was, now = ({fact.id: fact for fact in each.evidence} for each in (previous, decision))
    for one in dict.fromkeys((*_cited(decision), *_cited(previous))):
        before, after = was.get(one), now.get(one)
        if (before and before.text) != (after and after.text):
            yield EvidenceChange(before, after)


def _cited(decision: Decision) -> tuple[EvidenceId, ...]:
    return tuple(decision.thesis.evidence) if decision.thesis else ()
