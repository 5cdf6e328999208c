"""Start, resume, store and submit decision runs. Results are returned and reported to an observer, never printed."""

import asyncio
import json
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import datetime

from ..desk.records.run_status import Status
from ..desk.records.run_store import Run, RunStore
from ..domain.decision import Decision, Outcome
from ..domain.errors import ConfigError, OpenOutcryError
from ..domain.ids import RunId, Symbol
from ..market.source import MarketSource
from .as_of import check_can_submit, parse_as_of
from .budgets import outer_budget
from .clock import now
from .decision_account import DecisionAccount, open_account
from .decision_run import DecisionRunner, can_be_retried
from .factories import (
    choose_model,
    normalize_symbol,
    open_market,
    open_store,
    prefetch,
    with_chosen_model,
)
from .id_prefix import resolve_run
from .known_ticker import check_ticker
from .observer import DecisionObserver
from .recordings import with_recorded_model
from .run_identity import new_run, planned_run_id
from .settings import LOCATION_SETTINGS, RETRY_SETTINGS, Settings, load_settings


class RunInterrupted(KeyboardInterrupt):
    """The user interrupted a run that can be resumed.

    Attributes:
        run_id: the run, stored as interrupted.
    """

    def __init__(self, run_id: RunId) -> None:
        super().__init__(run_id)
        self.run_id = run_id


@dataclass(frozen=True, slots=True)
class DecisionResult:
    """A decision and the data that a report on it needs.

    Attributes:
        settings: the settings that the run was started with.
        repeated: True if the run had already finished, so that nothing was done.
        halted: why the account is halted; empty if it is not.
    """

    decision: Decision
    source: MarketSource
    settings: Settings
    repeated: bool = False
    halted: str = ""


