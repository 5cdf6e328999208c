"""The route: a router weighs experts, and the desk takes the weighted mean of their positions."""

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field

from ...agents.assignment import Assignment
from ...agents.assignments import regime_router, score_router, weight_router
from ...agents.context import AgentContext, Contribution, MissingEvidence
from ...agents.decisions.computed import computed_decision
from ...domain.abstention import Abstention, AbstentionCause
from ...domain.citing_output import citations_of
from ...domain.deliberation_outputs import ExpertScores, ExpertWeights, Guidance
from ...domain.errors import DataError
from ...domain.proposal import DecisionKind
from ...tools.evidence.numeric import signal_evidence
from ...tools.signals.routing import mix_positions
from ..flow import Flow, Step
from ..roles import RoleKind, RoleSpec, Roster
from ..runtime import RunContext
from ..state import State, context_from_state, contributed
from .routing import SIGNAL_PREFIX, Regime, WeightRule, expert_weights, positions_of, stated_weights
from .topology import ONE_SYMBOL, Topology

READ_SIGNALS, ROUTING, MIXTURE = "read_signals", "routing", "mixture"
GUIDE = "guide"
KINDS = frozenset({DecisionKind.EXPOSURE, DecisionKind.DIRECTION})
Weight = Annotated[float, Field(ge=0, allow_inf_nan=False)]
Tilt = Annotated[float, Field(allow_inf_nan=False)]


class Route(Topology):
    """A router before experts, which are the desk's signals or its roles of kind expert.

    Attributes:
        weights: `softmax` of the router's scores, its best expert (`one_hot`), its own weights (`stated`), `static`
            weights without a router, or the `guide` of a strategist, whose tau is the exposure.
        static: the weights without a router; all experts are equal without it.
        fallback: what a router without a usable answer leads to: an abstention, or the static weights.
        tilts: by regime and expert, what a certain regime adds to the expert's score.
        long_only: whether a short position is replaced by none.
    """

    kind: Literal["route"] = "route"
    weights: WeightRule | Literal["guide"] = WeightRule.SOFTMAX
    static: Mapping[str, Weight] = {}
    fallback: Literal["abstain", "static"] = "abstain"
    tilts: Mapping[Regime, Mapping[str, Tilt]] = {}
    long_only: bool = False
    uses_signals: ClassVar[bool] = True
    reads: ClassVar[frozenset[RoleKind]] = frozenset(
        {RoleKind.ROUTER, RoleKind.EXPERT, RoleKind.STRATEGIST, RoleKind.MASKED_NEWS}
    )

    def computations(self) -> tuple[str, ...]:
        """Return the computations that read signals, weigh experts and mix their positions."""
        return (READ_SIGNALS, ROUTING, MIXTURE)

    def check(self, roster: Roster) -> None:
        """Raise ValueError unless the router or strategist, the experts and the static weights fit together."""
        if roster.over_book:
            raise ValueError(ONE_SYMBOL)
        if roster.decision not in KINDS:
            raise ValueError(f"a route cannot decide on {roster.decision}; use one of: {', '.join(sorted(KINDS))}")
        _check_leader(roster, self._leader)
        experts, roles = experts_of(roster), roster.of(RoleKind.EXPERT)
        if roles and roster.signals:
            raise ValueError("the experts of a route are its signals or its roles of kind expert, not both")
        if self.weights == GUIDE and roles:
            raise ValueError("a strategist guides signals, not roles of kind expert")
        if self.weights != GUIDE and not experts:
            raise ValueError("a route needs experts: list signals, or roles of kind expert")
        if unknown := sorted({*self.static, *(name for row in self.tilts.values() for name in row)} - {*experts}):
            raise ValueError(f"there is no expert {unknown[0]}; the experts are {', '.join(experts)}")
        if self.static and not any(self.static.values()):
            raise ValueError("all static weights are 0")

    @property
    def _leader(self) -> RoleKind | None:
        """Return the kind of the role that weighs the experts."""
        if self.weights == GUIDE:
            return RoleKind.STRATEGIST
        return None if self.weights is WeightRule.STATIC else RoleKind.ROUTER

    @property
    def applies_guidance(self) -> bool:
        """Return whether the strategist's tau is the exposure."""
        return self.weights == GUIDE

    def assignment(self, spec: RoleSpec, roster: Roster) -> Assignment[Any]:
        """Return what a role answers; the router's answer depends on the weights."""
        if spec.role is not RoleKind.ROUTER:
            return super().assignment(spec, roster)
        experts = experts_of(roster)
        by_rule = {WeightRule.ONE_HOT: score_router, WeightRule.STATED: weight_router}
        rule = by_rule.get(WeightRule(self.weights))
        return regime_router(experts) if rule is None else rule(experts)

    def decider(self, roster: Roster) -> str:
        """Return the mixture of the positions."""
        return MIXTURE

    def wire(self, flow: Flow, after: Step, roster: Roster) -> Step:
        """Wire signals, news, the role that weighs, the chosen experts, and their mixture."""

        def read(state: State, run_context: RunContext) -> State:
            return _read_signals(run_context, roster)

        def mix(state: State, run_context: RunContext) -> State:
            return self._mix(context_from_state(state, run_context.brief), roster)

        def weigh(state: State, run_context: RunContext) -> State:
            return self._weigh(context_from_state(state, run_context.brief), roster)

        step = flow.parallel(flow.compute(after, READ_SIGNALS, read), roster.names(RoleKind.MASKED_NEWS))
        step = flow.serial(step, roster.names(RoleKind.STRATEGIST, RoleKind.ROUTER))
        weighed = flow.compute(step, ROUTING, weigh).when(
            contributed(Guidance if self.weights == GUIDE else ExpertWeights)
        )
        if roles := roster.names(RoleKind.EXPERT):
            weighed = flow.choose(weighed, roles, _weighted)
        return flow.compute(weighed, MIXTURE, mix)

    def _weigh(self, context: AgentContext, roster: Roster) -> State:
        """Contribute the weights of the experts, or abstain if there are none."""
        if self.weights == GUIDE:
            return State(counters={})
        answer = context.latest(ExpertScores)
        routed = expert_weights(answer, experts_of(roster), WeightRule(self.weights), self.static, self.tilts)
        if routed.fallback and self.fallback == "abstain":
            return _abstain(ROUTING, f"the experts have no weights: {routed.fallback}")
        return State(contributions=(Contribution(ROUTING, stated_weights(routed, answer.evidence if answer else ())),))

    def _mix(self, context: AgentContext, roster: Roster) -> State:
        """Contribute the decision of the weighted mean of the positions, or abstain without a position."""
        experts, stated = experts_of(roster), context.latest(ExpertWeights)
        weights = {each.expert: each.score for each in stated.weights} if stated else dict.fromkeys(experts, 1.0)
        positions = positions_of(context, experts)
        value = mix_positions(weights, positions) if experts else 1.0
        if value is None:
            return _abstain(MIXTURE, f"no expert has a position: {', '.join(experts)}")
        guidance = context.latest(Guidance)
        if guidance is not None and self.weights == GUIDE:
            value = guidance.tau * abs(value)
        if self.long_only:
            value = max(0.0, value)
        made = computed_decision(
            MIXTURE,
            roster.decision,
            min(1.0, max(-1.0, value)),
            roster.form,
            summary=_summary(weights if stated else {}, positions, guidance, value, stated.fallback if stated else ""),
            evidence=_evidence(context, experts),
        )
        if isinstance(made, Abstention):
            return State(abstentions=(made,))
        return State(contributions=tuple(Contribution(MIXTURE, output) for output in made))


