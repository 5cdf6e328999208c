"""Training on labelled sessions before a test: a wrong decision is reflected on and tried again.

STRUX (arXiv 2410.12583) selects its facts anew after a wrong label; SEP (arXiv 2402.03659) reflects in two trials. Both
train a model on the results. Here a reflection after which the decision was right is kept as a lesson.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from ..agents.rules.training import retry_by_rule
from ..domain.abstention import Abstention
from ..domain.account import Account
from ..domain.decision import Decision
from ..domain.errors import ConfigError, NoData
from ..domain.ids import RunId, Symbol
from ..domain.outputs import Lesson
from ..domain.trading_calendar import TradingCalendar
from ..graph.learning_section import RetryLearning
from ..llm.scope import decision_scope
from ..market.view import MarketView
from ..market.view_memo import ViewMemo
from .decision import DecisionRequest, Desk, decide
from .learning.answered import answered, answered_decision
from .learning.desk_learning import DeskLearning
from .learning.returns import price_return
from .learning.training.entries import RETRY, RetryLesson, TrainingState

ACCOUNT = Account("training", Decimal(100_000))
"""A flat account, so that no decision of the training depends on another."""
MOST_CITED = 8


@dataclass(frozen=True, slots=True)
class RetryTraining:
    """The training of one desk on the sessions of a window, all before the test.

    Attributes:
        learning: where the lessons are kept.
        test: the first session of the test; every label is known before it.
    """

    desk: Desk
    learning: DeskLearning
    spec: RetryLearning
    calendar: TradingCalendar
    symbols: Sequence[Symbol]
    sessions: Sequence[date]
    test: date

    async def run(self) -> tuple[RetryLesson, ...]:
        """Decide on every labelled session, and return the lessons. A repeated training stores nothing twice.

        Raises ConfigError if no label is known before the test.
        """
        if self._labelled_at(self.sessions[0]) is None:
            raise ConfigError(
                f"no label is known before {self.test}: one takes {self._horizon} sessions; begin the training earlier"
            )
        found = list[RetryLesson]()
        for session in self.sessions[:: self.spec.every]:
            for symbol in sorted(self.symbols):
                if (lesson := await self._trained(symbol, session)) is not None:
                    self.learning.add(RETRY, f"{session}/{symbol}", lesson.learned_at, lesson)
                    found.append(lesson)
        return tuple(found)

    async def _trained(self, symbol: Symbol, session: date) -> RetryLesson | None:
        """Return the lesson after which a wrong decision was right; None if there is none, or no label."""
        known = self._labelled_at(session)
        moved = None if known is None else self._moved(symbol, session, known)
        if known is None or not moved:
            return None
        reflections = list[str]()
        for trial in range(self.spec.trials + 1):
            decision = await self._decided(symbol, session, trial, tuple(reflections))
            side = 0.0 if decision.thesis is None else decision.thesis.conviction
            if not side:
                return None
            if side * moved > 0:
                return self._lesson(symbol, session, known, moved, reflections)
            if trial < self.spec.trials:
                said = await self._reflected(decision, moved, reflections)
                if said is None:
                    return None
                reflections.append(said)
        return None

    def _lesson(
        self, symbol: Symbol, session: date, known: date, moved: float, reflections: Sequence[str]
    ) -> RetryLesson | None:
        if not reflections:
            return None
        return RetryLesson(
            symbol=symbol,
            session=session,
            outcome=moved,
            trials=len(reflections),
            text=reflections[-1],
            learned_at=self.calendar.close(known),
        )

    def _labelled_at(self, session: date) -> date | None:
        """Return the session at whose close the label is known; None if that is not before the test."""
        later = self.calendar.between(session, self.calendar.previous(self.test))
        return later[self._horizon] if len(later) > self._horizon else None

    @property
    def _horizon(self) -> int:
        return self.spec.horizon or self.desk.file.decision.horizon or 1

    def _moved(self, symbol: Symbol, session: date, known: date) -> float | None:
        view = MarketView(self.desk.source, self.calendar.close(known), self.desk.memo or ViewMemo())
        try:
            moved = price_return(view, symbol, self.calendar.close(session))
        except NoData:
            return None
        return None if moved is None else float(moved)

    async def _decided(self, symbol: Symbol, session: date, trial: int, reflections: tuple[str, ...]) -> Decision:
        learning = replace(self.learning, training=TrainingState(reflections=reflections))
        desk = replace(self.desk, memory=None, learned=learning)
        run_id = RunId(f"retry-{session}-{symbol}-{trial}")
        return answered_decision(
            await decide(desk, DecisionRequest(run_id, symbol, self.calendar.close(session), ACCOUNT))
        )

    async def _reflected(self, decision: Decision, moved: float, before: Sequence[str]) -> str | None:
        thesis = decision.thesis
        cited = set() if thesis is None else set(thesis.evidence)
        facts = [f"[{each.id}] {each.text}" for each in decision.evidence if each.id in cited][:MOST_CITED]
        view = "" if thesis is None else f"Conviction {thesis.conviction:+.2f}. {thesis.summary}"
        outcome = f"The price moved {moved:+.1%} against it."
        [reflector] = self.desk.team.learners.values()
        with decision_scope(decision.ticker, self.desk.time_limit_s, decision.as_of.isoformat()):
            said = await reflector.generate(
                Lesson,
                lambda: {
                    "reader": self.spec.role or self.desk.file.decider,
                    "decision": view,
                    "facts": "\n".join(facts) or "none",
                    "outcome": outcome,
                    "before": "\n".join(before) or "none",
                },
                rule=lambda: retry_by_rule(view, outcome),
                check=lambda _: None,
            )
        said = answered(said, stops_at_budget=True)
        return None if isinstance(said, Abstention) or not said.lesson.strip() else said.lesson.strip()
