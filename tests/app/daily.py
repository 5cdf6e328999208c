"""A paper account with a clock that the test sets, and the daily run over it."""

import sqlite3
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta

from openoutcry.app.account_server import AccountServer
from openoutcry.app.daily_run import DailyRun
from openoutcry.app.daily_stores import DailyStores, open_daily_stores
from openoutcry.app.paper_request import SessionFlags, session_request
from openoutcry.app.settings import Settings, load_settings
from openoutcry.domain.trading_calendar import trading_calendar
from openoutcry.ledger.model.account_rules import AccountRules

XNYS = trading_calendar("XNYS")
NAME = "mine"


class Killed(BaseException):
    """Ends a run as a signal would."""


class TestClock:
    """Shows the time that the test sets."""

    __test__ = False

    def __init__(self, now):
        self.now = now

    def __call__(self):
        return self.now

    def after_close(self, session, minutes=45):
        """Set the time to some minutes after the close of a session."""
        self.now = XNYS.close(session) + timedelta(minutes=minutes)


class Observer:
    """Keeps notices, and calls `on_start` before each run."""

    def __init__(self, on_start=lambda _run: None):
        self.notices, self.started, self._on_start = [], [], on_start

    def notice(self, text):
        self.notices.append(text)

    def run_observer(self, _symbol):
        return self

    def run_started(self, run):
        self.started.append(run.ticker)
        self._on_start(run)

    tokens = None

    def progress(self, _progress):
        """Ignore the steps of roles."""


@dataclass
class Daily:
    """One account and everything that its sessions use."""

    settings: Settings
    stores: DailyStores
    clock: TestClock
    observer: Observer

    def run(self, session=None, watchlist="CALDR,GRUND", **flags):
        """Run a session; the clock is not changed."""
        request = session_request(None, SessionFlags(NAME, watchlist, session and session.isoformat(), **flags))
        return self.daily_run().run(request)

    def daily_run(self, **more):
        return DailyRun(self.settings, self.stores, self.observer, clock=self.clock, **more)

    def with_source(self, source):
        """Return the same account on another market source."""
        return replace(self, stores=replace(self.stores, source=source))

    @property
    def book(self):
        return self.stores.ledger.broker(NAME).book

    def status(self, session):
        row = self.stores.sessions.find(NAME, session)
        return None if row is None else str(row.status)


@contextmanager
def open_daily(home, *, cash=10_000_000, rules=None, model="rules", currency="USD", **settings):
    """Open a state folder with one funded account."""
    loaded = load_settings({"home": home, "market": "demo", "model": model, **settings})
    with open_daily_stores(loaded) as stores:
        if NAME not in stores.ledger.accounts():
            stores.ledger.create(NAME, rules or AccountRules(margin=True), currency=currency)
            with stores.ledger.transaction(NAME) as broker:
                broker.deposit("opening", cash)
        yield Daily(loaded, stores, TestClock(datetime(2025, 3, 3, 12, tzinfo=UTC)), Observer())


def server(daily, watchlist="CALDR", **more):
    """Return the scheduler of the account."""
    request = session_request(None, SessionFlags(NAME, watchlist))
    return AccountServer(daily.settings, request, daily.stores, daily.observer, daily.clock, **more)


@contextmanager
def locked(file):
    """Hold a write transaction on a SQLite file, as a backup does."""
    lock = sqlite3.connect(file, isolation_level=None)
    lock.execute("BEGIN IMMEDIATE")
    try:
        yield
    finally:
        lock.execute("ROLLBACK")
        lock.close()


@contextmanager
def killed_at_the_result(daily):
    """Kill the block where it stores the result of a session, which raises Killed."""
    store = daily.stores.sessions
    update = store.update

    def killed(row):
        if row.result is not None:
            raise Killed
        update(row)

    store.update = killed
    try:
        yield
    finally:
        store.update = update


def sessions(first, count):
    """Return `count` sessions of the New York calendar from `first` on."""
    found = [date.fromisoformat(first)]
    while len(found) < count:
        found.append(XNYS.next(found[-1]))
    return found
