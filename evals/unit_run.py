"""Running of one unit: the one loop of the package, with an account, a memory and a folder of its own."""

import asyncio
import shutil
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import date
from decimal import Decimal
from functools import lru_cache, partial
from pathlib import Path

from ..app.account_history import readings_for
from ..app.backtest_desk import BacktestDesk, RuleBacktestDesk, backtest_desk, open_rule_desk
from ..app.backtest_model_desk import warm_up_run
from ..app.backtest_records import BacktestRecords
from ..app.factories import DEMO, cache_folder, open_market
from ..app.settings import Settings
from ..desk.accounts.in_memory_account import InMemoryAccount
from ..desk.accounts.notional_orders import NO_AMOUNTS, Amounts
from ..desk.allocation import PortfolioAllocation
from ..desk.backtest import BacktestResult, DecisionSummary, run_backtest
from ..desk.decision import RULE_MODEL
from ..desk.learning.memory import DeskMemory
from ..desk.records.backtest_store import BacktestStore
from ..desk.session import NO_PORTS, SessionPorts, SessionRecord
from ..desk.strategies.catalog import BaselineSetting, open_baseline
from ..desk.strategies.strategy import Strategy
from ..desk.training import train
from ..desk.warm_up import WarmUpWindow, warm_up
from ..domain.decision import Decision
from ..domain.ids import Symbol
from ..domain.trading_calendar import trading_calendar
from ..graph.desk_config import load_desk
from ..ledger.pricing.units import MINOR
from ..llm.budget import Budget
from ..llm.embeddings.hashing import HashingEmbedder
from ..llm.pricing import Price, price_table
from ..llm.usage import cost_usd, usage_by_role
from ..market.demo import demo_market
from ..market.source import MarketSource
from ..memory.presets.catalog import find_preset
from ..memory.record import Namespace
from ..memory.store import FileMemoryStore
from ..reports.backtest_view import ModelUsage
from .kept_decisions import DecisionKeeper, UnitReturns
from .shared_memo import SharedMemo
from .traded_prices import traded_source
from .unit import PlannedUnit, UnitDecision, UnitRecord, UnitUsage


def run_rule_unit(unit: PlannedUnit) -> UnitRecord:
    """Run a unit without a model, in this process; raises what `run_unit_async` raises."""
    return asyncio.run(run_unit_async(unit))


async def run_unit_async(unit: PlannedUnit, budget: Budget | None = None) -> UnitRecord:
    """Run a unit; the budget of its model calls is inside `budget`.

    A unit with a model that was interrupted repeats no finished call. Raises ModelUnavailable, BudgetExceeded,
    ConfigError and bugs.
    """
    start, settings = time.perf_counter(), Settings.model_validate_json(unit.settings)
    source = unit_market(unit.settings, unit.seed, unit.last)
    walk = _Walk(unit, source, settings)
    if unit.baseline is not None:
        opened = open_baseline(unit.baseline, _baseline_setting(unit, source))
        await walk.run(opened.strategy, amounts=opened.amounts, limited=False)
    else:
        with _opened_memory(unit, settings) as memory:
            await (_run_with_model(walk, memory, budget) if unit.has_model else _run_with_rules(walk, memory))
    return walk.record(time.perf_counter() - start)


async def _run_with_rules(walk: "_Walk", memory: DeskMemory | None) -> None:
    unit, settings = walk.unit, walk.settings
    kept = _shared_memo(settings.market, str(settings.home), unit.seed, unit.last, unit.symbols)
    opened = RuleBacktestDesk(replace(open_rule_desk(settings, walk.source), memory=memory, memo=kept))
    await _prepare(walk, opened)
    await walk.run(opened.strategy)


async def _run_with_model(walk: "_Walk", memory: DeskMemory | None, budget: Budget | None) -> None:
    unit, settings = walk.unit, walk.settings
    with _calls_of(unit) as store:
        opened = backtest_desk(settings, walk.source, store, unit.key, memory=memory, budget=budget)
        await _prepare(walk, opened)
        records = BacktestRecords(unit.key, store, settings, None, durable=True)
        await walk.run(opened.strategy, _ports(unit, records))
        walk.usage = _usage(records.usage) + warm_up_usage(store, unit.key, price_table(settings.prices))


