"""The desk of a backtest: opened once, it decides on every symbol and session."""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, replace
from typing import Protocol

from .. import __version__
from ..desk.decision import RULE_MODEL, Desk
from ..desk.learning.learned_store import InMemoryLearnedStore
from ..desk.learning.memory import DeskMemory
from ..desk.records.backtest_store import BacktestStore
from ..desk.records.provenance import digest, prompt_hashes
from ..desk.rule_desk import order_policy, rule_desk
from ..desk.strategies.desk_strategy import desk_strategy
from ..desk.strategies.strategy import Strategy
from ..domain.decision import ModelInfo
from ..graph.desk_config import load_desk
from ..graph.interpreter import plan_of
from ..graph.period_results import ProcessPeriodResults
from ..graph.team_builder import build_team
from ..llm.budget import Budget
from ..market.source import MarketSource
from ..market.view_memo import ViewMemo
from ..prompts.library import load_prompts
from .backtest_model_desk import ModelBookStrategy, ModelDeskStrategy, account_budget
from .desk_learning import kept_learning
from .factories import choose_model, endpoint_name, market_identity
from .settings import Settings


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
    account = account_budget(settings, store, backtest_id, budget)
    form = ModelBookStrategy if desk.over_book else ModelDeskStrategy
    return form(settings, desk, prompts, source, store, account, backtest_id, memory)


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


def model_of(settings: Settings) -> ModelInfo:
    """Return the models that answer."""
    choice = choose_model(settings)
    if choice.quick is None or choice.deep is None:
        return RULE_MODEL
    return ModelInfo("openai", choice.quick, choice.deep)
