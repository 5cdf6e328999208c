"""A decision with learned instructions: the text in force, the text that answers beside it, and the record of both."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from ..domain.ids import RunId
from ..graph.build import build_without_checkpoints, run_graph
from ..graph.desk_config import DeskConfig
from ..graph.interpreter import GraphPlan
from ..graph.learning_section import InstructionsLearning
from ..graph.runtime import RunContext, ignore_progress
from ..graph.state import GraphResult
from ..graph.team import Team
from .conclusion import Conclusion
from .learning.desk_learning import DeskLearning
from .learning.instructions.decided import DecidedOrders, decided_note
from .learning.instructions.learning import instructed, record_decided, shadow_team, steps_until


def rewritten_role(file: DeskConfig) -> str:
    """Return the role whose instructions the desk learns, or an empty name."""
    learning = file.learning
    return (learning.role or file.decider) if isinstance(learning, InstructionsLearning) else ""


def team_in_force(learning: DeskLearning | None, file: DeskConfig, team: Team, as_of: datetime) -> Team:
    """Return the team with the instructions that are in force at `as_of`."""
    role = rewritten_role(file)
    return instructed(learning, team, role, as_of) if learning is not None and role else team


@dataclass(frozen=True, slots=True)
class InstructedDecision:
    """One decision of a desk that learns its instructions.

    Attributes:
        team: the team with the prompts of the files.
        plan: runs the graph of a desk of rules; None for others.
        conclude: returns the outcome of a result of the graph.
    """

    learning: DeskLearning | None
    file: DeskConfig
    team: Team
    plan: GraphPlan | None
    conclude: Callable[[GraphResult], Conclusion]

    async def record(self, run_id: RunId, run_context: RunContext, work: GraphResult, ended: Conclusion) -> None:
        """Record the decision, after the text in shadow has answered beside it; nothing before the first step.

        A desk that is frozen at test records nothing, and asks no text in shadow.

        Answers that the decision has in its call log, such as those of analysts, are not asked for again.
        """
        role, brief = rewritten_role(self.file), run_context.brief
        if self.learning is None or not role or not self.learning.writes or self.file.learning.frozen_at_test:
            return
        if not steps_until(self.learning, brief.as_of):
            return
        found = shadow_team(self.learning, self.team, role, brief.as_of)
        text, shadowed = None, None
        if found is not None:
            text, team = found
            shadow_context = replace(run_context, team=team, observer=ignore_progress)
            graph = build_without_checkpoints(self.file)
            shadow_work = await run_graph(graph, shadow_context, thread=RunId(f"{run_id}-shadow"), plan=self.plan)
            shadowed = _orders(self.conclude(shadow_work))
        note = decided_note(brief, work.context.thesis, _orders(ended), text, shadowed)
        record_decided(self.learning, note, brief.as_of)


def _orders(ended: Conclusion) -> DecidedOrders:
    return DecidedOrders(ended.outcome, ended.risk.allowed)
