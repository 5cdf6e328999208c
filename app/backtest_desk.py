"""The desk of a backtest: opened once, it decides on every symbol and session."""

import time
from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date
from typing import Protocol

from .. import __version__
from ..desk.book_decision import decide_book
from ..desk.decision import RULE_MODEL, DecisionRequest, Desk, decide
from ..desk.learning.desk_learning import DeskLearning
from ..desk.learning.instructions.window import SessionStart
from ..desk.learning.learned_store import InMemoryLearnedStore
from ..desk.learning.memory import DeskMemory
from ..desk.records.backtest_convictions import BacktestConvictions
from ..desk.records.backtest_store import BacktestStore
from ..desk.records.provenance import digest, prompt_hashes
from ..desk.rule_desk import order_policy, rule_desk
from ..desk.session_learning import learn_before_session
from ..desk.strategies.desk_strategy import desk_strategy
from ..desk.strategies.strategy import Strategy
from ..domain.decision import Decision, ModelInfo
from ..domain.errors import ConfigError
from ..domain.ids import RunId
from ..graph.build import build_without_checkpoints
from ..graph.call_policy import PolicyContext, has_cascade
from ..graph.desk_config import DeskConfig, load_desk
from ..graph.interpreter import plan_of
from ..graph.period_results import ProcessPeriodResults
from ..graph.team_builder import build_team
from ..llm.budget import Budget, BudgetCaps
from ..llm.events import ignore_event
from ..llm.port import CallLog, Model
from ..llm.pricing import price_table
from ..llm.recording import RecordingMode
from ..llm.replay import Tape
from ..llm.usage import spent_in
from ..market.source import MarketSource
from ..market.view_memo import ViewMemo
from ..prompts.library import PromptLibrary, load_prompts
from .budgets import call_budget
from .desk_learning import kept_learning, learns_instructions, stored_learning
from .factories import choose_model, endpoint_name, market_identity, open_model
from .kept_results import with_kept_results
from .model_access import ModelAccess
from .model_connection import call_observer
from .recordings import RunRecording
from .run_identity import new_run
from .sections import CapSettings
from .settings import Settings
from .stored_desk import with_own_recording


class BacktestDesk(Protocol):
    """The desk of a backtest, as its strategy and for its warm-up."""

    @property
    def strategy(self) -> Strategy: ...

    def warm_up_desk(self) -> AbstractAsyncContextManager[Desk]: ...


@dataclass(frozen=True, slots=True)
class RuleBacktestDesk:
    """A desk of rules, which is open for the whole backtest."""

    desk: Desk

    @property
    def strategy(self) -> Strategy:
        return desk_strategy(self.desk)

    @asynccontextmanager
    async def warm_up_desk(self) -> AsyncIterator[Desk]:
        """Return the desk."""
        yield self.desk


def backtest_desk(
    settings: Settings,
    source: MarketSource,
    store: BacktestStore,
    backtest_id: str,
    *,
    memory: DeskMemory | None = None,
    budget: Budget | None = None,
) -> BacktestDesk:
    """Return the desk in the settings without checkpoints; `memory` is None for a desk without one.

    With a model, every decision has its own call log in `store`, and the thresholds of cascades follow the earlier
    decisions of this backtest. Rate limits and the budgets of session and account are shared, and `budget` contains
    that of the account. Raises ConfigError for an invalid desk, model or prompt.
    """
    desk, prompts = load_desk(settings.desk), load_prompts(settings.prompts)
    if choose_model(settings).quick is None:
        return RuleBacktestDesk(replace(open_rule_desk(settings, source), memory=memory))
    account = _account_budget(settings, store, backtest_id, budget)
    form = ModelBookStrategy if desk.over_book else ModelDeskStrategy
    return form(settings, desk, prompts, source, store, account, backtest_id, memory)


def warm_up_run(backtest_id: str) -> RunId:
    """Return the run id under which the model calls of a backtest's warm-up are stored."""
    return RunId(f"{backtest_id}-warm-up")


def configuration_hash(settings: Settings) -> str:
    """Return a hash over everything outside the request that a backtest must share with one that it continues."""
    desk, prompts = load_desk(settings.desk), load_prompts(settings.prompts)
    team = build_team(desk, prompts, None, order_policy(desk.limits_within(settings.limits)), seed=settings.seed)
    asked = settings.model_copy(update={"replay": None})  # a replay is the backtest that it repeats
    where = endpoint_name(asked, choose_model(asked))
    return digest([desk.model_dump(mode="json"), prompt_hashes(team), __version__, where, market_identity(settings)])


