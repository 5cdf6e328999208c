"""A desk as a strategy of a session: every decision is a stored run that a killed session continues."""

import asyncio
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import replace

from ..desk.decision import DecisionRequest
from ..desk.records.run_status import Status
from ..desk.records.run_store import Run, RunStore
from ..domain.abstention import AbstentionCause
from ..domain.decision import Decision
from ..domain.errors import OpenOutcryError
from ..domain.ids import RunId, Symbol
from ..graph.desk_config import load_desk
from ..llm.budget import Budget
from ..market.source import MarketSource
from .clock import now
from .decision_run import DecisionRunner
from .factories import prefetch
from .observer import RunObserver
from .settings import LOCATION_SETTINGS, RETRY_SETTINGS, Settings

REPLAY_EACH = "each"
"""Value of the setting `replay` in a session: each run is answered by its own recording."""


class StoredDesk:
    """Implements `Strategy` with the desk of `settings`; `desks` names another desk for some symbols."""

    def __init__(
        self,
        settings: Settings,
        source: MarketSource,
        store: RunStore,
        observer_of: Callable[[Symbol], RunObserver],
        budget_of: Callable[[RunId], Budget | None],
        desks: Mapping[Symbol, str],
        outage_of: Callable[[Symbol], str] = lambda _symbol: "",
    ) -> None:
        """`observer_of` returns the observer of a symbol's run, `budget_of` the budget that contains a run's.

        `outage_of` states why the data of a symbol cannot be had, so that its decision abstains; empty if they can.
        """
        self._settings, self._source, self._store = settings, source, store
        self._observer_of, self._budget_of, self._desks = observer_of, budget_of, desks
        self._outage_of = outage_of
        self._name = load_desk(settings.desk).name

    @property
    def name(self) -> str:
        return self._name

    async def __call__(self, request: DecisionRequest) -> Decision:
        """Decide in a stored run; a run that was begun before is continued, and its finished calls are not repeated.

        Raises StoreLocked while another process works on the run, and what `DecisionRunner.decide` raises.
        """
        settings, observer = self._settings_of(request), self._observer_of(request.ticker)
        await asyncio.to_thread(
            prefetch, settings, self._source, request.ticker, request.as_of, lambda _what: nullcontext()
        )
        unavailable = await asyncio.to_thread(self._outage_of, request.ticker)
        runner = DecisionRunner(settings, self._source, self._store, observer)
        with self._store.lease(request.run_id).held(), self._tracked(request.run_id):
            run = self._run(request, settings)
            decision = await runner.decide(run, request.account, self._budget_of(request.run_id), unavailable)
            self._store.move(request.run_id, Status.DONE)
        return decision

    def _settings_of(self, request: DecisionRequest) -> Settings:
        changed: dict[str, object] = {"attempt": request.attempt}
        if request.ticker in self._desks:
            changed["desk"] = self._desks[request.ticker]
        return with_own_recording(self._settings.model_copy(update=changed), request.run_id)

    def _run(self, request: DecisionRequest, settings: Settings) -> Run:
        """Return the stored run of the request, or a new one that was not begun.

        A run that abstained for want of data begins anew, because its market may have changed since.
        """
        new = new_run(request, settings)
        stored = self._store.find(request.run_id)
        if stored is None or stored.status is Status.PLANNED or self._waited_for_data(stored):
            return new
        if stored.status is Status.RUNNING:
            self._store.move(request.run_id, Status.INTERRUPTED)
        return replace(new, config_hash=stored.config_hash)

    def _waited_for_data(self, run: Run) -> bool:
        decision = self._store.find_decision(run.run_id) if run.status is Status.DONE else None
        abstention = decision.abstention if decision is not None else None
        return abstention is not None and abstention.cause is AbstentionCause.DATA

    @contextmanager
    def _tracked(self, run_id: RunId) -> Iterator[None]:
        """Mark the run as interrupted if the session is stopped, or as failed if the block raises another error."""
        try:
            yield
        except BaseException as error:
            stopped = isinstance(error, asyncio.CancelledError | KeyboardInterrupt)
            with suppress(OpenOutcryError):  # raise the error that ended the run, not a failure to store its status
                found = self._store.find(run_id)
                if found is not None and found.status is Status.RUNNING:
                    self._store.move(run_id, Status.INTERRUPTED if stopped else Status.FAILED)
            raise


def with_own_recording(settings: Settings, run_id: RunId) -> Settings:
    """Return the settings of one run: with REPLAY_EACH, its recording is the one with its id."""
    return settings.model_copy(update={"replay": run_id}) if settings.replay == REPLAY_EACH else settings


def new_run(request: DecisionRequest, settings: Settings) -> Run:
    """Return a run of the request that was not begun."""
    return Run(
        run_id=request.run_id,
        started_at=now(),
        ticker=request.ticker,
        as_of=request.as_of,
        desk=settings.desk,
        status=Status.PLANNED,
        outcome=None,
        request=settings.model_dump_json(exclude=LOCATION_SETTINGS | RETRY_SETTINGS),
        config_hash="",
    )
