"""The budgets of a run, inside those of its session and account."""

from collections.abc import Callable, Iterable
from datetime import datetime
from decimal import Decimal

from ..desk.records.run_store import Run, RunStore
from ..domain.ids import RunId
from ..llm.budget import Budget, BudgetCaps, Spending
from ..llm.port import CallLog
from ..llm.pricing import price_table
from ..llm.transports.budget import CallBudget
from ..llm.usage import spending, spent_in
from ..storage.stored_type import StoredType
from .sections import CapSettings
from .settings import Settings

_STORED = StoredType(dict[str, object])


def call_budget(settings: Settings, calls: CallLog, outer: Budget | None = None) -> CallBudget:
    """Return the budget of a run, inside `outer`. The calls in its log, made before it was interrupted, are booked.

    Raises ConfigError for an invalid price table.
    """
    prices = price_table(settings.prices)
    caps = BudgetCaps(settings.max_calls, settings.max_tokens, settings.max_cost_usd)
    budget = Budget("run", caps, outer)
    if outer is not None or caps != BudgetCaps():
        budget.book(spent_in(calls.calls(), prices))
    return CallBudget(budget, prices, _caps(settings.budgets.call))


def outer_budget(settings: Settings, store: RunStore, run: Run) -> Budget | None:
    """Return the budget of the run's session, inside that of its account; None if neither has a cap.

    What the other stored runs of the same account spent is booked: all of it in the account, and that of runs as of the
    same time in the session. Finished calls are counted; calls of other processes in progress are not.
    """
    session_caps, account_caps = _caps(settings.budgets.session), _caps(settings.budgets.account)
    if BudgetCaps() == session_caps == account_caps:
        return None
    account = Budget("account", account_caps)
    session = account.child("session", session_caps)
    others = [other for other in store.runs() if other.run_id != run.run_id and _account(other) == settings.account]
    account.book(_spent(settings, store, (other for other in others if not _same_session(other, run.as_of))))
    session.book(_spent(settings, store, (other for other in others if _same_session(other, run.as_of))))
    return session


def session_shares(
    settings: Settings, store: RunStore, as_of: datetime, count: int
) -> Callable[[RunId], Budget | None]:
    """Return a function that gives the run of each of `count` symbols of a session its share of the budgets.

    A share is the session's caps, and what is left of the account's before the session, divided by `count`. Unused
    parts of a share are not given to another run, so that no decision depends on which one finishes first. The function
    returns None for every run if neither budget has a cap.
    """
    session_caps, account_caps = _caps(settings.budgets.session), _caps(settings.budgets.account)
    if BudgetCaps() == session_caps == account_caps:
        return lambda _run_id: None
    others = [run for run in store.runs() if _account(run) == settings.account and not _same_session(run, as_of)]
    left = _share(account_caps, _spent(settings, store, others), count)
    share = _share(session_caps, Spending(), count)
    return lambda _run_id: Budget("account's share", left).child("session's share", share)


def _share(caps: BudgetCaps, spent: Spending, count: int) -> BudgetCaps:
    """Return what is left of the caps, divided by `count` and rounded down; never below zero."""
    calls, tokens, usd = caps.max_calls, caps.max_tokens, caps.max_cost_usd
    return BudgetCaps(
        None if calls is None else max(calls - spent.calls, 0) // count,
        None if tokens is None else max(tokens - spent.tokens, 0) // count,
        None if usd is None else max(usd - spent.usd, Decimal(0)) / count,
    )


def _spent(settings: Settings, store: RunStore, runs: Iterable[Run]) -> Spending:
    prices, total = price_table(settings.prices), Spending()
    for model, calls, tokens in store.usage_by_model([run.run_id for run in runs]):
        amount = spending(model, tokens, prices)
        total += Spending(calls, amount.tokens, amount.usd)
    return total


def _same_session(run: Run, as_of: datetime) -> bool:
    return run.as_of == as_of


def _account(run: Run) -> object:
    return _STORED.from_json(run.request).get("account")


def _caps(given: CapSettings) -> BudgetCaps:
    return BudgetCaps(given.max_calls, given.max_tokens, given.max_cost_usd)
