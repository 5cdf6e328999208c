"""The hierarchy: experts by modality, one head for each modality, and a chief who only sets how they are mixed."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from decimal import ROUND_UP, Decimal
from typing import Any, ClassVar, Literal

from ...agents.assignment import Assignment
from ...agents.book import cited_in_book
from ...agents.context import AgentContext, Contribution
from ...agents.decisions.computed import computed_decision
from ...domain.abstention import Abstention, AbstentionCause
from ...domain.book_outputs import AllocationDecision, AllocationEntry
from ...domain.brief import Brief
from ...domain.deliberation_outputs import MixWeight, PositionView
from ...domain.ids import EvidenceId, Symbol
from ...domain.proposal import DecisionKind
from ...llm.port import Tier
from ..flow import Flow, Step
from ..roles import Cadence, RoleKind, RoleSpec, Roster
from ..runtime import RunContext
from ..state import State, context_from_state
from .topology import Topology

CHIEF, HEADS, MIXTURE = "chief", "heads", "mixture"
MODALITIES = 2
MOST_CITED = 20
WEIGHT_DIGITS = Decimal("0.000001")
FILE_WEIGHT = " The weight is that of the desk file, because the chief has no view."
KINDS = frozenset({DecisionKind.EXPOSURE, DecisionKind.DIRECTION})


class Hierarchy(Topology):
    """Three tiers. A head sees the experts of its modality only, the chief the heads only.

    Over a book, experts and heads work on each symbol, and the chief sets one weight for the whole book, see
    `mixed_weights`.

    Attributes:
        long_only: whether the position is at least 0; always over a book.
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
        if len(roster.of(RoleKind.EXPERT)) != len(roster.roles) or any(not role.modality for role in roster.roles):
            raise ValueError("a hierarchy needs roles of kind expert with a modality, and no others")
        if len(modalities_of(roster)) != MODALITIES:
            raise ValueError(f"a hierarchy mixes two modalities, not {', '.join(modalities_of(roster))}")
        if hasty := [role.name for role in roster.roles if not role.cadence.outlasts(self.cadence)]:
            raise ValueError(f"{hasty[0]} acts more often than its head; give it the cadence {self.cadence} too")
        kinds = {DecisionKind.ALLOCATION} if roster.over_book else KINDS
        if roster.decision not in kinds:
            scope = "over a book" if roster.over_book else "about one symbol"
            raise ValueError(
                f"a hierarchy {scope} cannot decide on {roster.decision}; use one of: {', '.join(sorted(kinds))}"
            )
        if roster.over_book and not self.long_only:
            raise ValueError("a hierarchy over a book holds no short positions; use long_only: true")
        if self.mix is not None and not 0 <= self.mix <= 1:
            raise ValueError(f"mix must be from 0 to 1, not {self.mix}")

    def decider(self, roster: Roster) -> str:
        """Return the mixture of the heads' positions."""
        return MIXTURE

    def assignment(self, spec: RoleSpec, roster: Roster) -> Assignment[Any]:
        """Return what a role answers; the instructions for the chief of a book name the first head."""
        given = super().assignment(spec, roster)
        if spec.role is not RoleKind.CHIEF or not roster.over_book:
            return given
        first = head_of(modalities_of(roster)[0])
        words = f"The first head is {first}. One weight applies to its positions in all symbols of the book."
        return replace(given, instructions=words)

    def turns_per_symbol(self, roster: Roster) -> int:
        """Return the experts and the heads."""
        return len(roster.roles) + MODALITIES

    def wire(self, flow: Flow, after: Step, roster: Roster) -> Step:
        """Wire experts, heads, the chief if both heads have a position, and the mixture."""
        heads = tuple(map(head_of, modalities_of(roster)))
        tier = flow.map_symbols if roster.over_book else flow.parallel

        def mix(state: State, run_context: RunContext) -> State:
            context = context_from_state(state, run_context.brief, run_context.book)
            return self._mix_book(context, heads) if roster.over_book else self._mix(context, roster, heads)

        def met(state: State, run_context: RunContext) -> State:
            return _check_heads(context_from_state(state, run_context.brief, run_context.book), heads)

        tiers = tier(tier(after, roster.names(RoleKind.EXPERT)), heads)
        complete = flow.compute(tiers, HEADS, met).when(lambda state: bool(_complete(state, heads)))
        return flow.compute(flow.then(complete, CHIEF), MIXTURE, mix)

    def _mix_book(self, context: AgentContext, heads: tuple[str, ...]) -> State:
        """Contribute the weights over the book, or abstain without the weight of the mix."""
        stated = context.latest(MixWeight)
        weight = stated.weight if stated is not None else self.mix
        if weight is None:
            return _abstain(MIXTURE, "the chief has set no weight")
        views = {
            (made.author, made.symbol): made.output
            for made in cited_in_book(context).contributions
            if isinstance(made.output, PositionView) and made.author in heads and made.symbol is not None
        }
        known = [brief.symbol for brief in context.book if all((head, brief.symbol) in views for head in heads)]
        first, second = ({symbol: views[head, symbol].position for symbol in known} for head in heads)
        kept = {brief.symbol: present_weight(brief) for brief in context.book if brief.symbol not in known}
        weights = mixed_weights(first, second, weight, kept)
        decided = AllocationDecision(
            entries=tuple(AllocationEntry(symbol=each, weight=weights[each]) for each in sorted(weights)),
            cash=max(0.0, 1.0 - sum(weights.values())),
            summary=f"{weight:.2f} x {heads[0]} + {1 - weight:.2f} x {heads[1]}."
            + (f" The weights of {', '.join(sorted(kept))} stay as they are." if kept else "")
            + ("" if stated else FILE_WEIGHT),
            evidence=_cited(views.values())[:MOST_CITED],
        )
        return State(contributions=(Contribution(MIXTURE, decided),))

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
            + ("" if stated else FILE_WEIGHT),
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


