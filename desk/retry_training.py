"""Training on labelled sessions before a test: a wrong decision is reflected on and tried again.

STRUX (arXiv 2410.12583) selects its facts anew after a wrong label; SEP (arXiv 2402.03659) reflects in two trials. Both
train a model on the results. Here a reflection after which the decision was right is kept as a lesson. Over a book, the
decision is the proposal on all symbols, and the label is the return of the account that follows it.
"""

from collections.abc import Mapping, Sequence
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
from .book_decision import decide_book
from .decision import DecisionRequest, Desk, decide
from .learning.answered import answered, answered_decision
from .learning.desk_learning import DeskLearning
from .learning.returns import price_return
from .learning.training.entries import RETRY, RetryLesson, TrainingState
from .learning.training.shown import book_subject
from .learning.training.tried import TriedDecision, tried_book, tried_symbol

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
        names, found = sorted(self.symbols), list[RetryLesson]()
        subjects = [names] if self.desk.file.over_book else [[name] for name in names]
        for session in self.sessions[:: self.spec.every]:
            for symbols in subjects:
                if (lesson := await self._trained(symbols, session)) is not None:
                    self.learning.add(RETRY, f"{session}/{lesson.symbol}", lesson.learned_at, lesson)
                    found.append(lesson)
        return tuple(found)

    async def _trained(self, symbols: Sequence[Symbol], session: date) -> RetryLesson | None:
        """Return the lesson after which a wrong decision was right; None if there is none, or no label."""
        known = self._labelled_at(session)
        moves = {} if known is None else self._moves(symbols, session, known)
        if known is None or not any(moves.values()):
            return None
        reflections = list[str]()
        for trial in range(self.spec.trials + 1):
            tried = self._tried(await self._decided(symbols, session, trial, tuple(reflections)), moves)
            if tried is None:
                return None
            if tried.right:
                return self._lesson(symbols, session, known, tried.outcome, reflections)
            if trial < self.spec.trials:
                said = await self._reflected(tried, reflections)
                if said is None:
                    return None
                reflections.append(said)
        return None

    def _tried(self, decisions: Sequence[Decision], moves: Mapping[Symbol, float]) -> TriedDecision | None:
        if not self.desk.file.over_book:
            return tried_symbol(decisions[0], moves[decisions[0].ticker])
        view = MarketView(self.desk.source, decisions[0].as_of, self.desk.memo or ViewMemo())
        return tried_book(decisions, moves, view, ACCOUNT)

    def _lesson(
        self, symbols: Sequence[Symbol], session: date, known: date, outcome: float, reflections: Sequence[str]
    ) -> RetryLesson | None:
        if not reflections:
            return None
        return RetryLesson(
            symbol=book_subject(symbols),
            session=session,
            outcome=outcome,
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

    def _moves(self, symbols: Sequence[Symbol], session: date, known: date) -> Mapping[Symbol, float]:
        """Return the return of every symbol with prices until the label is known."""
        view = MarketView(self.desk.source, self.calendar.close(known), self.desk.memo or ViewMemo())
        found = dict[Symbol, float]()
        for symbol in symbols:
            try:
                moved = price_return(view, symbol, self.calendar.close(session))
            except NoData:
                continue
            if moved is not None:
                found[symbol] = float(moved)
        return found

    async def _decided(
        self, symbols: Sequence[Symbol], session: date, trial: int, reflections: tuple[str, ...]
    ) -> Sequence[Decision]:
        learning = replace(self.learning, training=TrainingState(reflections=reflections))
        desk = replace(self.desk, memory=None, learned=learning)
        requests = [
            DecisionRequest(RunId(f"retry-{session}-{symbol}-{trial}"), symbol, self.calendar.close(session), ACCOUNT)
            for symbol in symbols
        ]
        over_book = self.desk.file.over_book
        made = await decide_book(desk, requests) if over_book else [await decide(desk, requests[0])]
        return [answered_decision(each) for each in made]

    async def _reflected(self, tried: TriedDecision, before: Sequence[str]) -> str | None:
        first = tried.decisions[0]
        [reflector] = self.desk.team.learners.values()
        with decision_scope(first.ticker, self.desk.time_limit_s, first.as_of.isoformat()):
            said = await reflector.generate(
                Lesson,
                lambda: {
                    "reader": self.spec.role or self.desk.file.decider,
                    "decision": tried.text,
                    "facts": "\n".join(tried.facts[:MOST_CITED]) or "none",
                    "outcome": tried.outcome_text,
                    "before": "\n".join(before) or "none",
                },
                rule=lambda: retry_by_rule(tried.text, tried.outcome_text),
                check=lambda _: None,
            )
        said = answered(said, stops_at_budget=True)
        return None if isinstance(said, Abstention) or not said.lesson.strip() else said.lesson.strip()
