"""The desk's work on one stored run: begin or continue it, decide, store the decision."""

from dataclasses import dataclass, replace

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
from .observer import RunObserver, RunStarted
from .recordings import RunRecording
from .run_identity import run_configuration
from .run_progress import count_steps, spent_by
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
        settings, calls = self.settings, self.store.call_log(run.run_id)
        events = run_event_log(home(settings), run.run_id)
        with RunRecording(settings, run, account, calls) as recording:
            async with open_desk(
                settings, self.source, calls, notify=self.observer.notice, events=events, budget_of=budget,
                tape=recording.tape, tokens=self.observer.tokens,
            ) as desk:  # fmt: skip
                resume = self._begin(run, run_configuration(desk, account, settings))
                self.observer.run_started(_started(run, desk))
                question = DecisionRequest(
                    run.run_id, Symbol(run.ticker), run.as_of, account, settings.attempt, unavailable
                )
                decision = await take_decision(desk, question, observer=self.observer.progress, resume=resume)
                decision = with_account(decision, account, settings.account)
                recording.finish(decision)
                self.store.record(decision, Status.RUNNING)
                await delete_checkpoints(desk.graph, run.run_id)
        return decision

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


def _started(run: Run, desk: Desk) -> RunStarted:
    return RunStarted(
        run_id=run.run_id,
        ticker=run.ticker,
        as_of=run.as_of,
        desk=desk.file.name,
        model=desk.model.name,
        synthetic=desk.source.synthetic,
        steps=count_steps(desk.file),
        spent=lambda: spent_by(desk.calls.calls(), desk.prices),
    )
