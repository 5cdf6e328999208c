"""The orders and cancellations of a session that wait for a person, by the approval policy of the account."""

from collections.abc import Callable, Sequence
from datetime import date, datetime

from ..desk.accounts.approvals import pending_proposals, propose_orders, with_answers
from ..desk.accounts.cancel_approvals import propose_cancels, refused_cancels, with_cancel_answers
from ..domain.decision import Decision
from ..ledger.book.book import Book
from .approval_policy import parse_approval_policy
from .daily_stores import DailyStores


def propose_decisions(
    stores: DailyStores, account: str, decisions: Sequence[Decision], policy: str, expires: datetime
) -> None:
    """Record what of the decisions needs an approval by `policy`; repeating it changes nothing.

    `expires` has a time zone. Raises ConfigError for an invalid policy, and what `propose_orders` raises.
    """
    ledger, source, rules = stores.ledger, stores.source, parse_approval_policy(policy)
    propose_orders(ledger, account, decisions, rules.needs_approval, source=source, expires=expires)
    propose_cancels(ledger, account, decisions, rules.needs_approval_to_end, source=source, expires=expires)


def answered_decisions(
    book: Book, decisions: Sequence[Decision], session: date, notify: Callable[[str], None]
) -> Sequence[Decision] | None:
    """Return the decisions without denied and lapsed orders and cancellations; None while one of the session waits.

    `notify` receives each cancellation that was denied or has lapsed.
    """
    if pending_proposals(book, session):
        return None
    for text in refused_cancels(book, decisions):
        notify(text)
    return with_cancel_answers(book, with_answers(book, decisions))
