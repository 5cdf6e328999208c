"""What a backtest keeps of its decisions, as the ports of its sessions."""

from collections.abc import Mapping, Sequence
from decimal import Decimal

from ..desk.decision import RULE_MODEL
from ..desk.records.backtest_store import BacktestStore
from ..desk.records.run_status import Status
from ..desk.records.run_store import Run, RunStore
from ..desk.session import SessionPorts, SessionRecord
from ..domain.abstention import AbstentionCause
from ..domain.decision import Decision, RoleUsage
from ..domain.errors import BudgetExceeded, ModelUnavailable
from ..domain.ids import RunId
from ..llm.pricing import price_table
from ..llm.usage import cost_usd, usage_by_role
from ..reports.backtest_view import ModelUsage
from .backtest_model_desk import learning_run
from .clock import now
from .session_plan import stored_settings
from .settings import Settings

STOPPING = {AbstentionCause.MODEL: ModelUnavailable, AbstentionCause.BUDGET: BudgetExceeded}
"""Causes of abstention that stop a backtest with models, so that it can be continued without repeating calls."""


class BacktestRecords:
    """Finds and stores the decisions of one backtest, and sums what they used.

    Attributes:
        reused: number of decisions that an earlier process had finished.
        usage: the model calls of all decisions so far.
    """

    def __init__(
        self, backtest_id: str, store: BacktestStore, settings: Settings, runs: RunStore | None, *, durable: bool
    ) -> None:
        """With `durable`, decisions are stored for a later process; with `runs`, each becomes a run there."""
        self._id, self._store, self._settings, self._runs, self._durable = backtest_id, store, settings, runs, durable
        self.reused, self.usage = 0, ModelUsage()

    @property
    def ports(self) -> SessionPorts:
        """Return the ports of the backtest's sessions."""
        if not self._durable:
            return SessionPorts(publish=self._publish)
        return SessionPorts(
            find_decision=self._find, store_decision=self._save, allocate=self._check, publish=self._publish
        )

    def _find(self, run_id: RunId) -> Decision | None:
        found = self._store.find_decision(run_id)
        self.reused += found is not None
        return found

    def _save(self, decision: Decision) -> None:
        if decision.abstention is None or decision.abstention.cause not in STOPPING:
            self._store.save_decision(self._id, decision)

    def _check(self, decisions: Sequence[Decision]) -> Sequence[Decision]:
        """Raise ModelUnavailable or BudgetExceeded after a session in which a decision lacked its model."""
        for decision in decisions:
            failed = decision.abstention
            if failed is not None and failed.cause in STOPPING:
                raise STOPPING[failed.cause](
                    f"{decision.ticker} as of {decision.as_of:%Y-%m-%d}: {failed.reason}; the finished decisions are "
                    f"stored, and openoutcry backtest --resume {self._id} continues"
                )
        return decisions

    def _publish(self, record: SessionRecord) -> None:
        for decision in record.decisions:
            self._count(decision)
            if self._runs is not None:
                self._keep(decision, self._runs)

    def count_calls(self, run_id: RunId) -> None:
        """Add the calls in the log of a run that is no decision, such as a training, to the usage."""
        if calls := self._store.call_log(run_id).calls():
            self._add(usage_by_role(calls), cost_usd(calls, price_table(self._settings.prices)), known=False)

    def _count(self, decision: Decision) -> None:
        """Add the calls of a decision, and of the step of learning before it."""
        self._add(decision.usage.by_role, decision.usage.cost_usd, known=decision.model == RULE_MODEL)
        if self._durable:
            self.count_calls(learning_run(decision.run_id))

    def _add(self, by_role: Mapping[str, RoleUsage], cost: Decimal | None, *, known: bool) -> None:
        """Add usage; with `known`, a cost of None is zero."""
        used, so_far, known = by_role.values(), self.usage, known or cost is not None
        self.usage = ModelUsage(
            calls=so_far.calls + sum(role.model_calls for role in used),
            prompt_tokens=so_far.prompt_tokens + sum(role.prompt_tokens for role in used),
            completion_tokens=so_far.completion_tokens + sum(role.completion_tokens for role in used),
            cost_usd=so_far.cost_usd + (cost or Decimal(0)) if known and so_far.cost_usd is not None else None,
        )

    def _keep(self, decision: Decision, runs: RunStore) -> None:
        """Store a decision as a finished run, with its model calls."""
        if runs.find(decision.run_id) is None:
            runs.begin(
                Run(
                    run_id=decision.run_id,
                    started_at=now(),
                    ticker=decision.ticker,
                    as_of=decision.as_of,
                    desk=decision.desk,
                    status=Status.RUNNING,
                    outcome=None,
                    request=stored_settings(self._settings),
                    config_hash=decision.provenance.config_hash,
                )
            )
        log = runs.call_log(decision.run_id)
        for call in self._store.call_log(decision.run_id).calls() if self._durable else ():
            log.save(call)
        runs.record(decision, Status.DONE)
