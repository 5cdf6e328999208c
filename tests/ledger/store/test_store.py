"""Accounts that survive: reopening, racing, killing, backing up, on SQLite and on PostgreSQL alike."""

import json
import os
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from openoutcry.domain.errors import ConfigError, DuplicateOrder, LedgerError
from openoutcry.ledger.model.account_rules import AccountRules
from openoutcry.ledger.model.order_request import OrderRequest
from openoutcry.ledger.store.backup import backup
from openoutcry.ledger.store.database import Sync
from openoutcry.tests.ledger.crash_harness import (
    DAY,
    Toll,
    in_child,
    next_bar,
    opened,
    order,
)
from openoutcry.tests.ledger.harness import terms
from openoutcry.tests.ledger.stored_account import assert_verifies, started

KILLS = int(os.environ.get("OPENOUTCRY_TEST_KILLS", "200"))


def test_what_was_written_is_there_after_reopening(url: str) -> None:
    ledger = started(url)
    with ledger.transaction("main") as broker:
        broker.submit(order(1))
        next_bar(broker)
    state = ledger.broker("main").book.state_hash()
    ledger.close()
    again = opened(url)
    assert again.accounts() == ("main",)
    assert again.broker("main").book.state_hash() == state
    assert again.broker("main").book.quantity("AAA") == 1
    assert_verifies(again)
    again.close()


