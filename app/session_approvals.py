"""Answers to the orders of a session, and the session's continuation after the last answer."""

from datetime import date

from .approvals import ApprovalService, market_price, no_price
from .clock import now
from .daily_run import DailyResult, DailyRun
from .daily_stores import DailyStores
from .factories import open_sessions
from .observer import SessionObserver
from .session_plan import plan_of, settings_of_plan
from .settings import Settings


class SessionApprovals:
    """The approval service of stored sessions.

    Attributes:
        service: approves and denies; after the last answer of a session, its orders are submitted.
        continued: the sessions that were continued so far.
    """

    def __init__(self, settings: Settings, stores: DailyStores, observer: SessionObserver, *, approve: bool) -> None:
        """With `approve`, the price band is checked against the last price of the market of `stores`."""
        self.continued: list[DailyResult] = []
        self._run = DailyRun(settings, stores, observer)
        price_at = market_price(stores.source, observer.notice) if approve else no_price
        self.service = ApprovalService(stores.ledger, now=now, price_at=price_at, on_complete=self._proceed)

    def _proceed(self, account: str, session: date) -> None:
        result = self._run.proceed(account, session)
        if result is not None:
            self.continued.append(result)


def settings_of_account(settings: Settings, account: str) -> Settings:
    """Return the settings of the account's newest session; `settings` if it has none."""
    sessions = open_sessions(settings)
    try:
        rows = sessions.rows(account, limit=1)
    finally:
        sessions.close()
    return settings_of_plan(plan_of(rows[0].request), settings) if rows else settings
