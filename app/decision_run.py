"""The desk's work on one stored run: begin or continue it, decide, store the decision."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from ..desk.book_decision import decide_book
from ..desk.decision import DecisionRequest, Desk
from ..desk.decision import decide as take_decision
from ..desk.records.run_status import Status
from ..desk.records.run_store import Run, RunStore
from ..domain.abstention import AbstentionCause
from ..domain.account import Account
from ..domain.decision import Decision
from ..domain.errors import ConfigurationChanged
from ..domain.ids import Symbol
from ..graph.build import delete_checkpoints
from ..llm.budget import Budget
from ..market.source import MarketSource
from .decision_account import with_account
from .desk import open_desk
from .event_log import run_event_log
from .kept_results import with_kept_results
from .observer import RunObserver, RunStarted
from .recordings import RunRecording
from .run_identity import run_configuration
from .run_progress import spent_by
from .settings import Settings, home

RETRYABLE_CAUSES = frozenset({AbstentionCause.MODEL, AbstentionCause.BUDGET})
"""Causes of abstention for which a run can be resumed; completed model calls are not repeated."""


@dataclass(frozen=True, slots=True)
class DecisionRunner:
    """Runs the desk of `settings` on stored runs, and stores their decisions."""

    settings: Settings
    source: MarketSource
    store: RunStore
    observer: RunObserver

    async def decide(self, run: Run, account: Account, budget: Budget | None, unavailable: str = "") -> Decision:
        """Run the desk, store its decision with the run still open, then delete the checkpoints.

        A run that was begun before is continued: its finished model calls are not repeated. `budget` contains the
        budget of the run; `unavailable` is that of `DecisionRequest`. Raises ConfigurationChanged if the configuration
        has changed since, and what a desk raises.
        """
        return (await self.decide_together([run], [account], budget, [unavailable]))[0]

    async def decide_together(
        self, runs: Sequence[Run], accounts: Sequence[Account], budget: Budget | None, unavailable: Sequence[str]
    ) -> Sequence[Decision]:
        """Run a desk once for runs that share moment and account; a desk for one symbol takes one run.

        The calls, the checkpoints and the recording are those of the first run, whose decision is stored last, so that
        a killed process continues it. `unavailable` has the value of `DecisionRequest` for each run.
        """
        run, account = runs[0], accounts[0]
        settings, calls = self.settings, self.store.call_log(run.run_id)
        events = run_event_log(home(settings), run.run_id)
        with RunRecording(settings, runs, accounts, calls.calls()) as recording:
            async with open_desk(
                settings, self.source, calls, notify=self.observer.notice, events=events, budget_of=budget,
                tape=recording.tape, tokens=self.observer.tokens,
            ) as opened:  # fmt: skip
                desk = with_kept_results(opened, settings, self.store, settings.account, run.run_id, recording.tape)
                begun = [self._begin(each, run_configuration(desk, account, settings)) for each in runs]
                self.observer.run_started(_started(run, desk, len(runs)))
                requests = [
                    DecisionRequest(each.run_id, Symbol(each.ticker), each.as_of, own, settings.attempt, reason)
                    for each, own, reason in zip(runs, accounts, unavailable, strict=True)
                ]
                decisions = [
                    with_account(decision, own, settings.account)
                    for decision, own in zip(await self._take(desk, requests, resume=begun[0]), accounts, strict=True)
                ]
                recording.finish(decisions)
                for decision in reversed(decisions):
                    self.store.record(decision, Status.RUNNING)
                await delete_checkpoints(desk.graph, run.run_id)
        return decisions

    async def _take(self, desk: Desk, requests: Sequence[DecisionRequest], *, resume: bool) -> Sequence[Decision]:
        if desk.file.over_book:
            return await decide_book(desk, requests, observer=self.observer.progress, resume=resume)
        return [await take_decision(desk, requests[0], observer=self.observer.progress, resume=resume)]

    def _begin(self, run: Run, config_hash: str) -> bool:
        """Store the start of a run, or check that a started run can be resumed; return whether it is resumed."""
        if not run.config_hash:
            self.store.begin(replace(run, config_hash=config_hash))
            return False
        if run.config_hash != config_hash:
            raise ConfigurationChanged(
                f"run {run.run_id} cannot be resumed: prompts, desk, limits, account, endpoint, market data or the "
                "program have changed since it was started; make a new decision"
            )
        self.store.move(run.run_id, Status.RUNNING)
        return True


def can_be_retried(decision: Decision) -> bool:
    """Return whether the decision is an abstention that a further attempt at the same run may avoid."""
    return decision.abstention is not None and decision.abstention.cause in RETRYABLE_CAUSES


def _started(run: Run, desk: Desk, symbols: int) -> RunStarted:
    return RunStarted(
        run_id=run.run_id,
        ticker=run.ticker,
        as_of=run.as_of,
        desk=desk.file.name,
        model=desk.model.name,
        synthetic=desk.source.synthetic,
        steps=desk.file.turns_for(symbols),
        spent=lambda: spent_by(desk.calls.calls(), desk.prices),
    )
