"""What a decision used of what its desk had learned, for its record."""

from datetime import datetime

from ..agents.context import AgentContext
from ..domain.decision import RecalledMemory
from ..domain.learned_use import LearnedUse
from ..domain.times import iso_time
from ..graph.desk_config import DeskConfig
from ..graph.learning_section import NoLearning
from ..graph.state import GraphResult
from ..graph.team import Team
from ..memory.record import Source
from .instructed import rewritten_role
from .learning.decision_facts import stated_budgets
from .learning.desk_learning import DeskLearning
from .learning.instructions.learning import steps_until

LESSONS = frozenset({Source.TRADE_REFLECTION, Source.PRICE_REFLECTION, Source.BELIEF})


def learned_use(
    file: DeskConfig, learning: DeskLearning | None, team: Team, work: GraphResult | None, as_of: datetime
) -> LearnedUse | None:
    """Return what a decision with this result used; None for a desk that does not learn.

    `team` is the team that decided, `work` None if it was not asked.
    """
    if isinstance(file.learning, NoLearning):
        return None
    role, steps = rewritten_role(file), steps_until(learning, as_of) if learning is not None else ()
    return LearnedUse(
        kind=file.learning.kind,
        learned_at=steps[-1].as_of if steps else None,
        version=steps[-1].version if steps else 0,
        instructions={role: team.agents[role].role.prompt.hash} if role else {},
        lessons=() if work is None else _lessons(work.recalled),
        budgets={} if work is None else stated_budgets(work.context),
        labels={} if work is None else _labels(work.context),
    )


def _lessons(recalled: tuple[RecalledMemory, ...]) -> tuple[str, ...]:
    return tuple(each.memory_id for each in recalled if each.source in LESSONS)


def _labels(context: AgentContext) -> dict[str, str]:
    return {iso_time(past.as_of): past.label for past in context.brief.account.past_decisions if past.label}
