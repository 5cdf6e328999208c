"""The desk of a session of a paper account, and the earlier decisions that it is shown."""

from ..desk.accounts.stored_account import StoredAccount
from ..desk.decision_history import NO_HISTORY, DecisionHistory
from ..desk.stored_history import StoredHistory, figures_of
from ..domain.errors import ConfigError
from ..graph.desk_config import load_desk
from .budgets import session_shares
from .daily_stores import DailyStores
from .desk_learning import learns_instructions
from .observer import SessionObserver
from .session_plan import SessionPlan
from .session_symbols import SessionSymbols
from .settings import Settings
from .stored_desk import StoredBookDesk, StoredDesk


def session_desk(
    settings: Settings,
    stores: DailyStores,
    plan: SessionPlan,
    symbols: SessionSymbols,
    observer: SessionObserver,
    count: int,
) -> StoredDesk:
    """Return the desk as a strategy for `count` symbols; one that decides over the book has the whole budget.

    Raises ConfigError if a desk that decides over the book is to leave some symbols to other desks.
    """
    file = load_desk(settings.desk)
    over_book = file.over_book
    if plan.desks and any(
        learns_instructions(load_desk(each), settings) for each in (settings.desk, *plan.desks.values())
    ):
        raise ConfigError(
            f"a desk that learns its instructions decides on the whole account; remove the desks of "
            f"{', '.join(sorted(plan.desks))}"
        )
    if over_book and plan.desks:
        raise ConfigError(
            f"desk {settings.desk} decides over the whole book, so no symbol can have another desk; remove the "
            f"desks of {', '.join(sorted(plan.desks))}"
        )
    shares = session_shares(settings, stores.runs, plan.as_of, 1 if over_book else max(count, 1))
    form = StoredBookDesk if over_book else StoredDesk
    desks = symbols.by_present_name(plan.desks)
    return form(settings, stores.source, stores.runs, observer.run_observer, shares, desks, symbols.outage)


def session_history(stores: DailyStores, account: StoredAccount, desk: StoredDesk) -> DecisionHistory:
    """Return the account's earlier decisions, if the desk is shown them."""
    if not desk.history_length:
        return NO_HISTORY
    return StoredHistory(stores.runs, account.name, account.calendar, figures_of(account.journal_events))
