"""A turned position in a database: a kill at any moment leaves one exit and one entry, in the right order."""

import os
import signal
from dataclasses import replace

import pytest
from openoutcry.ledger.broker import Broker
from openoutcry.ledger.model.events import Event
from openoutcry.ledger.model.order_events import OrderFilled
from openoutcry.ledger.model.order_request import OrderRequest
from openoutcry.ledger.orders.recorder import EventRecorder
from openoutcry.ledger.store.ledger import Ledger
from openoutcry.tests.ledger.crash_harness import in_child, next_bar, opened
from openoutcry.tests.ledger.harness import terms
from openoutcry.tests.ledger.stored_account import assert_verifies, started

EXIT = OrderRequest(terms("exit", "sell", 100))
ENTRY = OrderRequest(
    replace(terms("entry", "short", 50), awaits="exit"),
    (terms("entry.sl", "cover", 50, "stop", stop=20_000, tif="gtc", parent="entry"),),
)


def turn(broker: Broker) -> None:
    for request in (EXIT, ENTRY):
        assert broker.submit(request).accepted


def trade(broker: Broker) -> None:
    if broker.book.order("exit").status == "open":
        next_bar(broker)


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


class DyingRecorder(EventRecorder):
    """A recorder whose process is killed as soon as the exit is filled."""

    def record(self, event: Event) -> None:
        super().record(event)
        if isinstance(event, OrderFilled) and event.order_id == "exit":
            die()


def run(ledger: Ledger, kill_at: str = "") -> None:
    with ledger.transaction("main") as broker:
        turn(broker)
        if kill_at == "submitted":
            die()
    if kill_at == "stored":
        die()
    with ledger.transaction("main") as broker:
        if kill_at == "between":
            broker.scribe = DyingRecorder.rebuilt(broker.book, broker.journal)
        trade(broker)
        if kill_at == "traded":
            die()
    if kill_at:
        die()


@pytest.mark.parametrize("kill_at", ["submitted", "stored", "between", "traded", "done"])
def test_a_kill_at_any_moment_of_a_turn_leaves_one_exit_and_then_one_entry(url: str, kill_at: str) -> None:
    ledger = started(url)
    with ledger.transaction("main") as broker:
        assert broker.submit(OrderRequest(terms("open", "buy", 100))).accepted
        next_bar(broker)
    ledger.close()
    child = in_child(lambda: run(opened(url), kill_at))
    assert os.WTERMSIG(os.waitpid(child, 0)[1]) == signal.SIGKILL
    ledger = opened(url)
    for _ in range(2):
        run(ledger)
    events = ledger.broker("main").journal.events
    fills = [(each.order_id, each.quantity) for each in events if isinstance(each, OrderFilled)]
    assert fills == [("open", 100), ("exit", 100), ("entry", 50)]
    assert ledger.broker("main").book.order("entry.sl").status == "open"
    assert_verifies(ledger)
    ledger.close()
