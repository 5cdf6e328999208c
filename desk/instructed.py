"""A decision with learned instructions: the text in force, the text that answers beside it, and the record of both."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from ..domain.ids import RunId, Symbol
from ..domain.outputs import Thesis
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
    """One decision of a desk that learns its instructions, on one symbol or over a book.

    Attributes:
        team: the team with the prompts of the files.
        plan: runs the graph of a desk of rules; None for others.
        conclude: returns the outcome of a result of the graph for each symbol.
        thesis_of: returns the thesis of a result on a symbol; None without one.
    """

    learning: DeskLearning | None
    file: DeskConfig
    team: Team
    plan: GraphPlan | None
    conclude: Callable[[GraphResult], Mapping[Symbol, Conclusion]]
    thesis_of: Callable[[GraphResult, Symbol], Thesis | None]

    async def record(
        self, run_id: RunId, run_context: RunContext, work: GraphResult, ended: Mapping[Symbol, Conclusion]
    ) -> None:
        """Record the decision, after the text in shadow has answered beside it; nothing before the first step.

        A desk that is frozen at test records nothing, and asks no text in shadow. Answers that the decision has in its
        call log, such as those of analysts, are not asked for again.
        """
        role, as_of = rewritten_role(self.file), run_context.brief.as_of
        if self.learning is None or not role or not self.learning.writes or self.file.learning.frozen_at_test:
            return
        if not steps_until(self.learning, as_of):
            return
        found = shadow_team(self.learning, self.team, role, as_of)
        text, shadowed = None, dict[Symbol, DecidedOrders]()
        if found is not None:
            text, team = found
            shadow_context = replace(run_context, team=team, observer=ignore_progress)
            graph = build_without_checkpoints(self.file)
            shadow_work = await run_graph(graph, shadow_context, thread=RunId(f"{run_id}-shadow"), plan=self.plan)
            shadowed = {symbol: _orders(each) for symbol, each in self.conclude(shadow_work).items()}
        for brief in run_context.book or (run_context.brief,):
            thesis, own = self.thesis_of(work, brief.symbol), _orders(ended[brief.symbol])
            note = decided_note(brief, thesis, own, text, shadowed.get(brief.symbol))
            record_decided(self.learning, note, as_of)


def _orders(ended: Conclusion) -> DecidedOrders:
    return DecidedOrders(ended.outcome, ended.risk.allowed)
