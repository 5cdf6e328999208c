"""Decide over a book from the command line: one run of the desk, and a stored decision on every symbol."""

import asyncio
import json
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import datetime

from ..desk.records.run_status import Status
from ..desk.records.run_store import Run
from ..domain.decision import Decision
from ..domain.errors import ConfigError, OpenOutcryError
from ..domain.ids import Symbol
from ..graph.desk_config import load_desk
from ..market.source import MarketSource
from .as_of import check_can_submit, parse_as_of
from .budgets import outer_budget
from .clock import now
from .decision_account import DecisionAccount, open_account
from .decision_run import DecisionRunner, can_be_retried
from .decision_service import DecisionResult, DecisionService
from .factories import choose_model, normalize_symbol, open_market, prefetch, with_chosen_model
from .id_prefix import resolve_run
from .known_ticker import check_ticker
from .settings import LOCATION_SETTINGS, RETRY_SETTINGS, Settings, load_settings


@dataclass(frozen=True, slots=True)
class BookDecisions:
    """The results of one run over a book by symbol, and the errors of tickers that are not part of the book."""

    results: Mapping[str, DecisionResult]
    failures: Mapping[str, Exception]


class BookDecisionService(DecisionService):
    """Makes the decisions of a desk over a book in one run. Its runs share start, moment, desk and settings."""

    def decide_book(self, tickers: Sequence[str], as_of: str | None) -> BookDecisions:
        """Decide on all tickers together; one that is unknown is left out and does not end the others.

        Raises ConfigError for settings that contradict each other and tickers whose sessions end at different times,
        and RunInterrupted on SIGINT.
        """
        self._check_settings(self._given)
        if self._given.replay is not None:
            raise ConfigError("--replay takes one run; `openoutcry runs replay RUN` replays a run over a book")
        settings = with_chosen_model(self._given)
        source, failures = open_market(settings), dict[str, Exception]()
        moments = dict[Symbol, datetime]()
        for ticker in tickers:
            try:
                symbol = normalize_symbol(ticker)
                check_ticker(settings, source, symbol)
                moments[symbol] = parse_as_of(as_of, source, symbol, now())
            except OpenOutcryError as error:
                failures[ticker] = error
        if notice := choose_model(self._given).notice:
            self._observer.notice(notice)
        if not moments:
            return BookDecisions({}, failures)
        runs = self._planned_book(settings, source, moments)
        return BookDecisions(self._complete_book(runs, source, settings), failures)

    def book_of(self, run_id: str) -> tuple[Run, ...]:
        """Return the runs that were started together with a run, sorted by ticker; the run alone without a book."""
        run = self._store.get(resolve_run(self._store, run_id))
        if not load_desk(str(json.loads(run.request)["desk"])).over_book:
            return (run,)
        shared = (run.started_at, run.as_of, run.desk, run.request)
        book = (each for each in self._store.runs() if shared == (each.started_at, each.as_of, each.desk, each.request))
        return tuple(sorted(book, key=lambda each: each.ticker))

    def resume_book(self, runs: Sequence[Run]) -> BookDecisions:
        """Resume the runs of one book with the settings that they were started with; raises as `resume`."""
        present = self._given.model_dump(include=LOCATION_SETTINGS | RETRY_SETTINGS)
        settings = load_settings(json.loads(runs[0].request) | present)
        return BookDecisions(self._complete_book(runs, open_market(settings), settings), {})

    def _planned_book(
        self, settings: Settings, source: MarketSource, moments: Mapping[Symbol, datetime]
    ) -> Sequence[Run]:
        """Return the runs to execute, sorted by symbol; they share the time at which they were started."""
        if len(set(moments.values())) > 1:
            shown = ", ".join(f"{symbol} {moment:%Y-%m-%d %H:%M %Z}" for symbol, moment in sorted(moments.items())[:5])
            raise ConfigError(
                f"a book is decided as of one moment, and the last sessions of these tickers differ: {shown}; give "
                "--as-of with a time, such as 2025-03-03T21:00+00:00"
            )
        if settings.submit:
            for symbol, moment in moments.items():
                check_can_submit(moment, source, symbol)
        runs = [self._planned(settings, source, symbol, moment) for symbol, moment in sorted(moments.items())]
        return [run if run.config_hash else replace(run, started_at=runs[0].started_at) for run in runs]

    def _complete_book(
        self, runs: Sequence[Run], source: MarketSource, settings: Settings
    ) -> Mapping[str, DecisionResult]:
        """Perform the remaining steps of the runs: decide together, submit one after the other, close."""
        with (
            self._store.lease(runs[0].run_id).held(),
            open_account(settings, source, self._store, self._notify) as account,
        ):
            runs = [self._present(run) for run in runs]
            stored = [self._store.find_decision(run.run_id) for run in runs]
            known = [decision for decision in stored if decision is not None]
            if halted := account.halt_reason():
                self._observer.notice(f"account {settings.account} is halted ({halted})")
            with ExitStack() as stack:
                for run in reversed(runs):  # the first run is the one that an interrupt names
                    stack.enter_context(self._tracked(run.run_id))
                if len(known) < len(runs) or any(map(can_be_retried, known)):
                    known = [*self._decided(runs, account, source, settings)]
                else:
                    self._reopen(runs)
                closed = [self._close(decision, settings, account) for decision in known]
        return {each.ticker: DecisionResult(each, source, settings, halted=halted) for each in closed}

    def _decided(
        self, runs: Sequence[Run], account: DecisionAccount, source: MarketSource, settings: Settings
    ) -> Sequence[Decision]:
        for run in runs:
            prefetch(settings, source, Symbol(run.ticker), run.as_of, self._observer.waiting)
        shown = [account.account(Symbol(run.ticker), run.as_of) for run in runs]
        runner = DecisionRunner(settings, source, self._store, self._observer)
        return asyncio.run(
            runner.decide_together(runs, shown, outer_budget(settings, self._store, runs[0]), [""] * len(runs))
        )

    def _reopen(self, runs: Sequence[Run]) -> None:
        for run in runs:
            if run.status in {Status.INTERRUPTED, Status.FAILED}:
                self._store.move(run.run_id, Status.RUNNING)