def test_a_block_that_raises_stores_nothing(url: str) -> None:
    ledger = started(url)
    before = ledger.broker("main").book.state_hash()
    with pytest.raises(ZeroDivisionError), ledger.transaction("main") as broker:
        broker.submit(order(broker.submit(order(1)).accepted // 0))
    assert ledger.broker("main").book.state_hash() == before
    with ledger.transaction("main") as broker:
        assert broker.submit(order(1)).accepted
    assert_verifies(ledger)
    ledger.close()


def test_a_retry_over_a_new_process_gets_the_stored_answer(url: str) -> None:
    ledger = started(url)
    with ledger.transaction("main") as broker:
        first = broker.submit(order(1))
        refused = broker.submit(OrderRequest(terms("r", "sell", 5)))
    ledger.close()
    again = opened(url)
    with again.transaction("main") as broker:
        assert broker.submit(order(1)) == first
        assert broker.submit(OrderRequest(terms("r", "sell", 5))) == refused
    with pytest.raises(DuplicateOrder), again.transaction("main") as broker:
        broker.submit(OrderRequest(terms("o1", "buy", 2)))
    assert_verifies(again)
    again.close()


def test_two_writers_take_turns_and_see_each_other(url: str) -> None:
    one, two = started(url), opened(url)
    for number in range(10):
        with (one, two)[number % 2].transaction("main") as broker:
            broker.submit(order(number))
    assert one.broker("main").book.state_hash() == two.broker("main").book.state_hash()
    assert len(two.broker("main").book.orders) == 10
    assert_verifies(one)
    one.close()
    two.close()


def test_two_processes_serialise(url: str) -> None:
    started(url).close()

    def work(name: str) -> None:
        mine = opened(url, sync=Sync.NORMAL)
        for number in range(25):
            with mine.transaction("main") as broker:
                broker.submit(order(f"{name}{number}"))

    children = [in_child(lambda name=name: work(name)) for name in ("x", "y")]
    assert [os.waitpid(child, 0)[1] for child in children] == [0, 0]
    ledger = opened(url)
    assert len(ledger.broker("main").book.orders) == 50
    assert_verifies(ledger)
    ledger.close()


def test_a_writer_killed_at_any_moment_loses_nothing_that_it_acknowledged(url: str) -> None:
    command = [sys.executable, "-m", "openoutcry.tests.ledger.crash_harness", url, str(KILLS)]
    ran = subprocess.run(command, check=True, capture_output=True, text=True)  # a small process forks quickly
    toll = Toll(**json.loads(ran.stdout))
    assert (toll.lost, toll.breaches) == (0, 0)
    assert toll.acknowledged >= toll.kills == KILLS
    assert toll.retried


def test_the_outbox_is_emptied_by_confirmation_only(url: str) -> None:
    ledger = started(url)
    first = ledger.unpublished("main")
    assert [row.seq for row in first] == list(range(1, len(first) + 1))
    assert ledger.unpublished("main") == first
    for up_to in (first[1].seq, first[0].seq):
        ledger.confirm("main", up_to)
        assert ledger.unpublished("main") == first[2:]
        assert_verifies(ledger)
    ledger.confirm("main", first[-1].seq + 1_000)
    assert_verifies(ledger)
    with ledger.transaction("main") as broker:
        broker.submit(order(1))
    assert [row.seq for row in ledger.unpublished("main")] == [first[-1].seq + 1]
    assert_verifies(ledger)
    ledger.close()


@pytest.mark.parametrize("statement", ["UPDATE journal SET body = 'x'", "DELETE FROM journal", "DELETE FROM postings"])
def test_the_database_itself_refuses_to_change_the_journal(url: str, statement: str) -> None:
    ledger = started(url)
    with pytest.raises(LedgerError, match="append-only"), ledger.database.transaction("main") as cursor:
        cursor.execute(statement)
    assert_verifies(ledger)
    ledger.close()


def test_an_account_is_opened_once_and_unknown_ones_are_named(url: str) -> None:
    ledger = started(url)
    with pytest.raises(ConfigError, match="already"):
        ledger.create("main", AccountRules())
    with pytest.raises(ConfigError, match="nobody"), ledger.transaction("nobody"):
        pass
    ledger.close()


def test_a_backup_is_a_whole_book_and_never_overwrites(url: str, tmp_path: Path) -> None:
    ledger = started(url)
    target = tmp_path / "copy.db"
    backup(ledger.database, target)
    with ledger.transaction("main") as broker:
        broker.submit(order("later"))
    copy = opened(f"sqlite:///{target}")
    assert "olater" not in copy.broker("main").book.orders
    assert_verifies(copy)
    copy.close()
    with pytest.raises(ConfigError, match="exists"):
        backup(ledger.database, target)
    ledger.close()


def test_accounts_do_not_see_each_other(url: str) -> None:
    ledger = started(url)
    ledger.create("other", AccountRules())
    with ledger.transaction("other") as broker:
        broker.deposit("start", 7)
    assert ledger.broker("other").book.cash == 7
    assert ledger.broker("main").book.cash == 100_000_000
    for account in ledger.accounts():
        assert_verifies(ledger, account)
    ledger.close()


@pytest.mark.parametrize("count", [2, 49, 187])
def test_as_many_orders_as_one_likes_go_into_one_commit(url: str, count: int) -> None:
    ledger = started(url)
    with ledger.transaction("main") as broker:
        for number in range(count):
            broker.submit(order(number))
    stored = ledger.query("SELECT order_id, status FROM orders ORDER BY order_id")
    assert stored == sorted((f"o{number}", "open") for number in range(count))
    assert_verifies(ledger)
    ledger.close()


def test_sessions_pass_in_one_commit_a_bar(url: str) -> None:
    ledger = started(url)
    for _ in range(5):
        with ledger.transaction("main") as broker:
            broker.submit(order(broker.book.bar))
            next_bar(broker)
    assert ledger.broker("main").book.session == (DAY + timedelta(days=7)).isoformat()
    assert_verifies(ledger)
    ledger.close()


def test_readers_see_whole_commits_while_another_process_writes(url: str) -> None:
    ledger = started(url)

    def work() -> None:
        mine = opened(url, sync=Sync.NORMAL)
        for number in range(60):
            with mine.transaction("main") as broker:
                broker.submit(order(number))
                next_bar(broker)

    child = in_child(work)
    seen: list[int] = []
    ended, status = 0, 0
    while not ended:
        ended, status = os.waitpid(child, os.WNOHANG)
        seen.append(ledger.broker("main").book.bar)
    assert (status, seen) == (0, sorted(seen))
    assert seen[-1] == 60
    assert_verifies(ledger)
    ledger.close()
