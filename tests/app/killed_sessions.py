"""Serves an account along a list of clock times, and kills itself at one of its durable writes.

`python -m openoutcry.tests.app.killed_sessions HOME SCRIPT KILL_AT WATCHLIST [BASE_URL]`: SCRIPT is a JSON file of
times; the position is kept beside it, so that the next process goes on where this one was killed. KILL_AT counts the
moments before and after each transaction of any store, from 1; 0 kills nothing. Prints a JSON object with the number
of moments, the hash of the account and the status of every session at the end.
"""

import json
import os
import signal
import sys
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from openoutcry.app.account_server import AccountServer
from openoutcry.app.paper_request import SessionFlags, session_request
from openoutcry.ledger.store.database import Database
from openoutcry.storage.sqlite import SqliteFile
from openoutcry.tests.app.daily import NAME, Observer, open_daily


class KillSwitch:
    """Counts the moments before and after durable writes, and kills this process at one of them."""

    def __init__(self, kill_at):
        self.kill_at, self.count = kill_at, 0

    def pass_by(self):
        self.count += 1
        if self.count == self.kill_at:
            os.kill(os.getpid(), signal.SIGKILL)

    def around(self, transaction):
        """Return the context manager `transaction` with a moment before its commit and one after it."""

        @contextmanager
        def counted(*arguments, **keywords):
            with transaction(*arguments, **keywords) as given:
                yield given
                self.pass_by()
            self.pass_by()

        return counted


def kill_switch(kill_at):
    """Return a switch around the transactions of all stores of this process."""
    switch = KillSwitch(kill_at)
    SqliteFile.writing = switch.around(SqliteFile.writing)
    Database.transaction = switch.around(Database.transaction)
    return switch


def main(home, script, kill_at, watchlist, base_url=None):
    switch = kill_switch(int(kill_at))
    times = [datetime.fromisoformat(text) for text in json.loads(Path(script).read_text())]
    place = Path(script).with_suffix(".place")
    done = int(place.read_text()) if place.exists() else 0
    model = {"model": "rules"} if base_url is None else {"model": "openai:stub", "base_url": base_url}
    with open_daily(Path(home), **model) as daily:
        observer = Observer()
        for position in range(done, len(times)):
            daily.clock.now = times[position]
            request = session_request(None, SessionFlags(NAME, watchlist))
            AccountServer(daily.settings, request, daily.stores, observer, daily.clock).tick()
            place.write_text(str(position + 1))
        rows = daily.stores.sessions.rows(NAME)
        seen = {str(row.session): str(row.status) for row in rows}
        sys.stdout.write(json.dumps({"writes": switch.count, "hash": daily.book.state_hash(), "sessions": seen}))


if __name__ == "__main__":
    main(*sys.argv[1:])
