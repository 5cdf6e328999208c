"""The hierarchy: experts by modality, one head for each modality, and a chief who only sets how they are mixed."""

from collections.abc import Iterable
from typing import ClassVar, Literal

from ...agents.context import AgentContext, Contribution
from ...agents.decisions.computed import computed_decision
from ...domain.abstention import Abstention, AbstentionCause
from ...domain.deliberation_outputs import MixWeight, PositionView
from ...domain.ids import EvidenceId
from ...domain.proposal import DecisionKind
from ...llm.port import Tier
from ..flow import Flow, Step
from ..roles import Cadence, RoleKind, RoleSpec, Roster
from ..runtime import RunContext
from ..state import State, context_from_state
from .topology import ONE_SYMBOL, Topology

CHIEF, HEADS, MIXTURE = "chief", "heads", "mixture"
MODALITIES = 2
KINDS = frozenset({DecisionKind.EXPOSURE, DecisionKind.DIRECTION})


class Hierarchy(Topology):
    """Three tiers. A head sees the experts of its modality only, the chief the heads only.

    Attributes:
        long_only: whether the position is at least 0.
        mix: the weight of the first modality if the chief has no view; None to abstain.
        cadence: how often heads and chief act.
    """

    kind: Literal["hierarchy"] = "hierarchy"
    long_only: bool = True
    mix: float | None = None
    cadence: Cadence = Cadence.SESSION
    reads: ClassVar[frozenset[RoleKind]] = frozenset({RoleKind.EXPERT})

    def roles(self, roster: Roster) -> tuple[RoleSpec, ...]:
        """Return a head for each modality, and the chief."""
        heads = tuple(
            RoleSpec(
                role=RoleKind.HEAD,
                name=head_of(modality),
                cadence=self.cadence,
                sees=tuple(expert.name for expert in roster.of(RoleKind.EXPERT) if expert.modality == modality),
            )
            for modality in modalities_of(roster)
        )
        chief = RoleSpec(
            role=RoleKind.CHIEF,
            name=CHIEF,
            model=Tier.DEEP,
            cadence=self.cadence,
            sees=tuple(head.name for head in heads),
        )
        return (*heads, chief)

    def computations(self) -> tuple[str, ...]:
        """Return the computations before the chief and after it."""
        return (HEADS, MIXTURE)

    def check(self, roster: Roster) -> None:
        """Raise ValueError unless there are experts of two modalities, no other roles, and a share as the mix."""
        if roster.over_book:
            raise ValueError(ONE_SYMBOL)
        if len(roster.of(RoleKind.EXPERT)) != len(roster.roles) or any(not role.modality for role in roster.roles):
            raise ValueError("a hierarchy needs roles of kind expert with a modality, and no others")
        if len(modalities_of(roster)) != MODALITIES:
            raise ValueError(f"a hierarchy mixes two modalities, not {', '.join(modalities_of(roster))}")
        if hasty := [role.name for role in roster.roles if role.cadence.rank < self.cadence.rank]:
            raise ValueError(f"{hasty[0]} acts more often than its head; give it the cadence {self.cadence} too")
        if roster.decision not in KINDS:
            raise ValueError(f"a hierarchy cannot decide on {roster.decision}; use one of: {', '.join(sorted(KINDS))}")
        if self.mix is not None and not 0 <= self.mix <= 1:
            raise ValueError(f"mix must be from 0 to 1, not {self.mix}")

    def decider(self, roster: Roster) -> str:
        """Return the mixture of the heads' positions."""
        return MIXTURE

    def wire(self, flow: Flow, after: Step, roster: Roster) -> Step:
        """Wire experts, heads, the chief if both heads have a position, and the mixture."""
        heads = tuple(map(head_of, modalities_of(roster)))

        def mix(state: State, run_context: RunContext) -> State:
            return self._mix(context_from_state(state, run_context.brief), roster, heads)

        def met(state: State, _: RunContext) -> State:
            silent = _silent(state, heads)
            return _abstain(HEADS, f"no position of {', '.join(silent)}") if silent else State(counters={})

        tiers = flow.parallel(flow.parallel(after, roster.names(RoleKind.EXPERT)), heads)
        complete = flow.compute(tiers, HEADS, met).when(lambda state: not _silent(state, heads))
        return flow.compute(flow.then(complete, CHIEF), MIXTURE, mix)

    def _mix(self, context: AgentContext, roster: Roster, heads: tuple[str, ...]) -> State:
        """Contribute the decision m h_1 + (1 - m) h_2, or abstain without the weight m."""
        views = {author: view for author, view in context.outputs(PositionView) if author in heads}
        stated = context.latest(MixWeight)
        weight = stated.weight if stated is not None else self.mix
        if weight is None:
            return _abstain(MIXTURE, "the chief has set no weight")
        first, second = (views[head].position for head in heads)
        value = weight * first + (1 - weight) * second
        made = computed_decision(
            MIXTURE,
            roster.decision,
            max(0.0, value) if self.long_only else value,
            roster.form,
            summary=f"{weight:.2f} x {heads[0]} {first:+.2f} + {1 - weight:.2f} x {heads[1]} {second:+.2f}."
            + ("" if stated else " The weight is that of the desk file, because the chief has no view."),
            evidence=_cited(views.values()),
        )
        if isinstance(made, Abstention):
            return State(abstentions=(made,))
        return State(contributions=tuple(Contribution(MIXTURE, output) for output in made))


def modalities_of(roster: Roster) -> tuple[str, ...]:
    """Return the modalities of the experts, in the order of the desk file."""
    return tuple(dict.fromkeys(role.modality for role in roster.of(RoleKind.EXPERT) if role.modality))


def head_of(modality: str) -> str:
    """Return the name of the head of a modality."""
    return f"{modality}_head"


def _cited(views: Iterable[PositionView]) -> tuple[EvidenceId, ...]:
    return tuple(dict.fromkeys(name for view in views for name in view.evidence))


def _silent(state: State, heads: tuple[str, ...]) -> list[str]:
    made = {each.author for each in state.get("contributions", ())}
    return [head for head in heads if head not in made]


def _abstain(author: str, reason: str) -> State:
    return State(abstentions=(Abstention(author, AbstentionCause.INCOMPLETE, reason),))