async def _prepare(walk: "_Walk", opened: BacktestDesk) -> None:
    """Fill the memory by the labelled warm-up and train the desk, if the unit asks for them."""
    unit = walk.unit
    if unit.labelled_from is None and unit.trained_from is None:
        return
    async with opened.warm_up_desk() as desk:
        if unit.labelled_from is not None:
            await warm_up(desk, unit.symbols, _before_test(unit, unit.labelled_from))
        if unit.trained_from is not None:
            await train(desk, unit.symbols, _before_test(unit, unit.trained_from), walk.open_account)


def _before_test(unit: PlannedUnit, first: date) -> WarmUpWindow:
    """Return the sessions from `first` to the second one before the unit's window."""
    calendar = trading_calendar(unit.calendar)
    test = calendar.between(unit.first, unit.last)[0]
    return WarmUpWindow(first, calendar.previous(calendar.previous(test)), test)


@lru_cache(maxsize=3)
def unit_market(settings: str, seed: int, last: date) -> MarketSource:
    """Return the market of a unit; `settings` is JSON text. The demo market ends with the window."""
    read = Settings.model_validate_json(settings)
    return _demo(seed, last, cache_folder(read)) if read.market == DEMO else _folder(read.market, str(read.home))


@lru_cache(maxsize=3)
def _demo(seed: int, last: date, cache: Path) -> MarketSource:
    return demo_market(seed=seed, last=last, cache=cache)


@lru_cache(maxsize=1)
def _shared_memo(market: str, home: str, seed: int, last: date, symbols: tuple[Symbol, ...]) -> SharedMemo:
    """Return the memo of one account of a market, which the arms that are run next have in common."""
    return SharedMemo()


@lru_cache(maxsize=1)
def _folder(market: str, home: str) -> MarketSource:
    return open_market(Settings(market=market, home=Path(home)))


def _baseline_setting(unit: PlannedUnit, source: MarketSource) -> BaselineSetting:
    costs = unit.account.commission_bps + unit.account.slippage_bps
    return BaselineSetting(source, unit.symbols, unit.rules.cushion_bps + costs, unit.seed, unit.rate)


@contextmanager
def _opened_memory(unit: PlannedUnit, settings: Settings) -> Iterator[DeskMemory | None]:
    """Open an empty memory in the unit's folder; yields None without one.

    A memory of an interrupted unit is removed: the unit runs anew, with the model calls that it had finished.
    """
    if unit.memory == "none":
        yield None
        return
    desk, folder = load_desk(settings.desk), unit.folder / "memory"
    shutil.rmtree(folder, ignore_errors=True)
    with FileMemoryStore(folder, HashingEmbedder(), find_preset(unit.memory)) as keeper:
        space = Namespace(f"experiment-{unit.seed}", unit.key, agent=desk.name)
        learns = desk.learning.kind == "analyst_weights"
        yield DeskMemory(keeper, space, tokens=desk.memory.tokens, updates_weights=learns, learning=desk.learning)


@contextmanager
def _calls_of(unit: PlannedUnit) -> Iterator[BacktestStore]:
    """Open the store of the unit's model calls and decisions, in its folder."""
    unit.folder.mkdir(parents=True, exist_ok=True)
    with closing(BacktestStore(unit.folder)) as store:
        yield store


def _ports(unit: PlannedUnit, records: BacktestRecords) -> SessionPorts:
    """Return the ports of the unit; with a memory, decisions are made again so that the memory is complete."""
    ports = records.ports
    return ports if unit.memory == "none" else replace(ports, find_decision=lambda _run_id: None)


