"""What a decision used of what its desk had learned, for its record."""

from datetime import datetime

from ..agents.context import AgentContext
from ..domain.decision import RecalledMemory
from ..domain.learned_use import LearnedUse
from ..domain.times import iso_time
from ..graph.desk_config import DeskConfig
from ..graph.learning_section import EpisodesLearning, InstructionsLearning, LearningSpec, NoLearning, RetryLearning
from ..graph.state import GraphResult
from ..graph.team import Team
from ..memory.record import Source
from .instructed import rewritten_role
from .learning.decision_facts import stated_budgets
from .learning.desk_learning import DeskLearning
from .learning.instructions.learning import steps_until
from .learning.training.entries import EPISODE, RETRY, EpisodeUpdate, RetryLesson

LESSONS = frozenset({Source.TRADE_REFLECTION, Source.PRICE_REFLECTION, Source.BELIEF})


def learned_use(
    file: DeskConfig, learning: DeskLearning | None, team: Team, work: GraphResult | None, as_of: datetime
) -> LearnedUse | None:
    """Return what a decision with this result used; None for a desk that does not learn.

    `team` is the team that decided, `work` None if it was not asked.
    """
    if isinstance(file.learning, NoLearning):
        return None
    role = rewritten_role(file)
    learned_at, version = (None, 0) if learning is None else _last_learned(learning, file.learning, as_of)
    return LearnedUse(
        kind=file.learning.kind,
        learned_at=learned_at,
        version=version,
        instructions={role: team.agents[role].role.prompt.hash} if role else {},
        lessons=() if work is None else _lessons(work.recalled),
        budgets={} if work is None else stated_budgets(work.context),
        labels={} if work is None else _labels(work.context),
    )


def _last_learned(learning: DeskLearning, spec: LearningSpec, as_of: datetime) -> tuple[datetime | None, int]:
    """Return when the desk learned last beside its memory, and how often what it uses has changed."""
    if isinstance(spec, InstructionsLearning) and (steps := steps_until(learning, as_of)):
        return steps[-1].as_of, steps[-1].version
    if isinstance(spec, EpisodesLearning) and (updates := learning.read(EPISODE, EpisodeUpdate, as_of)):
        return updates[-1].learned_at, sum(bool(update.edited) for update in updates)
    if isinstance(spec, RetryLearning) and (lessons := learning.read(RETRY, RetryLesson, as_of)):
        return lessons[-1].learned_at, len(lessons)
    return None, 0


def _lessons(recalled: tuple[RecalledMemory, ...]) -> tuple[str, ...]:
    return tuple(each.memory_id for each in recalled if each.source in LESSONS)


def _labels(context: AgentContext) -> dict[str, str]:
    return {iso_time(past.as_of): past.label for past in context.brief.account.past_decisions if past.label}