def experts_of(roster: Roster) -> tuple[str, ...]:
    """Return the names of the experts: the roles of kind expert, else the signals."""
    return roster.names(RoleKind.EXPERT) or tuple(each.name for each in roster.signals)


def _check_leader(roster: Roster, leader: RoleKind | None) -> None:
    routers, strategists = len(roster.of(RoleKind.ROUTER)), len(roster.of(RoleKind.STRATEGIST))
    if routers != (wanted := int(leader is RoleKind.ROUTER)):
        raise ValueError(f"a route with these weights needs {wanted} roles of kind router, not {routers}")
    if strategists > 1 or (leader is RoleKind.STRATEGIST and not strategists):
        raise ValueError(f"a guided route needs 1 strategist, and others have at most 1, not {strategists}")


def _read_signals(run_context: RunContext, roster: Roster) -> State:
    """Add the desk's signals to the evidence; a source without bars leaves them missing."""
    if not roster.signals:
        return State(counters={})
    try:
        return State(evidence=signal_evidence(run_context.view, run_context.brief.symbol, roster.signals))
    except DataError as error:
        return State(missing=(MissingEvidence("signals", str(error), failed=True),))


def _weighted(state: State) -> tuple[str, ...]:
    """Return the experts with a weight above 0."""
    stated = [made.output for made in state.get("contributions", ()) if isinstance(made.output, ExpertWeights)]
    return tuple(each.expert for each in stated[-1].weights if each.score > 0)


def _evidence(context: AgentContext, experts: tuple[str, ...]) -> Any:
    cited = (citations_of(made.output) for made in context.contributions)
    signals = context.existing_ids(f"{SIGNAL_PREFIX}{name}" for name in experts)
    return tuple(dict.fromkeys([*signals, *(name for names in cited for name in names)]))


def _summary(
    weights: Mapping[str, float],
    positions: Mapping[str, float | None],
    guidance: Guidance | None,
    value: float,
    fallback: str,
) -> str:
    """Return the arithmetic of a decision in words."""
    held = (
        f"{name} {'no position' if position is None else f'{position:+.2f}'}"
        + (f" x {weights[name]:.3f}" if name in weights else "")
        for name, position in positions.items()
        if not weights or weights.get(name)
    )
    guided = f"The strategist: {guidance.line()} " if guidance else ""
    static = f" The weights are static, because {fallback}." if fallback else ""
    return f"{guided}Positions: {', '.join(held) or 'none'}; exposure {value:+.4f}.{static}"


def _abstain(author: str, reason: str) -> State:
    return State(abstentions=(Abstention(author, AbstentionCause.INCOMPLETE, reason),))
