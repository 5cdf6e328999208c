from statistics import median
from typing import ClassVar, Literal

from openoutcry.agents.context import Contribution
from openoutcry.agents.decisions.computed import computed_decision
from openoutcry.domain.deliberation_outputs import PositionView
from openoutcry.graph.roles import RoleKind
from openoutcry.graph.state import State, context_from_state
from openoutcry.graph.topologies.topology import Topology


class Median(Topology):
    kind: Literal["median"] = "median"
    reads: ClassVar[frozenset[RoleKind]] = frozenset({RoleKind.EXPERT})

    def computations(self):
        return ("middle",)

    def decider(self, roster):
        return "middle"

    def wire(self, flow, after, roster):
        def decide(state, run):
            views = context_from_state(state, run.brief).outputs(PositionView)
            value, cited = median(view.position for _, view in views), views[0][1].evidence
            made = computed_decision("middle", roster.decision, value, roster.form, summary="Median.", evidence=cited)
            return State(contributions=tuple(Contribution("middle", each) for each in made))

        return flow.compute(flow.parallel(after, roster.names()), "middle", decide)
