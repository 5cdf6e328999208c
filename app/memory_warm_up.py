"""The labelled warm-up of the memory of an account, or of decisions without an account."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from ..desk.accounts.in_memory_account import InMemoryAccount
from ..desk.learning.memory import DeskMemory
from ..desk.learning.recording import LABELLED
from ..desk.training import TrainingResult, is_trained, train
from ..desk.warm_up import WarmUpProgress, WarmUpWindow, warm_up
from ..domain.ids import RunId, Symbol
from ..domain.trading_calendar import TradingCalendar, trading_calendar
from ..graph.desk_sections import WarmUp
from ..ledger.model.account_rules import AccountRules
from ..market.source import MarketSource
from ..memory.record import Source
from .account_history import readings_for
from .clock import now
from .desk import open_desk
from .factories import open_market, open_store, with_chosen_model
from .known_ticker import check_ticker
from .settings import Settings

TRAINING_CASH = 10_000_000
"""Opening cash of the account of a training episode, in minor units."""


@dataclass(frozen=True, slots=True)
class WarmUpResult:
    """A finished warm-up: its labelled decisions, and the first session of the test that it ended before.

    `trained` is the training of a desk that learns in one; None for others.
    """

    labelled: int
    test: date
    trained: TrainingResult | None = None


class WarmUpObserver(Protocol):
    """Receives the events of a warm-up in order. Implementations must not raise."""

    def notice(self, text: str) -> None:
        """Receive one sentence for the user."""

    def progress(self, progress: WarmUpProgress) -> None:
        """Receive the state after a session."""


class MemoryWarmUp:
    """Fills the memory that later decisions with the same settings use."""

    def __init__(self, settings: Settings, observer: WarmUpObserver) -> None:
        self._settings, self._observer = with_chosen_model(settings), observer

    def run(self, symbols: Sequence[Symbol], first: date, last: date, before: date | None) -> WarmUpResult:
        """Label the sessions from `first` to `last`, strictly before the test; repeat what is missing only.

        The test begins with the first session that the memory has a decision of, with `before` if it is earlier, or
        with the next session from now on. Raises what `warm_up` raises.
        """
        source = open_market(self._settings)
        for symbol in symbols:
            check_ticker(self._settings, source, symbol)
        return asyncio.run(self._run(source, symbols, WarmUpWindow(first, last, before or date.max)))

    async def _run(self, source: MarketSource, symbols: Sequence[Symbol], window: WarmUpWindow) -> WarmUpResult:
        store = open_store(self._settings)
        names = "-".join(symbols)
        run_id = RunId(f"warm-up-{self._settings.account or 'none'}-{window.first}-{names}")
        async with open_desk(self._settings, source, store.call_log(run_id), notify=self._observer.notice) as desk:
            calendar = trading_calendar(source.calendar_name(symbols[0]))
            test = min(window.test, _first_test(desk.memory, calendar, now()))
            window = WarmUpWindow(window.first, window.last, test)
            labelled = 0
            if desk.file.memory.warmup is WarmUp.LABELLED or not is_trained(desk.file):
                labelled = await warm_up(desk, symbols, window, self._observer.progress)
            if not is_trained(desk.file):
                return WarmUpResult(labelled, test)
            rules = AccountRules(margin=True, calendar=calendar.name)
            trained = await train(desk, symbols, window, lambda name: self._account(name, rules, source))
            return WarmUpResult(labelled, test, trained)

    def _account(self, name: str, rules: AccountRules, source: MarketSource) -> InMemoryAccount:
        return InMemoryAccount.open(name, rules, TRAINING_CASH, source, readings=readings_for(self._settings))


def _first_test(memory: DeskMemory | None, calendar: TradingCalendar, moment: datetime) -> date:
    """Return the session of the first decision in the memory, or the next one from `moment` on."""
    if memory is None:
        return calendar.next_open(moment)
    theses = memory.at(moment).records(sources=(Source.THESIS,))
    decided = [calendar.last_completed(each.event_at) for each in theses if each.fact(LABELLED) is None]
    return min([*decided, calendar.next_open(moment)])
