"""What a training has taught the roles of a desk, as memories of one decision."""

from collections.abc import Mapping
from datetime import datetime

from ..agents.recall import RecallFunction
from ..domain.ids import Symbol
from ..graph.desk_config import DeskConfig
from ..graph.learning_section import EpisodesLearning, RetryLearning
from ..graph.team import Team
from .learning.desk_learning import DeskLearning
from .learning.training.shown import shown_beliefs, shown_retries, with_shown


def taught_recall(
    learning: DeskLearning | None,
    file: DeskConfig,
    team: Team,
    symbol: Symbol,
    as_of: datetime,
    by_role: Mapping[str, RecallFunction],
    default: RecallFunction,
) -> Mapping[str, RecallFunction]:
    """Return the recall functions by role, with the beliefs or lessons of a training that are known at `as_of`."""
    spec = file.learning
    if learning is not None and isinstance(spec, EpisodesLearning):
        return with_shown(shown_beliefs(learning, team, file.decider, as_of), by_role, default)
    if learning is not None and isinstance(spec, RetryLearning):
        return with_shown(shown_retries(learning, spec, file.decider, symbol, as_of), by_role, default)
    return by_role