def open_rule_desk(settings: Settings, source: MarketSource) -> Desk:
    """Open the desk in the settings with a rule for every role; derivations are kept between its decisions."""
    desk, prompts = load_desk(settings.desk), load_prompts(settings.prompts)
    built = rule_desk(
        desk,
        prompts,
        source,
        settings.limits,
        portfolio=settings.portfolio,
        seed=settings.seed,
        version=__version__,
        timer=lambda: 0.0,
    )
    learned = kept_learning(settings, desk, prompts, InMemoryLearnedStore(), "backtest")
    return replace(built, memo=ViewMemo(), plan=plan_of(built.graph), results=ProcessPeriodResults(), learned=learned)


def _account_budget(settings: Settings, store: BacktestStore, backtest_id: str, parent: Budget | None) -> Budget:
    """Return the budget of the whole backtest inside `parent`, with what its finished decisions have spent."""
    budget, prices = Budget("account", _caps(settings.budgets.account), parent), price_table(settings.prices)
    for run_id in store.decided(backtest_id):
        budget.book(spent_in(store.call_log(run_id).calls(), prices))
        budget.book(spent_in(store.call_log(learning_run(run_id)).calls(), prices))
    return budget


def learning_run(run_id: RunId) -> RunId:
    """Return the id of the call log of the step of learning before a session, whose first decision is `run_id`."""
    return RunId(f"{run_id}-learning")


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
        request = requests[0]
        calls, settings = self.store.call_log(request.run_id), with_own_recording(self.settings, request.run_id)
        runs = [new_run(each.run_id, each.ticker, each.as_of, settings) for each in requests]
        past = self._convictions.before(request.as_of.astimezone(UTC).isoformat())
        with RunRecording(settings, runs, [each.account for each in requests], calls, past) as recording:
            decisions = await self._decide(requests, settings, calls, recording.tape)
            recording.finish(decisions)
        return decisions

    async def _decide(
        self, requests: Sequence[DecisionRequest], settings: Settings, calls: CallLog, tape: Tape | None
    ) -> Sequence[Decision]:
        request = requests[0]
        async with self._open(settings, calls, self._session(request), tape) as opened:
            desk = with_kept_results(opened, settings, self.store, self.backtest_id, request.run_id, tape)
            return await decide_book(desk, requests) if self.desk.over_book else [await decide(desk, request)]

    async def learn(self, start: SessionStart, requests: Sequence[DecisionRequest]) -> None:
        """Take the step of learning that is due; its calls belong to the first decision of the session."""
        if not learns_instructions(self.desk, self.settings):
            return
        request = requests[0]
        if self.settings.replay is not None or self.settings.recording is not RecordingMode.OFF:
            raise ConfigError(f"desk {self.desk.name} learns, so its backtest can be neither recorded nor replayed")
        calls = self.store.call_log(learning_run(request.run_id))
        async with self._open(self.settings, calls, self._session(request), None) as desk:
            await learn_before_session(desk, start)

    @asynccontextmanager
    async def warm_up_desk(self) -> AsyncIterator[Desk]:
        """Open the desk with a call log of the warm-up, so that lessons are not paid for again."""
        run_id = warm_up_run(self.backtest_id)
        calls = self.store.call_log(run_id)
        async with self._open(self.settings, calls, self.budget, None) as desk:
            yield with_kept_results(desk, self.settings, self.store, self.backtest_id, run_id, None)

    @asynccontextmanager
    async def _open(self, settings: Settings, calls: CallLog, budget: Budget, tape: Tape | None) -> AsyncIterator[Desk]:
        access = ModelAccess(call_budget(settings, calls, budget), tape)
        model = open_model(settings, choose_model(settings), calls, access)
        if model is None:
            raise ConfigError("the desk has no model")
        folder, account = self.store.folder, self.backtest_id
        with stored_learning(settings, self.desk, self.prompts, folder, account, stops_at_budget=True) as learned:
            async with model:
                yield self._built(settings, calls, model, access, learned)

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


def model_of(settings: Settings) -> ModelInfo:
    """Return the models that answer."""
    choice = choose_model(settings)
    if choice.quick is None or choice.deep is None:
        return RULE_MODEL
    return ModelInfo("openai", choice.quick, choice.deep)
