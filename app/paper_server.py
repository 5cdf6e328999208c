"""`paper serve`: the schedulers of several accounts in one process."""

import signal
import threading
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from datetime import datetime

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler

from ..domain.errors import ConfigError
from .account_server import AccountServer
from .clock import now
from .daily_stores import open_daily_stores
from .observer import SessionObserver
from .paper_request import SessionFlags, account_settings, session_request
from .paper_section import PaperSettings
from .settings import Settings

TICK_S = 30
"""Seconds between two looks at what is due, or two heartbeats while a session is at work. A timer of the scheduler
stops while the machine is suspended, so that the scheduler does not wait for the time of the next session but compares
it with the clock at every look."""


class PaperServer:
    """Serves accounts until it is stopped; each has its own thread, stores and lease."""

    def __init__(
        self, entries: Sequence[PaperSettings], observer: SessionObserver, clock: Callable[[], datetime] = now
    ) -> None:
        """Serve the accounts of `entries`; raises ConfigError for none, and for an account without a watchlist."""
        if not entries:
            raise ConfigError("there is no account to serve; write [[paper]] tables in openoutcry.toml")
        self._entries, self._observer, self._clock = entries, observer, clock
        self._stop = threading.Event()

    def serve(self) -> None:
        """Serve until `stop` is called or the process receives SIGTERM or SIGINT; sessions at work are parked then.

        Raises StoreLocked if another process serves one of the accounts, and ConfigError for an unknown account.
        """
        with ExitStack() as stack:
            servers = [self._open(entry, stack) for entry in self._entries]
            scheduler = BackgroundScheduler(
                executors={"default": ThreadPoolExecutor(2 * len(servers))},
                job_defaults={"coalesce": True, "max_instances": 2, "misfire_grace_time": None},
                timezone="UTC",
            )
            for server in servers:
                scheduler.add_job(server.tick, "interval", seconds=TICK_S, next_run_time=now())
            before = [(each, signal.signal(each, self._signaled)) for each in (signal.SIGTERM, signal.SIGINT)]
            scheduler.start()
            try:
                self._stop.wait()
            finally:
                for server in servers:
                    server.stop()
                scheduler.shutdown(wait=True)
                for each, handler in before:
                    signal.signal(each, handler)

    def stop(self) -> None:
        """End `serve`."""
        self._stop.set()

    def _signaled(self, *_: object) -> None:
        self.stop()

    def _open(self, entry: PaperSettings, stack: ExitStack) -> AccountServer:
        settings: Settings = account_settings(entry, {})
        request = session_request(entry, SessionFlags(entry.account))
        stores = stack.enter_context(open_daily_stores(settings))
        stores.ledger.broker(entry.account)
        stack.enter_context(stores.sessions.lease(entry.account, "the scheduler of account").held())
        return AccountServer(settings, request, stores, self._observer, self._clock, on_missed=entry.on_missed)
