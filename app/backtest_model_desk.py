"""A desk with models in a backtest: every decision, step of learning and training has its own call log and tape."""

import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, date

from .. import __version__
from ..desk.book_decision import decide_book
from ..desk.decision import DecisionRequest, Desk, decide
from ..desk.learning.desk_learning import DeskLearning
from ..desk.learning.instructions.window import SessionStart
from ..desk.learning.memory import DeskMemory
from ..desk.learning.taped_learning import with_tape
from ..desk.records.backtest_convictions import BacktestConvictions
from ..desk.records.backtest_store import BacktestStore
from ..desk.rule_desk import order_policy
from ..desk.session_learning import learn_before_session
from ..desk.strategies.strategy import Strategy
from ..domain.decision import Decision
from ..domain.errors import ConfigError
from ..domain.ids import RunId
from ..graph.build import build_without_checkpoints
from ..graph.call_policy import PolicyContext, has_cascade
from ..graph.desk_config import DeskConfig
from ..graph.team_builder import build_team
from ..llm.budget import Budget, BudgetCaps
from ..llm.events import ignore_event
from ..llm.port import CallLog, Model, ModelCall
from ..llm.pricing import price_table
from ..llm.replay import Tape
from ..llm.usage import spent_in
from ..market.source import MarketSource
from ..market.view_memo import ViewMemo
from ..prompts.library import PromptLibrary
from .budgets import call_budget
from .desk_learning import learns_instructions, stored_learning
from .factories import choose_model, open_model
from .kept_results import with_kept_results
from .model_access import ModelAccess
from .model_connection import call_observer
from .recorded_inputs import LearningStart, RunOrigin
from .recordings import RunRecording, TrainingRecording
from .run_identity import new_run
from .sections import CapSettings
from .settings import Settings
from .stored_desk import with_own_recording


def warm_up_run(backtest_id: str) -> RunId:
    """Return the run id under which the model calls of a backtest's warm-up are stored."""
    return RunId(f"{backtest_id}-warm-up")


def learning_run(run_id: RunId) -> RunId:
    """Return the id of the call log of the step of learning before a session, whose first decision is `run_id`."""
    return RunId(f"{run_id}-learning")


def account_budget(settings: Settings, store: BacktestStore, backtest_id: str, parent: Budget | None) -> Budget:
    """Return the budget of the whole backtest inside `parent`, with what its finished decisions have spent."""
    budget, prices = Budget("account", _caps(settings.budgets.account), parent), price_table(settings.prices)
    for run_id in store.decided(backtest_id):
        budget.book(spent_in(store.call_log(run_id).calls(), prices))
        budget.book(spent_in(store.call_log(learning_run(run_id)).calls(), prices))
    return budget


def _caps(given: CapSettings) -> BudgetCaps:
    return BudgetCaps(given.max_calls, given.max_tokens, given.max_cost_usd)


