"""Accounts run again under other conditions: costs, prices, delay, another market. Models are not called."""

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace

from ...app.backtest_desk import open_rule_desk
from ...app.settings import Settings
from ...desk.accounts.in_memory_account import InMemoryAccount
from ...desk.backtest import BacktestResult, run_backtest
from ...desk.decision import DecisionRequest
from ...desk.records.backtest_store import FILE_NAME, BacktestStore
from ...desk.run_id import submission_run_id
from ...desk.strategies.desk_strategy import desk_strategy
from ...desk.strategies.strategy import Strategy
from ...domain.decision import Decision, Outcome, RiskOutcome
from ...domain.errors import NoData
from ...domain.trading_calendar import TradingCalendar, trading_calendar
from ...graph.desk_config import load_desk
from ...ledger.model.events import Event
from ...ledger.pricing.units import MINOR
from ...market.source import MarketSource
from ..experiment import ExperimentAccount
from ..traded_prices import traded_source
from ..unit import PlannedUnit

MOST_SESSIONS = 60


@dataclass(frozen=True, slots=True)
class Rerun:
    """An account that was run again: its figures, and the events of its journal."""

    result: BacktestResult
    events: Sequence[Event]


def rerun(
    unit: PlannedUnit, source: MarketSource, account: ExperimentAccount | None = None, *, late: bool = False
) -> Rerun:
    """Run the first sessions of a desk's unit again on `source`, with `account` in place of its own.

    Rules decide anew; of a desk with a model the stored decisions are used. With `late`, each decision is that of the
    session before. Raises NoData if a decision of a model is not stored.
    """
    changed = replace(unit, account=account or unit.account)
    days = trading_calendar(unit.calendar).between(unit.first, unit.last)
    last = days[min(len(days), MOST_SESSIONS) - 1]
    opened = InMemoryAccount.open(
        unit.key,
        changed.rules,
        int(changed.account.cash * MINOR),
        traded_source(source, changed.account),
        currency=changed.account.currency,
    )
    with _strategy(unit, source) as inner:
        strategy: Strategy = LateStrategy(inner, opened.calendar, unit.key) if late else inner
        result = asyncio.run(run_backtest(opened, strategy, unit.symbols, unit.first, last, every=unit.every))
    return Rerun(result, opened.broker.journal.events)


@contextmanager
def _strategy(unit: PlannedUnit, source: MarketSource) -> Iterator[Strategy]:
    settings = Settings.model_validate_json(unit.settings)
    if not unit.has_model:
        yield desk_strategy(open_rule_desk(settings, source))
        return
    if not (unit.folder / FILE_NAME).is_file():
        raise NoData(f"the decisions of {unit.track} are not in this run; audit the run whose units it has used again")
    store = BacktestStore(unit.folder)
    try:
        yield StoredDecisions(store, load_desk(settings.desk).name)
    finally:
        store.close()


@dataclass(frozen=True, slots=True)
class StoredDecisions:
    """The decisions that a desk made before, by run id; raises NoData for one that is not stored."""

    store: BacktestStore
    name: str

    async def __call__(self, request: DecisionRequest) -> Decision:
        found = self.store.find_decision(request.run_id)
        if found is None:
            raise NoData(f"the decision {request.run_id} is not stored")
        return found


@dataclass(frozen=True, slots=True)
class LateStrategy:
    """Decides as `inner` decided at the session before; without a decision of that session, it sends nothing."""

    inner: Strategy
    calendar: TradingCalendar
    account: str

    @property
    def name(self) -> str:
        return self.inner.name

    async def __call__(self, request: DecisionRequest) -> Decision:
        before = self.calendar.previous(self.calendar.last_completed(request.as_of))
        run_id = submission_run_id(self.account, before, request.ticker, self.name, request.attempt)
        earlier = replace(request, as_of=self.calendar.close(before), run_id=run_id)
        try:
            made = await self.inner(earlier)
        except NoData:  # the decision of the session before the window is not stored
            own = await self.inner(request)
            made = replace(own, outcome=Outcome.HOLD, risk=RiskOutcome(), resting_actions=())
        return replace(made, run_id=request.run_id, as_of=request.as_of)
