"""Random sessions, orders, answers, safety states and kills: nothing opens in a halted account, nothing grows in a
reducing one, no order is submitted twice, and the book verifies."""

import random
from collections import Counter
from dataclasses import replace
from decimal import Decimal

import pytest
from openoutcry.app.approvals import ApprovalService
from openoutcry.app.manual_orders import EntryKey, ManualOrderService
from openoutcry.desk.accounts.manual_orders import ManualOrder
from openoutcry.domain.account import AccountState
from openoutcry.domain.errors import OpenOutcryError
from openoutcry.domain.orders import Action
from openoutcry.domain.times import iso_time
from openoutcry.ledger.book.fold import fold, replay
from openoutcry.ledger.model.events import SplitApplied
from openoutcry.ledger.model.order_events import OrderAccepted
from openoutcry.ledger.store.verify import verify
from openoutcry.tests.app.daily import NAME, Killed, Observer, open_daily, sessions

SYMBOLS = ("CALDR", "GRUND", "VEXIL", "HALDM")
POLICIES = ("none", "all", "above 3000")


class RandomDays:
    """Does random things to one account, a session after another."""

    def __init__(self, daily, seed):
        self.daily, self.draw = daily, random.Random(seed)
        self.session, self.policy, self.kills = None, "none", 0

    def live(self, session):
        self.session, self.policy = session, self.draw.choice(POLICIES)
        self.daily.clock.after_close(session)
        acts = [self.run, self.killed_run, self.killed_write, self.enter, self.approve, self.deny, self.set_state]
        for act in [self.draw.choice(acts[1:3]), *self.draw.choices(acts, k=4)]:
            self.attempt(act)
        self.attempt(self.approve)
        self.attempt(self.run)

    def attempt(self, act):
        try:
            act()
        except (OpenOutcryError, Killed):
            self.kills += act in (self.killed_run, self.killed_write)

    def run(self):
        self.daily.run(watchlist=",".join(SYMBOLS), approve=self.policy)

    def killed_run(self):
        at = self.draw.choice(SYMBOLS)

        def stop(run):
            if run.ticker == at:
                self.attempt(self.draw.choice([self.enter, self.set_state]))
                raise Killed

        replace(self.daily, observer=Observer(stop)).run(watchlist=",".join(SYMBOLS), approve=self.policy)

    def killed_write(self):
        """Run a session that is killed before or after one of the writes of its row."""
        store, left, after = self.daily.stores.sessions, self.draw.randint(0, 3), self.draw.random() < 0.5
        update = store.update

        def counted(row):
            nonlocal left
            left -= 1
            if left < 0 and not after:
                raise Killed
            update(row)
            if left < 0:
                raise Killed

        store.update = counted
        try:
            self.run()
        finally:
            store.update = update

    def enter(self):
        service = ManualOrderService(self.daily.settings, self.daily.stores.ledger, self.daily.observer.notice)
        symbol, key = self.draw.choice(SYMBOLS), EntryKey(NAME, as_of=iso_time(self.daily.clock.now))
        action = self.draw.choice([Action.BUY, Action.BUY, Action.SELL])
        service.submit(key, ManualOrder(symbol, action, Decimal(self.draw.randint(1, 20))))

    def answers(self):
        running = self.daily.daily_run()
        return ApprovalService(self.daily.stores.ledger, now=self.daily.clock, on_complete=running.proceed)

    def approve(self):
        self.answers().approve_session(NAME, self.session, by="a person")

    def deny(self):
        if self.daily.book.proposals:
            order_id = self.draw.choice(list(self.daily.book.proposals))
            self.answers().deny(NAME, order_id, by="a person", reason="a test")

    def set_state(self):
        def resume(_reason):
            broker.resume()

        with self.daily.stores.ledger.transaction(NAME) as broker:
            act = self.draw.choice([broker.halt, broker.reduce, resume, resume])
            act("a test")


def check_states(events):
    """Check each event against the state that the account was in before it; return how often each state saw orders."""
    seen = Counter()
    book, _ = replay(events[:1])
    for event in events[1:]:
        state, before = book.state, {symbol: held.quantity for symbol, held in book.positions.items()}
        fold(book, event)
        seen[state] += 1
        if state is AccountState.ACTIVE or isinstance(event, SplitApplied):
            continue
        assert not (isinstance(event, OrderAccepted) and not event.terms.closing), (state, event)
        for symbol, held in book.positions.items():
            was = before.get(symbol, 0)
            assert abs(held.quantity) <= abs(was), (state, event)
            assert held.quantity * was > 0, (state, event)
    return seen


@pytest.mark.parametrize("seed", range(6))
def test_random_days_keep_the_safety_states(tmp_path, seed):
    with open_daily(tmp_path / "home", remember=False) as daily:
        days = RandomDays(daily, seed)
        for session in sessions("2025-03-03", 8):
            days.live(session)
        events = daily.stores.ledger.broker(NAME).journal.events
        seen = check_states(events)
        sent = Counter(event.terms.order_id for event in events if isinstance(event, OrderAccepted))
        assert [check.breaches for check in verify(daily.stores.ledger, NAME) if check.breaches] == []
    assert days.kills
    assert sent
    assert set(sent.values()) == {1}
    assert seen[AccountState.HALTED] + seen[AccountState.REDUCING] > 0
