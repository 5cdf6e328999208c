"""A desk as a strategy of a session: every decision is a stored run that a killed session continues."""

import asyncio
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, nullcontext, suppress
from dataclasses import replace

from ..desk.decision import DecisionRequest
from ..desk.learning.instructions.window import SessionStart
from ..desk.records.run_status import Status
from ..desk.records.run_store import Run, RunStore
from ..desk.session_learning import learn_before_session
from ..domain.abstention import AbstentionCause
from ..domain.decision import Decision
from ..domain.errors import ConfigError, ModelUnavailable, OpenOutcryError
from ..domain.ids import RunId, Symbol
from ..graph.desk_config import load_desk
from ..llm.budget import Budget
from ..market.source import MarketSource
from .decision_run import DecisionRunner
from .desk import open_desk
from .desk_learning import learns_instructions
from .factories import prefetch
from .observer import RunObserver
from .recorded_inputs import LearningStart, RunOrigin
from .recordings import RunRecording
from .run_identity import new_run
from .settings import Settings

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
        files = [load_desk(name) for name in (settings.desk, *desks.values())]
        self._name = files[0].name
        self._history_length = max(file.memory.last for file in files)

    @property
    def name(self) -> str:
        return self._name

    @property
    def history_length(self) -> int:
        return self._history_length

    async def __call__(self, request: DecisionRequest) -> Decision:
        """Decide in a stored run; a run that was begun before is continued, and its finished calls are not repeated.

        Raises StoreLocked while another process works on the run, and what `DecisionRunner.decide` raises.
        """
        return (await self.decide_together([request]))[0]

    async def decide_together(self, requests: Sequence[DecisionRequest]) -> Sequence[Decision]:
        """Decide in stored runs that the desk makes at once: one, or one for each symbol of a book."""
        first = requests[0]
        settings, observer = self._settings_of(first), self._observer_of(first.ticker)
        unavailable = [await self._prefetched(request, settings) for request in requests]
        runner = DecisionRunner(settings, self._source, self._store, observer)
        with self._store.lease(first.run_id).held(), ExitStack() as stack:
            for request in requests:
                stack.enter_context(self._tracked(request.run_id))
            runs = [self._run(request, settings) for request in requests]
            runs = [replace(run, started_at=runs[0].started_at) for run in runs]
            accounts = [request.account for request in requests]
            decisions = await runner.decide_together(runs, accounts, self._budget_of(first.run_id), unavailable)
            for request in requests:
                self._store.move(request.run_id, Status.DONE)
        return decisions

    async def learn(self, start: SessionStart, requests: Sequence[DecisionRequest]) -> None:
        """Take the step of learning that is due; calls, budget and recording are those of the first decision's run."""
        request, file = requests[0], load_desk(self._settings.desk)
        if not learns_instructions(file, self._settings):
            return
        settings, observer = self._settings_of(request), self._observer_of(request.ticker)
        calls, budget = self._store.call_log(request.run_id), self._budget_of(request.run_id)
        run = requests if file.over_book else requests[:1]
        runs = [new_run(each.run_id, each.ticker, each.as_of, settings) for each in run]
        accounts, origin = [each.account for each in run], RunOrigin(learning=LearningStart(start, counted=True))
        with RunRecording(settings, runs, accounts, calls.calls(), origin) as recording:
            async with open_desk(
                settings, self._source, calls, notify=observer.notice, budget_of=budget, tape=recording.tape
            ) as desk:
                try:
                    await learn_before_session(desk, start)
                except ModelUnavailable as error:
                    observer.notice(f"no step of learning was taken; the next session tries again: {error}")
            recording.learned()

    async def _prefetched(self, request: DecisionRequest, settings: Settings) -> str:
        """Fetch what the decision will read; return the reason if the symbol's source is unavailable, else ''."""
        await asyncio.to_thread(
            prefetch, settings, self._source, request.ticker, request.as_of, lambda _what: nullcontext()
        )
        return await asyncio.to_thread(self._outage_of, request.ticker)

    def _settings_of(self, request: DecisionRequest) -> Settings:
        changed: dict[str, object] = {"attempt": request.attempt}
        if request.ticker in self._desks:
            changed["desk"] = self._desks[request.ticker]
        return with_own_recording(self._settings.model_copy(update=changed), request.run_id)

    def _run(self, request: DecisionRequest, settings: Settings) -> Run:
        """Return the stored run of the request, or a new one.

        A run that abstained for want of data begins anew, because its market may have changed since.
        """
        new = new_run(request.run_id, request.ticker, request.as_of, settings)
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


class StoredBookDesk(StoredDesk):
    """Implements `BookStrategy`: one run decides on all symbols of a session, and each has its stored decision."""

    async def decide_book(self, requests: Sequence[DecisionRequest]) -> Sequence[Decision]:
        """Decide over the book."""
        return await self.decide_together(requests)


def decides_over_book(settings: Settings, desks: Mapping[Symbol, str]) -> bool:
    """Return whether the desk of `settings` decides over the book; raises ConfigError if `desks` names others."""
    over_book = load_desk(settings.desk).over_book
    if over_book and desks:
        raise ConfigError(
            f"desk {settings.desk} decides over the whole book, so no symbol can have another desk; remove those of "
            f"{', '.join(sorted(desks))}"
        )
    return over_book


def with_own_recording(settings: Settings, run_id: RunId) -> Settings:
    """Return the settings of one run: with REPLAY_EACH, its recording is the one with its id."""
    return settings.model_copy(update={"replay": run_id}) if settings.replay == REPLAY_EACH else settings