class DecisionService:
    """Make decisions with one set of settings. Stored accounts are changed only if `settings.submit` is set."""

    def __init__(self, settings: Settings, observer: DecisionObserver) -> None:
        self._given, self._observer = settings, observer
        self._store: RunStore = open_store(settings)

    def close(self) -> None:
        """Close the store of runs."""
        self._store.close()

    def decide(self, ticker: str, as_of: str | None) -> DecisionResult:
        """Make and store a decision, and submit it if `settings.submit` is set.

        The id of a submitting run is derived from account, session, symbol, desk and `settings.attempt`. If that run
        has finished, its decision is returned and nothing changes; otherwise it is resumed. Raises ConfigError if
        settings contradict each other or the stored run, and RunInterrupted on SIGINT.
        """
        self._check_settings(self._given)
        given = with_recorded_model(self._given)
        notice, settings, symbol = choose_model(given).notice, with_chosen_model(given), normalize_symbol(ticker)
        source = open_market(settings)
        check_ticker(settings, source, symbol)
        timestamp = parse_as_of(as_of, source, symbol, now())
        if settings.submit:
            check_can_submit(timestamp, source, symbol)
        run = self._planned(settings, source, symbol, timestamp)
        if notice:
            self._observer.notice(notice)
        return self._complete(run, source, settings)

    def resume(self, run_id: str) -> DecisionResult:
        """Resume a run, given by its id, a unique prefix or `latest`, with the settings it was started with.

        A finished run is returned unchanged.

        A run that abstained because the model failed or the budget was exhausted is resumed too. Raises ConfigError
        for an unknown run, StaleDecision if its configuration has changed, and RunInterrupted on SIGINT.
        """
        run = self._store.get(resolve_run(self._store, run_id))
        present = self._given.model_dump(include=LOCATION_SETTINGS | RETRY_SETTINGS)
        settings = load_settings(json.loads(run.request) | present)
        return self._complete(run, open_market(settings), settings)

    def _check_settings(self, given: Settings) -> None:
        if given.submit and given.account is None:
            raise ConfigError("--submit needs an --account to send the orders to; openoutcry paper init opens one")
        if given.attempt > 1 and not given.submit:
            raise ConfigError("--attempt requires --submit; without --submit every decision is a new run")

    def _planned(self, settings: Settings, source: MarketSource, symbol: Symbol, timestamp: datetime) -> Run:
        """Return the run to execute: a new one, or the stored one with the same submission id."""
        run = new_run(planned_run_id(settings, source, symbol, timestamp), symbol, timestamp, settings)
        stored = self._store.find(run.run_id)
        if stored is None:
            if settings.submit:
                self._store.plan(run)
            return run
        return run if stored.status is Status.PLANNED else self._continued(stored, run, settings)

    def _continued(self, stored: Run, run: Run, settings: Settings) -> Run:
        """Return the stored run; raises ConfigError if it is unfinished and was started with other settings."""
        if self._is_finished(stored):
            self._observer.notice(
                f"run {stored.run_id} has already decided on {stored.ticker} for account {settings.account} and this "
                f"session; nothing was changed (--attempt {settings.attempt + 1} makes another decision)"
            )
        elif (stored.request, stored.as_of) != (run.request, run.as_of):
            raise ConfigError(
                f"run {stored.run_id} was started for this account, session, symbol and desk with other settings; "
                f"resume it (--resume {stored.run_id}) or make another decision (--attempt {settings.attempt + 1})"
            )
        else:
            self._observer.notice(f"run {stored.run_id} was started earlier and is resumed")
        return stored

    def _is_finished(self, run: Run) -> bool:
        decision = self._store.find_decision(run.run_id)
        return run.status is Status.DONE and decision is not None and not can_be_retried(decision)

    def _complete(self, run: Run, source: MarketSource, settings: Settings) -> DecisionResult:
        """Perform the remaining steps of a run: decide, submit, close. A lease excludes other processes meanwhile."""
        with (
            self._store.lease(run.run_id).held(),
            open_account(settings, source, self._store, self._notify) as account,
        ):
            run, decision = self._present(run), self._store.find_decision(run.run_id)
            if halted := account.halt_reason():
                name = settings.account
                self._observer.notice(f"account {name} is halted ({halted}); `openoutcry paper resume` lifts the halt")
            if decision is not None and _is_closed(run, decision, settings):
                self._check_known(decision, settings, account)
                return DecisionResult(decision, source, settings, repeated=True, halted=halted)
            with self._tracked(run.run_id):
                if decision is None or can_be_retried(decision):
                    prefetch(settings, source, Symbol(run.ticker), run.as_of, self._observer.waiting)
                    shown = account.account(Symbol(run.ticker), run.as_of)
                    runner = DecisionRunner(settings, source, self._store, self._observer)
                    decision = asyncio.run(runner.decide(run, shown, outer_budget(settings, self._store, run)))
                elif run.status in {Status.INTERRUPTED, Status.FAILED}:
                    self._store.move(run.run_id, Status.RUNNING)
                return DecisionResult(self._close(decision, settings, account), source, settings, halted=halted)

    def _present(self, run: Run) -> Run:
        """Return the run as currently stored; a running run whose process has ended is first marked interrupted."""
        stored = self._store.find(run.run_id)
        if stored is None or stored.status is Status.PLANNED:
            return run
        if stored.status is Status.RUNNING:
            self._store.move(run.run_id, Status.INTERRUPTED)
            return replace(stored, status=Status.INTERRUPTED)
        return stored

    def _close(self, decision: Decision, settings: Settings, account: DecisionAccount) -> Decision:
        """Submit the decision if requested and not yet done, and close its run."""
        if settings.submit and decision.submissions is None:
            decision = account.submit(decision)
            if decision.submissions is not None:
                self._store.record(decision, Status.SUBMITTED)
        self._store.move(decision.run_id, Status.DONE)
        return decision

    def _check_known(self, decision: Decision, settings: Settings, account: DecisionAccount) -> None:
        if settings.submit and decision.submissions is not None and not account.knows(decision):
            raise ConfigError(
                f"run {decision.run_id} is finished, but account {settings.account} has no record of its orders: the "
                f"ledger is a different one or was restored; --attempt {settings.attempt + 1} makes another decision"
            )

    @contextmanager
    def _tracked(self, run_id: RunId) -> Iterator[None]:
        """Mark the run as interrupted on SIGINT, or as failed if the block raises any other error."""
        try:
            yield
        except KeyboardInterrupt as stop:
            self._stop(run_id, Status.INTERRUPTED)
            if self._store.find(run_id) is None:
                raise
            raise RunInterrupted(run_id) from stop
        except BaseException:
            self._stop(run_id, Status.FAILED)
            raise

    def _stop(self, run_id: RunId, status: Status) -> None:
        with suppress(OpenOutcryError):  # report the error that ended the run, not a failure to store its status
            run = self._store.find(run_id)
            if run is not None and run.status is Status.RUNNING:
                self._store.move(run_id, status)

    def _notify(self, text: str) -> None:
        self._observer.notice(text)


def _is_closed(run: Run, decision: Decision, settings: Settings) -> bool:
    """Return whether the run needs no further step: decided and, if requested, submitted or awaiting approval."""
    if run.status is Status.AWAITING_APPROVAL:
        return True
    if run.status is not Status.DONE or can_be_retried(decision):
        return False
    return not settings.submit or decision.submissions is not None or decision.outcome is Outcome.ABSTAIN
