"""The machine of markets over accounts in memory, and over stored ones that fail, crash and are opened again."""

import contextlib
from collections import Counter
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import hypothesis.strategies as st
import pytest
from hypothesis.stateful import initialize, rule
from openoutcry.ledger.model.account_rules import AccountRules
from openoutcry.ledger.model.order_request import OrderRequest
from openoutcry.ledger.store.database import Sync
from openoutcry.ledger.store.ledger import Ledger
from openoutcry.ledger.store.verify import verify
from openoutcry.tests.ledger.harness import Weekdays, terms
from openoutcry.tests.ledger.state_machine import Market, rules_drawn, run

COMMANDS = frozenset(
    (
        "submit",
        "cancel",
        "replace",
        "record_decision",
        "on_bar",
        "dividend",
        "split",
        "delist",
        "deposit",
        "withdraw",
        "halt",
        "resume",
    )
)


class PulledPlug(Exception):
    """Something went wrong in the middle of a command."""


class Stored:
    """Looks like a broker: every command is a transaction of the ledger, every question is put to what is stored."""

    def __init__(self, ledger: Ledger, account: str) -> None:
        self.ledger, self.account = ledger, account

    def __getattr__(self, name: str) -> Any:
        return partial(self.run, name) if name in COMMANDS else getattr(self.ledger.broker(self.account), name)

    def run(self, name: str, *arguments: Any, **named: Any) -> Any:
        with self.ledger.transaction(self.account) as broker:
            return getattr(broker, name)(*arguments, **named)


class StoredMarket(Market):
    """The same over a file of SQLite, which is closed and opened again and whose commands fail half-way."""

    def __init__(self, seen: Counter[str], ledger: Callable[[], Ledger], account: str) -> None:
        super().__init__(seen)
        self.open, self.account = ledger, account

    @initialize(rules=rules_drawn)
    def start(self, rules: AccountRules) -> None:
        super().start(rules)
        memory = self.floor.broker.journal.events
        ledger = self.open()
        ledger.create(self.account, rules)
        with ledger.transaction(self.account) as broker:
            for event in memory[1:]:
                broker.scribe.record(event)
        self.floor.broker = Stored(ledger, self.account)  # type: ignore[assignment]

    @rule()
    def crash(self) -> None:
        """Lose everything but the file."""
        state = self.broker.book.state_hash()
        self.floor.broker.ledger.close()  # type: ignore[attr-defined]
        self.floor.broker = Stored(self.open(), self.account)  # type: ignore[assignment]
        assert self.broker.book.state_hash() == state

    @rule(quantity=st.integers(1, 50), also_halted=st.booleans())
    def fail_and_retry(self, quantity: int, also_halted: bool) -> None:
        """Raise when the command is done but not stored: nothing of it may be left, and trying again may not double."""
        self.number += 1
        ticket = OrderRequest(terms(f"f{self.number}", "buy", quantity, "limit", limit=90, tif="gtc"))
        state, stored = self.broker.book.state_hash(), self.broker.journal.seq
        ledger: Ledger = self.floor.broker.ledger  # type: ignore[attr-defined]
        with contextlib.suppress(PulledPlug), ledger.transaction(self.account) as broker:
            lost = broker.submit(ticket, reference=100)
            if also_halted:
                broker.halt("half-way")
            raise PulledPlug
        assert (self.broker.book.state_hash(), self.broker.journal.seq) == (state, stored)
        assert self.broker.submit(ticket, reference=100) == lost
        self.sent[ticket.terms.order_id] = (ticket, lost)

    def teardown(self) -> None:
        super().teardown()
        if hasattr(self, "floor"):
            ledger: Ledger = self.floor.broker.ledger  # type: ignore[attr-defined]
            assert not [check for check in verify(ledger, self.account) if check.breaches]
            ledger.close()


REQUIRED_EVENTS = {"Accepted", "Refused", "Filled", "Canceled", "Expired", "BarClosed"}
"""Events that the drawn runs must contain together; the machines check every invariant after every step."""


ROUNDS = 12
"""Runs are drawn in rounds until every required event has occurred: a rare one may be missing from one round."""


def test_whatever_happens_all_invariants_hold() -> None:
    seen = Counter[str]()
    for _ in range(ROUNDS):
        run(lambda: Market(seen), 60)
        if seen.keys() >= REQUIRED_EVENTS:
            return
    assert seen.keys() >= REQUIRED_EVENTS


def test_whatever_happens_to_a_stored_account_nothing_is_lost_or_doubled(
    stored_market: Callable[[], StoredMarket],
) -> None:
    machines: list[StoredMarket] = []

    def another() -> StoredMarket:
        machines.append(stored_market())
        return machines[-1]

    for _ in range(ROUNDS):
        run(another, 20)
        if {name for machine in machines for name in machine.seen} >= REQUIRED_EVENTS:
            return
    assert {name for machine in machines for name in machine.seen} >= REQUIRED_EVENTS


@pytest.fixture
def stored_market(tmp_path: Path) -> Callable[[], StoredMarket]:
    """Return a maker of machines that all write to one file, each its own account."""
    accounts = iter(range(10_000))

    def opened() -> Ledger:
        return Ledger.open(f"sqlite:///{tmp_path / 'book.db'}", Weekdays(), sync=Sync.NORMAL)

    return lambda: StoredMarket(Counter(), opened, f"m{next(accounts)}")


@pytest.mark.parametrize("long", [True, False])
def test_a_squeeze_calls_reduces_by_force_and_lifts_the_call(
    long: bool, stored_market: Callable[[], StoredMarket]
) -> None:
    """Show that the rule gets where it is meant to get, and that a stored account goes the same way."""
    for machine in (Market(Counter()), stored_market()):
        machine.start(AccountRules(margin=True, participation_bps=None))
        machine.squeeze(long, days=2, move=45, back=2)
        assert (machine.seen["Filled by force"], machine.broker.book.call) == (0, None)
        machine.squeeze(long, days=6, move=45, back=0)
        machine.crash()
        machine.teardown()
        assert machine.seen["MaintenanceCalled"] == machine.seen["MaintenanceMet"] == 2
        assert machine.seen["Filled by force"] >= 1  # the fee of a night may ask for a little more


def test_a_command_that_fails_half_way_leaves_nothing_and_is_taken_when_tried_again(
    stored_market: Callable[[], StoredMarket],
) -> None:
    machine = stored_market()
    machine.start(AccountRules())
    for halted in (False, True):
        machine.fail_and_retry(5, halted)
        machine.crash()
    machine.teardown()
    assert (machine.seen["Accepted"], machine.seen["AccountHalted"]) == (2, 0)
