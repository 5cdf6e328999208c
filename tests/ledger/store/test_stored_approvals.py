"""Approvals in a database: a kill between any two steps, and two processes at once, give one order at most."""

import os
import signal
from collections.abc import Callable

import pytest
from openoutcry.domain.errors import ConflictError, OrderRejected
from openoutcry.ledger.broker import Broker
from openoutcry.ledger.model.order_events import OrderAccepted
from openoutcry.ledger.model.order_request import OrderRequest
from openoutcry.ledger.model.proposal_events import OrderApproved, OrderProposed
from openoutcry.ledger.store.ledger import Ledger
from openoutcry.tests.ledger.crash_harness import in_child, opened
from openoutcry.tests.ledger.harness import terms
from openoutcry.tests.ledger.stored_account import assert_verifies, started

NOW, EXPIRY = "2024-01-02T22:00:00Z", "2024-01-03T14:20:00Z"
ORDER = OrderRequest(
    terms("a", "buy", 10, tif="gtc"), (terms("a.sl", "sell", 10, "stop", stop=9_000, tif="gtc", parent="a"),)
)
Step = Callable[[Broker], object]


def propose(broker: Broker) -> object:
    return broker.proposals.propose(ORDER, reference=10_000, band_bps=300, session=broker.book.session, expires=EXPIRY)


def approve(broker: Broker) -> object:
    return broker.proposals.approve("a", "ann", NOW, "fine")


def deny(broker: Broker) -> object:
    return broker.proposals.deny("a", "ann", NOW, "no")


def submit(broker: Broker) -> object:
    return broker.submit(ORDER, reference=10_000)


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def run(ledger: Ledger, steps: tuple[Step, ...], kill_at: int = -1) -> None:
    """Run each step in its own transaction; `kill_at` counts the moments before and after every commit."""
    moment = iter(range(2 * len(steps)))
    for step in steps:
        with ledger.transaction("main") as broker:
            step(broker)
            if next(moment) == kill_at:
                die()
        if next(moment) == kill_at:
            die()


@pytest.mark.parametrize("kill_at", range(6))
def test_a_kill_between_any_two_steps_leaves_one_approval_and_one_order(url: str, kill_at: int) -> None:
    started(url).close()
    steps = (propose, approve, submit)
    child = in_child(lambda: run(opened(url), steps, kill_at))
    assert os.WTERMSIG(os.waitpid(child, 0)[1]) == signal.SIGKILL
    ledger = opened(url)
    for _ in range(2):
        run(ledger, steps)
    events = ledger.broker("main").journal.events
    accepted = [event.terms.order_id for event in events if isinstance(event, OrderAccepted)]
    assert accepted == ["a", "a.sl"]
    assert [type(event) for event in events if isinstance(event, OrderApproved | OrderProposed)] == [
        OrderProposed, OrderApproved,
    ]  # fmt: skip
    assert_verifies(ledger)
    ledger.close()


@pytest.mark.parametrize("kill_at", range(4))
def test_a_kill_around_a_denial_leaves_no_order(url: str, kill_at: int) -> None:
    started(url).close()
    child = in_child(lambda: run(opened(url), (propose, deny), kill_at))
    os.waitpid(child, 0)
    ledger = opened(url)
    run(ledger, (propose, deny))
    with pytest.raises(ConflictError):
        run(ledger, (approve,))
    with pytest.raises(OrderRejected):
        run(ledger, (submit,))
    assert ledger.broker("main").book.orders == {}
    assert_verifies(ledger)
    ledger.close()


def test_of_two_processes_the_first_answer_counts(url: str) -> None:
    first, second = started(url), opened(url)
    run(first, (propose,))
    assert second.broker("main").book.proposals["a"].status == "pending"
    run(first, (approve,))
    with pytest.raises(ConflictError, match="was approved by ann"):
        run(second, (deny,))
    run(second, (submit,))
    run(first, (submit,))
    assert len([e for e in first.broker("main").journal.events if isinstance(e, OrderAccepted)]) == 2
    for ledger in (first, second):
        assert_verifies(ledger)
        ledger.close()


def test_a_command_that_fails_after_an_approval_leaves_the_order_pending(url: str) -> None:
    ledger = started(url)
    run(ledger, (propose,))

    def fail_after_approval(broker: Broker) -> object:
        approve(broker)
        raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        run(ledger, (fail_after_approval,))
    assert ledger.broker("main").book.proposals["a"].status == "pending"
    assert_verifies(ledger)
    ledger.close()


def test_safety_states_are_stored_and_restored(url: str) -> None:
    ledger = started(url)
    run(ledger, (lambda broker: broker.reduce("calm"),))
    ledger.close()
    again = opened(url)
    assert again.broker("main").book.reducing == "calm"
    run(again, (lambda broker: broker.resume("over"),))
    assert again.broker("main").book.state == "active"
    assert_verifies(again)
    again.close()