def mixed_weights(
    first: Mapping[Symbol, float], second: Mapping[Symbol, float], weight: float, kept: Mapping[Symbol, float]
) -> dict[Symbol, float]:
    """Return the weights over a book, as shares of equity: m w_1 + (1 - m) w_2, and those in `kept` as they are.

    The weights of a head are w = r x max(p, 0) / max(sum of all max(p, 0), 1) for its positions p, with the room r =
    1 - sum of `kept`; the rest is cash. `first` and `second` have the same symbols.
    """
    room = max(0.0, 1.0 - sum(kept.values()))
    scales = [room / max(sum(max(p, 0.0) for p in head.values()), 1.0) for head in (first, second)]
    mixed = {
        symbol: weight * scales[0] * max(first[symbol], 0.0) + (1 - weight) * scales[1] * max(second[symbol], 0.0)
        for symbol in first
    }
    return {**mixed, **kept}


def present_weight(brief: Brief) -> float:
    """Return the weight of a long position as a share of equity, not rounded down; 0 without one."""
    account = brief.account
    value = max(account.quantity(brief.symbol) * brief.quote.last_close, Decimal(0))
    return float((value / account.equity).quantize(WEIGHT_DIGITS, ROUND_UP)) if account.equity > 0 else 0.0


def _check_heads(context: AgentContext, heads: Sequence[str]) -> State:
    """Abstain for the heads without a position: on each symbol of a book, or for the desk."""
    symbols: Sequence[Symbol | None] = [brief.symbol for brief in context.book] or [None]
    silent = {
        symbol: [head for head in heads if (head, symbol) not in {(e.author, e.symbol) for e in context.contributions}]
        for symbol in symbols
    }
    reasons = {symbol: f"no position of {', '.join(names)}" for symbol, names in silent.items() if names}
    if not reasons:
        return State(counters={})
    abstained = (Abstention(HEADS, AbstentionCause.INCOMPLETE, text, symbol) for symbol, text in reasons.items())
    return State(abstentions=tuple(abstained))


def _complete(state: State, heads: Sequence[str]) -> list[Symbol | None]:
    """Return the symbols on which all heads have a position; None is the only symbol of a desk."""
    made = {(each.author, each.symbol) for each in state.get("contributions", ())}
    symbols: Sequence[Symbol | None] = state.get("symbols") or (None,)
    return [symbol for symbol in symbols if all((head, symbol) in made for head in heads)]


def _abstain(author: str, reason: str) -> State:
    return State(abstentions=(Abstention(author, AbstentionCause.INCOMPLETE, reason),))