@dataclass(frozen=True, slots=True)
class ModelDeskStrategy:
    """A desk with models: each decision connects them anew, with its own call log."""

    settings: Settings
    desk: DeskConfig
    prompts: PromptLibrary
    source: MarketSource
    store: BacktestStore
    budget: Budget
    backtest_id: str = ""
    memory: DeskMemory | None = None
    memo: ViewMemo = field(default_factory=ViewMemo)
    _sessions: dict[date, Budget] = field(default_factory=dict)

    @property
    def strategy(self) -> Strategy:
        return self

    @property
    def name(self) -> str:
        return self.desk.name

    @property
    def history_length(self) -> int:
        return self.desk.memory.last

    async def __call__(self, request: DecisionRequest) -> Decision:
        """Decide; calls that were finished before an interruption are not made again."""
        return (await self.decide_together([request]))[0]

    async def decide_together(self, requests: Sequence[DecisionRequest]) -> Sequence[Decision]:
        """Decide in one run, that of the first request: on its symbol, or over the book of all requests."""
        run_id = requests[0].run_id
        calls, settings = self.store.call_log(run_id), with_own_recording(self.settings, run_id)
        made = [*self.store.call_log(learning_run(run_id)).calls(), *calls.calls()]
        with self._recording(requests, settings, made) as recording:
            decisions = await self._decide(requests, settings, calls, recording.tape)
            recording.finish(decisions)
        return decisions

    def _recording(
        self,
        requests: Sequence[DecisionRequest],
        settings: Settings,
        made: Sequence[ModelCall],
        learning: LearningStart | None = None,
    ) -> RunRecording:
        """Return the recording of the run of these requests, of which the calls `made` are finished."""
        runs = [new_run(each.run_id, each.ticker, each.as_of, settings) for each in requests]
        past = self._convictions.before(requests[0].as_of.astimezone(UTC).isoformat())
        origin = RunOrigin(past, learning, self.backtest_id, remembers=self.memory is not None)
        return RunRecording(settings, runs, [each.account for each in requests], made, origin)

    async def _decide(
        self, requests: Sequence[DecisionRequest], settings: Settings, calls: CallLog, tape: Tape | None
    ) -> Sequence[Decision]:
        request = requests[0]
        async with self._open(settings, calls, self._session(request), tape) as opened:
            desk = with_kept_results(opened, settings, self.store, self.backtest_id, request.run_id, tape)
            return await decide_book(desk, requests) if self.desk.over_book else [await decide(desk, request)]

    async def learn(self, start: SessionStart, requests: Sequence[DecisionRequest]) -> None:
        """Take the step of learning that is due; its calls belong to the first decision of the session.

        If that decision is stored, the step was taken before it, and its calls are booked with it.
        """
        run = requests if self.desk.over_book else requests[:1]
        run_id = run[0].run_id
        if not learns_instructions(self.desk, self.settings) or self.store.find_decision(run_id) is not None:
            return
        calls, settings = self.store.call_log(learning_run(run_id)), with_own_recording(self.settings, run_id)
        with self._recording(run, settings, calls.calls(), LearningStart(start, counted=False)) as recording:
            async with self._open(settings, calls, self._session(run[0]), recording.tape) as desk:
                await learn_before_session(desk, start)
            recording.learned()

    @asynccontextmanager
    async def warm_up_desk(self) -> AsyncIterator[Desk]:
        """Open the desk with a call log and a tape of the warm-up, so that lessons are not paid for again."""
        run_id = warm_up_run(self.backtest_id)
        calls = self.store.call_log(run_id)
        with TrainingRecording(self.settings, run_id, calls.calls()) as recording:
            async with self._open(self.settings, calls, self.budget, recording.tape) as desk:
                yield with_kept_results(desk, self.settings, self.store, self.backtest_id, run_id, None)
            recording.finish()

    @asynccontextmanager
    async def _open(self, settings: Settings, calls: CallLog, budget: Budget, tape: Tape | None) -> AsyncIterator[Desk]:
        access = ModelAccess(call_budget(settings, calls, budget), tape)
        model = open_model(settings, choose_model(settings), calls, access)
        if model is None:
            raise ConfigError("the desk has no model")
        folder, account = self.store.folder, self.backtest_id
        with stored_learning(settings, self.desk, self.prompts, folder, account, stops_at_budget=True) as learned:
            async with model:
                yield self._built(settings, calls, model, access, with_tape(learned, tape))

    def _built(
        self, settings: Settings, calls: CallLog, model: Model, access: ModelAccess, learned: DeskLearning | None
    ) -> Desk:
        policies = self._policies(settings)
        limits = self.desk.limits_within(settings.limits)
        team = build_team(
            self.desk,
            self.prompts,
            model,
            order_policy(limits, settings.portfolio),
            seed=settings.seed,
            policies=policies,
        )
        return Desk(
            file=self.desk,
            team=team,
            graph=build_without_checkpoints(self.desk),
            source=self.source,
            limits=limits,
            model=model.info,
            calls=calls,
            prices=access.budget.prices,
            seed=settings.seed,
            version=__version__,
            timer=time.perf_counter,
            time_limit_s=settings.decision_timeout_s,
            memory=self.memory,
            memo=self.memo,
            learned=learned,
        )

    @property
    def _convictions(self) -> BacktestConvictions:
        return self.store.convictions(self.backtest_id)

    def _policies(self, settings: Settings) -> PolicyContext:
        observer = call_observer(settings, ignore_event)
        if not has_cascade(self.desk.calls):
            return PolicyContext(observer)
        return PolicyContext(observer, self._convictions.history, self._convictions.learn)

    def _session(self, request: DecisionRequest) -> Budget:
        day = request.as_of.date()
        if day not in self._sessions:
            self._sessions[day] = self.budget.child("session", _caps(self.settings.budgets.session))
        return self._sessions[day]


class ModelBookStrategy(ModelDeskStrategy):
    """A desk with models that decides on all symbols of a session in one run."""

    async def decide_book(self, requests: Sequence[DecisionRequest]) -> Sequence[Decision]:
        """Decide over the book."""
        return await self.decide_together(requests)
