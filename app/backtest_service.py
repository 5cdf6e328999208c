"""Run, continue and store backtests. Results are returned and reported to an observer, never printed."""

import asyncio
import json
import time
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, closing, contextmanager
from dataclasses import replace
from datetime import date
from functools import partial
from typing import Protocol

from pydantic import TypeAdapter

from .. import __version__
from ..desk.accounts.in_memory_account import InMemoryAccount
from ..desk.accounts.journal_readings import JournalReadings
from ..desk.accounts.notional_orders import NO_AMOUNTS, Amounts
from ..desk.allocation import PortfolioAllocation
from ..desk.backtest import BacktestProgress, BacktestResult, run_backtest
from ..desk.episode_training import OpenAccount
from ..desk.records.backtest_store import BacktestStore, StoredBacktest
from ..desk.records.provenance import digest
from ..desk.records.run_store import RunStore
from ..desk.session import SessionPorts
from ..desk.strategies.baselines import Cash
from ..desk.strategies.equal_dollar_hold import EqualDollarHold
from ..desk.strategies.strategy import Strategy
from ..domain.errors import ConfigError, StaleDecision
from ..domain.ids import Symbol
from ..graph.desk_config import load_desk
from ..ledger.pricing.units import MINOR, exact_units
from ..llm.cutoffs import knowledge_cutoff
from ..market.source import MarketSource
from ..performance.returns import SESSIONS_A_YEAR
from ..reports.backtest_view import BacktestView, KnownWindow, RunTime, track
from .account_history import readings_for
from .backtest_desk import BacktestDesk, configuration_hash, model_of
from .backtest_memory import desk_with_memory, warm_up_backtest
from .backtest_model_desk import warm_up_run
from .backtest_records import BacktestRecords
from .backtest_request import BacktestRequest, check_request
from .backtest_workers import WorkerDesk, check_workers, worker_desk
from .clock import now
from .factories import choose_model, open_market, open_store, with_chosen_model
from .id_prefix import LATEST, match_id
from .settings import LOCATION_SETTINGS, RETRY_SETTINGS, Settings, home, load_settings

DAYS_A_YEAR = 365
_REQUEST: TypeAdapter[BacktestRequest] = TypeAdapter(BacktestRequest)


class BacktestObserver(Protocol):
    """Receives the events of a backtest in order. Implementations must not raise."""

    def notice(self, text: str) -> None:
        """Receive one sentence for the user."""

    def started(self, backtest_id: str, text: str, *, synthetic: bool) -> None:
        """Receive the id and a description before the first session."""

    def progress(self, progress: BacktestProgress) -> None:
        """Receive the state after a session of the desk."""


class BacktestInterrupted(KeyboardInterrupt):
    """The user interrupted a backtest that can be continued: `backtest_id`."""

    def __init__(self, backtest_id: str) -> None:
        super().__init__(backtest_id)
        self.backtest_id = backtest_id