class _Walk:
    """One unit while it runs: its account, and the decisions in the order of sessions and symbols."""

    def __init__(self, unit: PlannedUnit, source: MarketSource, settings: Settings) -> None:
        self.unit, self.source, self.settings = unit, source, settings
        self.usage, self._decisions = UnitUsage(), list[Decision]()
        self._result: BacktestResult | None = None
        self._returns = UnitReturns(unit, source)
        self._keeper = DecisionKeeper(unit, self._returns)

    def open_account(self, name: str, *, amounts: Amounts = NO_AMOUNTS, limited: bool = True) -> InMemoryAccount:
        """Open a new account with the cash and rules of the unit."""
        unit = self.unit
        return InMemoryAccount.open(
            name,
            unit.rules,
            int(unit.account.cash * MINOR),
            traded_source(self.source, unit.account),
            currency=unit.account.currency,
            amounts=amounts,
            readings=readings_for(self.settings) if limited else None,
        )

    async def run(
        self,
        strategy: Strategy,
        ports: SessionPorts = NO_PORTS,
        *,
        amounts: Amounts = NO_AMOUNTS,
        limited: bool = True,
    ) -> None:
        """Run the strategy on a new account, `limited` by the limits over the whole book."""
        unit = self.unit
        account = self.open_account(unit.key, amounts=amounts, limited=limited)
        limits = PortfolioAllocation(account, self.source, self.settings.portfolio)
        allocate = (lambda made: limits(ports.allocate(made))) if limited else ports.allocate
        self._result = await run_backtest(
            account,
            strategy,
            unit.symbols,
            unit.first,
            unit.last,
            every=unit.every,
            ports=replace(ports, allocate=allocate, publish=partial(self._publish, ports)),
            concurrency=self.settings.max_parallel,
        )

    def record(self, seconds: float) -> UnitRecord:
        """Return the record of the unit; raises ValueError before it has run."""
        if self._result is None:
            raise ValueError("the unit has not run")
        record = _record(self.unit, self._result, self._decisions, self._returns, self.usage)
        return replace(record, seconds=seconds, kept=self._keeper.kept)

    def _publish(self, ports: SessionPorts, record: SessionRecord) -> None:
        ports.publish(record)
        for decision in record.decisions:
            self._keeper.add(record.session, decision)
            self._decisions.append(_compact(decision))


def _compact(decision: Decision) -> Decision:
    """Return the decision without its evidence and texts, which a long backtest cannot keep in memory."""
    return replace(decision, evidence=(), reports=(), debate=(), opinions=(), recalled=())


def _usage(used: ModelUsage) -> UnitUsage:
    return UnitUsage(used.calls, used.prompt_tokens, used.completion_tokens, used.cost_usd)


def warm_up_usage(store: BacktestStore, backtest_id: str, prices: Mapping[str, Price]) -> UnitUsage:
    """Return the usage of the model calls of a labelled warm-up, such as those that write lessons."""
    calls = store.call_log(warm_up_run(backtest_id)).calls()
    roles = usage_by_role(calls).values()
    return UnitUsage(
        sum(role.model_calls for role in roles),
        sum(role.prompt_tokens for role in roles),
        sum(role.completion_tokens for role in roles),
        cost_usd(calls, prices),
    )


def _record(
    unit: PlannedUnit, result: BacktestResult, decisions: Sequence[Decision], returns: UnitReturns, usage: UnitUsage
) -> UnitRecord:
    deciding = tuple(sorted({each.session for each in result.decisions}))
    paid = result.paid
    return UnitRecord(
        key=unit.key,
        sessions=result.sessions,
        cash=result.cash,
        equity=result.equity,
        exposure=result.exposure,
        gross_exposure=result.gross_exposure,
        spent=result.spent,
        traded=result.traded_at,
        costs={"commission": paid.commission, "slippage": paid.slippage, "borrow": paid.borrow},
        deciding=deciding,
        fills=result.fills,
        decisions=tuple(
            _decision(each, made, returns.of(each.symbol).get(each.session))
            for each, made in zip(result.decisions, decisions, strict=True)
        ),
        usage=usage,
        seconds=0.0,
    )


def _decision(summary: DecisionSummary, made: Decision, forward_return: float | None) -> UnitDecision:
    thesis = made.thesis
    return UnitDecision(
        run_id=made.run_id,
        session=summary.session,
        symbol=summary.symbol,
        outcome=str(summary.outcome),
        opened=tuple(map(str, summary.opened)),
        rejected=summary.rejected,
        clamps=len(made.risk.clamps),
        cause=None if summary.cause is None else str(summary.cause),
        reason=summary.reason,
        conviction=None if thesis is None else float(thesis.conviction),
        summary="" if thesis is None else thesis.summary,
        forward_return=forward_return,
        cost_usd=Decimal(0) if made.model == RULE_MODEL else made.usage.cost_usd,
    )
