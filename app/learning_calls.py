"""How often a desk asks its models beside its decisions, because it learns: bounds that no model call is needed for."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from ..desk.decision import Desk
from ..desk.learning.instructions.learning import steps_until
from ..desk.learning.outcomes import most_lessons
from ..desk.warm_up import WarmUpWindow, warm_up_sessions
from ..domain.ids import Symbol
from ..domain.trading_calendar import TradingCalendar
from ..graph.desk_config import DeskConfig
from ..graph.desk_sections import WarmUp
from ..graph.learning_section import EpisodesLearning, InstructionsLearning, RetryLearning
from ..market.view import MarketView

LESSONS_A_DECISION = 2
"""Calls of the reflector for one decision at most: one on its outcome, one on the news that are old enough by then."""


@dataclass(frozen=True, slots=True)
class LearningCalls:
    """How often a desk asks at most, in numbers of calls and of decisions, of which one over a book is one.

    Attributes:
        learner: calls of the role that learns.
        shadowed: decisions beside which a text in shadow answers, from the rewritten role on.
        trained: decisions of a training.
        lessons: calls of the reflector.
    """

    learner: int = 0
    shadowed: int = 0
    trained: int = 0
    lessons: int = 0

    def __add__(self, other: "LearningCalls") -> "LearningCalls":
        return LearningCalls(
            self.learner + other.learner,
            self.shadowed + other.shadowed,
            self.trained + other.trained,
            self.lessons + other.lessons,
        )

    def times(self, accounts: int) -> "LearningCalls":
        """Return the calls of several equal accounts."""
        return LearningCalls(
            self.learner * accounts, self.shadowed * accounts, self.trained * accounts, self.lessons * accounts
        )


def calls_between_sessions(
    file: DeskConfig, calendar: TradingCalendar, deciding: Sequence[date], asked: int
) -> LearningCalls:
    """Return the calls of the steps before these sessions, each with `asked` decisions; none if nothing is learned.

    The first session begins the first window. Every due step is counted as one that asks for a text, and every decision
    after it as one with a text in shadow: a text that is rejected at once has no shadow, so both together are a bound.
    """
    spec = file.learning
    if not isinstance(spec, InstructionsLearning) or not deciding:
        return LearningCalls()
    last, steps, begun = deciding[0], 0, 0
    for place, session in enumerate(deciding):
        if len(calendar.between(last, session)) - 1 >= spec.every:
            last, steps, begun = session, steps + 1, begun or place
    return LearningCalls(learner=steps, shadowed=(len(deciding) - begun) * asked if steps and spec.shadow else 0)


def calls_of_labels(file: DeskConfig, calendar: TradingCalendar, window: WarmUpWindow, symbols: int) -> LearningCalls:
    """Return the calls for lessons of a labelled warm-up before a test; raises as `warm_up_sessions`."""
    if file.memory.warmup is not WarmUp.LABELLED:
        return LearningCalls()
    labels = len(warm_up_sessions(calendar, window)) * symbols
    return LearningCalls(lessons=LESSONS_A_DECISION * labels * _memories(file))


def calls_of_training(file: DeskConfig, calendar: TradingCalendar, window: WarmUpWindow, symbols: int) -> LearningCalls:
    """Return the calls of a training before a test, if the desk has one; raises as `warm_up_sessions`."""
    spec, asked = file.learning, 1 if file.over_book else symbols
    sessions = warm_up_sessions(calendar, window)
    decisions = len(sessions[:: spec.every]) * asked
    if isinstance(spec, EpisodesLearning):
        return LearningCalls(learner=spec.episodes - 1, trained=decisions * spec.episodes)
    if isinstance(spec, RetryLearning):
        return LearningCalls(learner=decisions * spec.trials, trained=decisions * (1 + spec.trials))
    if isinstance(spec, InstructionsLearning) and spec.frozen_at_test:
        steps = calls_between_sessions(file, calendar, sessions, asked)
        return steps + LearningCalls(trained=len(sessions) * asked)
    return LearningCalls()


def calls_for_lessons(file: DeskConfig, decisions: int) -> LearningCalls:
    """Return the calls for lessons of so many decisions on one symbol each, of a desk that uses its memory."""
    if not file.memory.enabled or file.learning.frozen_at_test:
        return LearningCalls()
    return LearningCalls(lessons=LESSONS_A_DECISION * decisions * _memories(file))


def calls_now(desk: Desk, symbols: Sequence[Symbol], as_of: datetime, *, begins_session: bool) -> LearningCalls:
    """Return the calls beside decisions of an open desk that learns, from what it has learned and its memory.

    With `begins_session`, the step that is due before a session counts too.
    """
    view = MarketView(desk.source, as_of)
    lessons = sum(
        most_lessons(desk.memory.of_role(role) if role else desk.memory, view, symbol)
        for symbol in symbols
        for role in _memory_roles(desk.file)
        if desk.memory is not None
    )
    return LearningCalls(lessons=lessons) + _step_now(desk, symbols, as_of, begins_session=begins_session)


def _step_now(desk: Desk, symbols: Sequence[Symbol], as_of: datetime, *, begins_session: bool) -> LearningCalls:
    spec, learned = desk.file.learning, desk.learned
    if not isinstance(spec, InstructionsLearning) or learned is None or spec.frozen_at_test:
        return LearningCalls()
    steps = steps_until(learned, as_of)
    if not steps or not symbols:
        return LearningCalls()
    calendar = MarketView(desk.source, as_of).calendar(symbols[0])
    passed = len(calendar.between(steps[-1].session, calendar.last_completed(as_of))) - 1
    due = begins_session and passed >= spec.every
    shadowed = steps[-1].in_shadow is not None or (due and spec.shadow)
    asked = 1 if desk.file.over_book else len(symbols)
    return LearningCalls(learner=int(due), shadowed=asked if shadowed else 0)


def _memory_roles(file: DeskConfig) -> Sequence[str]:
    return tuple(file.roster.names()) if file.memory.per_role else ("",)


def _memories(file: DeskConfig) -> int:
    return len(_memory_roles(file))