class BacktestService:
    """Runs backtests with one set of settings. Stored accounts are never touched."""

    def __init__(self, settings: Settings, observer: BacktestObserver, *, workers: int = 1) -> None:
        """Create a service; with several `workers`, a desk of rules decides in so many processes."""
        self._given, self._observer, self._workers = settings, observer, workers

    def run(self, request: BacktestRequest, source: MarketSource) -> BacktestView:
        """Run a backtest, or continue the one with the same request and the same configuration.

        Raises what `check_request` raises, ModelUnavailable and BudgetExceeded, after which the backtest can be
        continued, and BacktestInterrupted on SIGINT.
        """
        settings, notice = with_chosen_model(self._given), choose_model(self._given).notice
        check_request(request, source, now())
        stored = _new(request, settings)
        if notice:
            self._observer.notice(notice)
        with closing(BacktestStore(home(settings))) as store:
            return self._complete(stored, request, settings, source, store)

    def resume(self, backtest_id: str) -> BacktestView:
        """Continue a backtest, given by its id, a unique prefix or `latest`, with the settings it was started with.

        Raises ConfigError for an unknown id, StaleDecision if its configuration has changed, and what `run` raises.
        """
        with closing(BacktestStore(home(self._given))) as store:
            stored = _resolve(store, backtest_id)
            document = json.loads(stored.request)
            present = self._given.model_dump(include=LOCATION_SETTINGS | RETRY_SETTINGS)
            settings = load_settings(document["settings"] | present)
            request = _REQUEST.validate_python(document["request"])
            if configuration_hash(settings) != stored.config_hash:
                raise StaleDecision(
                    f"backtest {stored.backtest_id} cannot be continued: prompts, desk, endpoint, market data or the "
                    "program have changed since it was started; start a new one"
                )
            return self._complete(stored, request, settings, open_market(settings), store)

    def _complete(
        self,
        stored: StoredBacktest,
        request: BacktestRequest,
        settings: Settings,
        source: MarketSource,
        store: BacktestStore,
    ) -> BacktestView:
        name = stored.backtest_id
        with store.lease(name).held():
            if (known := store.find(name)) is None:
                store.begin(stored)
            elif done := len(store.decided(name)):
                state = "finished" if known.finished_at else "interrupted"
                self._observer.notice(f"backtest {name} was {state} before; its {done} stored decisions are used again")
            self._observer.started(name, _description(request, settings), synthetic=source.synthetic)
            try:
                view = asyncio.run(self._run(name, request, settings, source, store))
            except KeyboardInterrupt as stop:
                raise BacktestInterrupted(name) from stop
            store.finish(name, now())
            return view

    async def _run(
        self, name: str, request: BacktestRequest, settings: Settings, source: MarketSource, store: BacktestStore
    ) -> BacktestView:
        desk_name = load_desk(settings.desk).name
        durable, start = choose_model(settings).quick is not None, time.perf_counter()
        with _kept_runs(request, settings) as runs, self._desk(name, request, settings, source, store) as opened:
            accounts = partial(_account, request=request, source=source, readings=readings_for(settings))
            desk = await _prepared(opened, request, accounts)
            records = BacktestRecords(name, store, settings, runs, durable=durable)
            result = await self._track(name, desk, request, settings, source, records.ports)
            records.count_calls(warm_up_run(name))
        seconds = time.perf_counter() - start
        reserve = request.rules.cushion_bps + request.cost_bps
        hold = EqualDollarHold(source, len(request.symbols), reserve)
        held = await _baseline(hold, request, source, request.symbols, hold.amounts)
        idle = await _baseline(Cash(source), request, source, ())
        return BacktestView(
            backtest_id=name,
            version=__version__,
            market=source.name,
            synthetic=source.synthetic,
            desk=desk_name,
            model=model_of(settings),
            symbols=tuple(request.symbols),
            every=str(request.every),
            seed=settings.seed,
            currency=request.currency,
            cash=request.cash,
            sessions=result.sessions,
            tracks=tuple(
                track(label, each, _periods(request))
                for label, each in (("desk", result), ("buy and hold", held), ("cash", idle))
            ),
            decisions=result.decisions,
            known=known_windows(settings, result.sessions),
            usage=records.usage,
            time=RunTime(seconds, len(result.decisions) - records.reused, records.reused),
        )

    def _desk(
        self, name: str, request: BacktestRequest, settings: Settings, source: MarketSource, store: BacktestStore
    ) -> AbstractContextManager[BacktestDesk | WorkerDesk]:
        if self._workers == 1:
            return desk_with_memory(name, request, settings, source, store, self._observer.notice)
        desk = load_desk(settings.desk)
        check_workers(desk, settings, uses_memory=request.uses_memory)
        return worker_desk(desk, settings, request.symbols, self._workers)

    async def _track(
        self,
        name: str,
        desk: Strategy,
        request: BacktestRequest,
        settings: Settings,
        source: MarketSource,
        ports: SessionPorts,
    ) -> BacktestResult:
        account = _account(name, request, source, readings=readings_for(settings))
        limits = PortfolioAllocation(account, source, settings.portfolio)
        checked = ports.allocate
        ports = replace(ports, allocate=lambda decisions: limits(checked(decisions)))
        return await run_backtest(
            account,
            desk,
            request.symbols,
            request.first,
            request.last,
            every=request.every,
            ports=ports,
            concurrency=settings.max_parallel,
            observe=self._observer.progress,
        )


