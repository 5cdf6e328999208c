"""Checks that call the models of an experiment: reversed evidence must change decisions, shuffled news must not help.

Finished calls and decisions are stored in the folder `audit` of the run, so that an audit repeats none.
"""

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass

from ...app.backtest_desk import backtest_desk
from ...app.settings import Settings
from ...desk.accounts.in_memory_account import InMemoryAccount
from ...desk.backtest import BacktestResult, run_backtest
from ...desk.records.backtest_store import BacktestStore
from ...desk.records.provenance import digest
from ...desk.session import SessionPorts
from ...domain.decision import Decision
from ...domain.errors import BudgetExceeded, ModelUnavailable
from ...domain.ids import RunId
from ...domain.trading_calendar import trading_calendar
from ...ledger.pricing.units import MINOR
from ...llm.budget import Budget
from ...market.source import MarketSource
from ...reports.experiment_view import CheckView
from ..checks import CheckVerdict, verdict_view
from ..plan import PlannedTrack
from ..traded_prices import traded_source
from ..unit import PlannedUnit
from .altered_markets import ReversedMarket
from .deciding import DecisionView, check_answered, connected_model, decisions_at, desk_with_model, views_of
from .evidence_checks import response_share, response_verdict
from .sensitivity import placebo_verdict
from .subject import AuditMoment, AuditSubject

MODEL_COUNTERFACTUAL, MODEL_PLACEBO = "counterfactual with the model", "placebo news with the model"
MODEL_SESSIONS = 25
"""Sessions of each account that models decide again for the placebo."""

AUDIT_FOLDER = "audit"


@dataclass(frozen=True, slots=True)
class ModelAudit:
    """The models of an experiment under audit: a budget for all calls, and a store of finished ones."""

    subject: AuditSubject
    budget: Budget
    store: BacktestStore

    def counterfactual(self) -> CheckView:
        """Fail if reversed evidence changes no decision of a model by direction, size or conviction."""
        shares = {track.name: self._response(track) for track in self.subject.model_arms}
        return response_verdict(MODEL_COUNTERFACTUAL, shares)

    def placebo(self) -> CheckView:
        """Fail if a model does better with the news of other symbols than with its own."""
        return placebo_verdict(MODEL_PLACEBO, self.subject, self.subject.model_arms, self._returns)

    def _response(self, track: PlannedTrack) -> float | None:
        market = self.subject.market(track)
        plain, reverse = self.subject.adapter(market), self.subject.adapter(ReversedMarket(market))
        return response_share(
            (self._views(track, plain, moment, "plain"), self._views(track, reverse, moment, "reversed"))
            for moment in self.subject.sample()
        )

    def _views(
        self, track: PlannedTrack, source: MarketSource, moment: AuditMoment, label: str
    ) -> tuple[DecisionView, ...]:
        name = digest([track.content, moment.symbol, str(moment.as_of), label])
        made = asyncio.run(self._decided(self.subject.settings(track), source, moment, RunId(f"audit-{name}")))
        return views_of(check_answered(made))

    async def _decided(
        self, settings: Settings, source: MarketSource, moment: AuditMoment, run_id: RunId
    ) -> Sequence[Decision]:
        async with connected_model(settings, self.store.call_log(run_id), self.budget) as model:
            return await decisions_at(desk_with_model(settings, source, model), settings, moment)

    def _returns(self, unit: PlannedUnit, source: MarketSource, label: str) -> BacktestResult:
        """Run the first sessions of a unit again on `source`, with its model and without a memory."""
        name = f"audit-{digest([unit.key, label])}"
        settings = Settings.model_validate_json(unit.settings)
        days = trading_calendar(unit.calendar).between(unit.first, unit.last)
        account = InMemoryAccount.open(
            name,
            unit.rules,
            int(unit.account.cash * MINOR),
            traded_source(source, unit.account),
            currency=unit.account.currency,
        )
        desk = backtest_desk(settings, source, self.store, name, budget=self.budget)
        ports = SessionPorts(
            find_decision=self.store.find_decision,
            store_decision=lambda made: self._save(name, made),
            allocate=check_answered,
        )
        last = days[min(len(days), MODEL_SESSIONS) - 1]
        return asyncio.run(
            run_backtest(account, desk.strategy, unit.symbols, unit.first, last, every=unit.every, ports=ports)
        )

    def _save(self, name: str, made: Decision) -> None:
        if made.abstention is None:
            self.store.save_decision(name, made)


@contextmanager
def open_model_audit(subject: AuditSubject, budget: Budget) -> Iterator[ModelAudit]:
    """Open the store of finished calls in the folder of the run."""
    folder = subject.plan.folder / AUDIT_FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    with closing(BacktestStore(folder)) as store:
        yield ModelAudit(subject, budget, store)


def with_models(name: str, subject: AuditSubject, budget: Budget) -> CheckView:
    """Return the verdict of one of the two checks; a warning if the model or the budget ended."""
    if not subject.model_arms:
        return verdict_view(name, CheckVerdict.PASSED, "No model decides.")
    with open_model_audit(subject, budget) as audit:
        try:
            return audit.counterfactual() if name == MODEL_COUNTERFACTUAL else audit.placebo()
        except (BudgetExceeded, ModelUnavailable) as error:
            return verdict_view(name, CheckVerdict.WARNING, f"Not examined: {error}.")
