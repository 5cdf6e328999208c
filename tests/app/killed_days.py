"""Does the acts of a script to an account as `paper run`, `approve`, `order` and `halt` do, and kills itself.

`python -m openoutcry.tests.app.killed_days HOME SCRIPT KILL_AT WATCHLIST`: SCRIPT is a JSON file of pairs of a time and
an act; otherwise as `killed_sessions`.
"""

import json
import sys
from contextlib import suppress
from datetime import datetime
from decimal import Decimal
from pathlib import Path

from openoutcry.app.approvals import ApprovalService
from openoutcry.app.manual_orders import EntryKey, ManualOrderService
from openoutcry.desk.accounts.manual_orders import ManualOrder
from openoutcry.domain.errors import OpenOutcryError
from openoutcry.domain.orders import Action
from openoutcry.domain.times import iso_time
from openoutcry.tests.app.daily import NAME, XNYS, open_daily
from openoutcry.tests.app.killed_sessions import kill_switch

POLICIES = ("none", "all", "above 3000")


class Acts:
    """The acts by their names, each of which can be repeated after a kill."""

    def __init__(self, daily, watchlist):
        self.daily, self.watchlist = daily, watchlist

    def do(self, act):
        """Do one act; what is refused in words counts as done."""
        name, _, argument = act.partition(":")
        with suppress(OpenOutcryError):
            getattr(self, name)(argument)

    @property
    def session(self):
        return XNYS.last_completed(self.daily.clock.now)

    @property
    def answers(self):
        complete = self.daily.daily_run().proceed
        return ApprovalService(self.daily.stores.ledger, now=self.daily.clock, on_complete=complete)

    def run(self, policy):
        self.daily.run(watchlist=self.watchlist, approve=policy)

    def approve(self, _):
        self.answers.approve_session(NAME, self.session, by="a person")

    def deny(self, _):
        self.answers.deny_session(NAME, self.session, by="a person", reason="a test")

    def enter(self, symbol):
        at = iso_time(self.daily.clock.now)
        service = ManualOrderService(self.daily.settings, self.daily.stores.ledger, self.daily.observer.notice)
        service.submit(EntryKey(NAME, as_of=at, reference=at), ManualOrder(symbol, Action.BUY, Decimal(3)))

    def state(self, name):
        with self.daily.stores.ledger.transaction(NAME) as broker:
            broker.resume() if name == "resume" else getattr(broker, name)("a test")


def main(home, script, kill_at, watchlist):
    switch = kill_switch(int(kill_at))
    acts = json.loads(Path(script).read_text())
    place = Path(script).with_suffix(".place")
    done = int(place.read_text()) if place.exists() else 0
    with open_daily(Path(home), remember=False) as daily:
        doing = Acts(daily, watchlist)
        for position in range(done, len(acts)):
            daily.clock.now = datetime.fromisoformat(acts[position][0])
            doing.do(acts[position][1])
            place.write_text(str(position + 1))
        seen = {str(row.session): str(row.status) for row in daily.stores.sessions.rows(NAME)}
        sys.stdout.write(json.dumps({"writes": switch.count, "hash": daily.book.state_hash(), "sessions": seen}))


if __name__ == "__main__":
    main(*sys.argv[1:])