async def _prepared(opened: BacktestDesk | WorkerDesk, request: BacktestRequest, accounts: OpenAccount) -> Strategy:
    """Return the strategy after its warm-up and training, if they are asked for; `accounts` opens those of episodes."""
    if not isinstance(opened, WorkerDesk):
        await warm_up_backtest(request, opened, accounts)
    return opened if isinstance(opened, WorkerDesk) else opened.strategy


@contextmanager
def _kept_runs(request: BacktestRequest, settings: Settings) -> Iterator[RunStore | None]:
    """Open the store that decisions are kept in; yields None if they are not kept."""
    if not request.keep_decisions:
        yield None
        return
    with closing(open_store(settings)) as runs:
        yield runs


def _resolve(store: BacktestStore, text: str) -> StoredBacktest:
    known = {each.backtest_id: each for each in store.all()}
    if text == LATEST and known:
        return next(iter(known.values()))
    if not known:
        raise ConfigError("there is no backtest to continue; start one with openoutcry backtest SYMBOLS --from --to")
    return known[match_id(text, known, "backtest", "openoutcry backtest --resume latest")]


def _new(request: BacktestRequest, settings: Settings) -> StoredBacktest:
    """Return the backtest of a request; the same request and configuration always have the same id."""
    stored = {
        "settings": settings.model_dump(mode="json", exclude=LOCATION_SETTINGS | RETRY_SETTINGS),
        "request": _REQUEST.dump_python(request, mode="json"),
    }
    configuration = configuration_hash(settings)
    name = f"bt-{request.first:%Y%m%d}-{request.last:%Y%m%d}-{digest([stored, configuration])[:8]}"
    return StoredBacktest(name, now(), None, json.dumps(stored), configuration)


def _account(
    name: str,
    request: BacktestRequest,
    source: MarketSource,
    amounts: Amounts = NO_AMOUNTS,
    readings: JournalReadings | None = None,
) -> InMemoryAccount:
    cash = exact_units(request.cash, MINOR, "cash")
    return InMemoryAccount.open(
        name, request.rules, cash, source, currency=request.currency, amounts=amounts, readings=readings
    )


async def _baseline(
    strategy: Strategy,
    request: BacktestRequest,
    source: MarketSource,
    watchlist: Sequence[Symbol],
    amounts: Amounts = NO_AMOUNTS,
) -> BacktestResult:
    account = _account(strategy.name, request, source, amounts)
    return await run_backtest(account, strategy, watchlist, request.first, request.last, every=request.every)


def _periods(request: BacktestRequest) -> int:
    return DAYS_A_YEAR if request.rules.crypto else SESSIONS_A_YEAR


def known_windows(settings: Settings, sessions: Sequence[date]) -> tuple[KnownWindow, ...]:
    """Return which part of a window lies before the knowledge cut-off of each model; empty for rules."""
    choice, found = choose_model(settings), list[KnownWindow]()
    for name in dict.fromkeys(name for name in (choice.quick, choice.deep) if name is not None):
        cutoff = knowledge_cutoff(name)
        if cutoff is None:
            found.append(KnownWindow(name, None, "", None))
            continue
        before = sum(session <= cutoff.cutoff for session in sessions)
        found.append(KnownWindow(name, cutoff.cutoff, cutoff.source, before))
    return tuple(found)


def _description(request: BacktestRequest, settings: Settings) -> str:
    quick, count = choose_model(settings).quick or "rules", len(request.symbols)
    symbols = "1 symbol" if count == 1 else f"{count} symbols"
    return (
        f"{symbols}, {request.first} to {request.last}, one decision per {request.every}, desk "
        f"{load_desk(settings.desk).name}, model {quick}"
    )
