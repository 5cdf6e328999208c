"""Accounts that survive: reopening, racing, failing, killing, backing up, on SQLite and on PostgreSQL alike."""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from openoutcry.domain.errors import (
    ChainBroken,
    ConfigError,
    DuplicateOrder,
    LedgerError,
    OpenOutcryError,
    SchemaMismatch,
)
from openoutcry.ledger.rules import AccountRules
from openoutcry.ledger.store.backup import backup
from openoutcry.ledger.store.database import Sync, open_database
from openoutcry.ledger.store.ledger import Ledger
from openoutcry.ledger.store.verify import verify
from openoutcry.ledger.ticket import Ticket
from openoutcry.tests.ledger.deaths import DAY, begin, in_child, kill_many, next_bar, opened, order
from openoutcry.tests.ledger.floor import terms

KILLS = int(os.environ.get("OPENOUTCRY_TEST_KILLS", "200"))


def started(url: str) -> Ledger:
    ledger = opened(url)
    begin(ledger, "main")
    return ledger


def assert_verifies(ledger: Ledger, account: str = "main") -> None:
    checks = verify(ledger, account)
    assert not [check for check in checks if check.breaches]
    assert {check.name for check in checks} >= {"I1", "I12", "I13", "postings", "balances", "orders", "requests"}


def test_what_was_written_is_there_after_reopening(url: str) -> None:
    ledger = started(url)
    with ledger.writing("main") as broker:
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
    with pytest.raises(ZeroDivisionError), ledger.writing("main") as broker:
        broker.submit(order(broker.submit(order(1)).accepted // 0))
    assert ledger.broker("main").book.state_hash() == before
    with ledger.writing("main") as broker:
        assert broker.submit(order(1)).accepted
    assert_verifies(ledger)
    ledger.close()


def test_a_retry_over_a_new_process_gets_the_stored_answer(url: str) -> None:
    ledger = started(url)
    with ledger.writing("main") as broker:
        first = broker.submit(order(1))
        refused = broker.submit(Ticket(terms("r", "sell", 5)))
    ledger.close()
    again = opened(url)
    with again.writing("main") as broker:
        assert broker.submit(order(1)) == first
        assert broker.submit(Ticket(terms("r", "sell", 5))) == refused
    with pytest.raises(DuplicateOrder), again.writing("main") as broker:
        broker.submit(Ticket(terms("o1", "buy", 2)))
    assert_verifies(again)
    again.close()


def test_two_writers_take_turns_and_see_each_other(url: str) -> None:
    one, two = started(url), opened(url)
    for number in range(10):
        with (one, two)[number % 2].writing("main") as broker:
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
            with mine.writing("main") as broker:
                broker.submit(order(f"{name}{number}"))

    children = [in_child(lambda name=name: work(name)) for name in ("x", "y")]
    assert [os.waitpid(child, 0)[1] for child in children] == [0, 0]
    ledger = opened(url)
    assert len(ledger.broker("main").book.orders) == 50
    assert_verifies(ledger)
    ledger.close()


def test_a_writer_killed_at_any_moment_loses_nothing_that_it_acknowledged(url: str) -> None:
    toll = kill_many(url, KILLS)
    assert (toll.lost, toll.breaches) == (0, 0)
    assert toll.acknowledged >= toll.kills == KILLS
    assert toll.retried


class Failing:
    """A cursor that fails at one statement, before or after it was executed."""

    def __init__(self, cursor: Any, counter: list[int], at: int, after: bool) -> None:
        self.cursor, self.counter, self.at, self.after = cursor, counter, at, after

    def __getattr__(self, name: str) -> Any:
        found = getattr(self.cursor, name)
        if name not in ("execute", "executemany"):
            return found

        def run(*arguments: Any) -> Any:
            if arguments[0] == "ROLLBACK":
                return found(*arguments)
            self.counter[0] += 1
            if self.counter[0] == self.at and not self.after:
                raise OSError("pulled plug")
            answer = found(*arguments)
            if self.counter[0] == self.at:
                raise OSError("pulled plug")
            return answer

        return run


@contextmanager
def failing(ledger: Ledger, at: int, after: bool) -> Iterator[list[int]]:
    """Let the statement number `at` of the ledger fail."""
    database, counter = ledger.database, [0]
    plain = type(database).cursor
    try:
        type(database).cursor = lambda self: Failing(plain(self), counter, at, after)  # type: ignore[method-assign, return-value]
        yield counter
    finally:
        type(database).cursor = plain  # type: ignore[method-assign]


@pytest.mark.parametrize("after", [False, True])
def test_a_fault_at_any_statement_leaves_the_old_or_the_new_state(url: str, after: bool) -> None:
    ledger = started(url)
    with ledger.writing("main") as broker:
        broker.submit(order("resting"))
    old = ledger.broker("main").book.state_hash()
    faults, statement = 0, 0
    while True:
        statement += 1
        try:
            with failing(ledger, statement, after), ledger.writing("main") as broker:
                broker.submit(order("new"))
                broker.deposit("more", 5)
                next_bar(broker)
        except OSError:
            faults += 1
        else:
            break
        fresh = opened(url)
        state = fresh.broker("main").book.state_hash()
        assert_verifies(fresh)
        fresh.close()
        if state != old:
            break
        assert ledger.broker("main").book.state_hash() == old
    assert faults >= 10
    with ledger.writing("main") as broker:
        broker.submit(order("new"))
    assert_verifies(ledger)
    ledger.close()


def test_the_outbox_is_emptied_by_confirmation_only(url: str) -> None:
    ledger = started(url)
    first = ledger.unpublished("main")
    assert [row.seq for row in first] == list(range(1, len(first) + 1))
    assert ledger.unpublished("main") == first
    ledger.confirm("main", first[1].seq)
    assert ledger.unpublished("main") == first[2:]
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
    with pytest.raises(ConfigError, match="nobody"), ledger.writing("nobody"):
        pass
    ledger.close()


def test_a_backup_is_a_whole_book_and_never_overwrites(url: str, tmp_path: Path) -> None:
    ledger = started(url)
    target = tmp_path / "copy.db"
    backup(ledger.database, target)
    with ledger.writing("main") as broker:
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
    with ledger.writing("other") as broker:
        broker.deposit("start", 7)
    assert ledger.broker("other").book.cash == 7
    assert ledger.broker("main").book.cash == 100_000_000
    for account in ledger.accounts():
        assert_verifies(ledger, account)
    ledger.close()


def tampered(path: Path, *statements: str) -> None:
    connection = sqlite3.connect(path)
    for name in ("journal", "postings"):
        for change in ("update", "delete"):
            connection.execute(f"DROP TRIGGER {name}_no_{change}")
    for statement in statements:
        connection.execute(statement)
    connection.commit()
    connection.close()


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE journal SET body = replace(body, '100000000', '100000001')",
        "DELETE FROM journal WHERE seq = 2",
        "DELETE FROM journal WHERE seq = (SELECT max(seq) FROM journal)",
        "UPDATE journal SET hash = '0' WHERE seq = 3",
        "UPDATE accounts SET hash = '0'",
    ],
)
def test_a_journal_edited_by_hand_is_refused(tmp_path: Path, statement: str) -> None:
    path = tmp_path / "book.db"
    started(f"sqlite:///{path}").close()
    tampered(path, statement)
    ledger = opened(f"sqlite:///{path}")
    with pytest.raises(ChainBroken), ledger.writing("main") as broker:
        broker.submit(order(1))
    with pytest.raises(ChainBroken):
        ledger.broker("main")
    ledger.close()


@pytest.mark.parametrize(
    ("statement", "check"),
    [
        ("UPDATE postings SET amount = amount + 1 WHERE leg = 0", "postings"),
        ("UPDATE balances SET amount = 0", "balances"),
        ("UPDATE orders SET status = 'filled'", "orders"),
        ("DELETE FROM requests", "requests"),
        ("UPDATE fills SET price = 1", "fills"),
    ],
)
def test_verify_finds_a_table_that_says_something_else(tmp_path: Path, statement: str, check: str) -> None:
    path = tmp_path / "book.db"
    ledger = started(f"sqlite:///{path}")
    with ledger.writing("main") as broker:
        broker.submit(order("filled"))
        next_bar(broker)
        broker.submit(Ticket(terms("open", "buy", 1, "limit", limit=5_000, tif="gtc")))
    tampered(path, statement)
    assert [found.name for found in verify(ledger, "main") if found.breaches] == [check]
    ledger.close()


def test_a_database_of_a_newer_version_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "book.db"
    started(f"sqlite:///{path}").close()
    connection = sqlite3.connect(path)
    connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.commit()
    connection.close()
    with pytest.raises(SchemaMismatch, match="upgrade"):
        opened(f"sqlite:///{path}")


@pytest.mark.parametrize("left", [0, 50, 5_000])
def test_a_truncated_database_is_refused_in_a_sentence(tmp_path: Path, left: int) -> None:
    path = tmp_path / "book.db"
    started(f"sqlite:///{path}").close()
    path.write_bytes(path.read_bytes()[:left])
    with pytest.raises(OpenOutcryError):
        opened(f"sqlite:///{path}").broker("main")


def test_a_file_that_is_no_database_and_a_bad_url_are_refused(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("buy low, sell high " * 100)
    with pytest.raises(LedgerError, match="no database"):
        open_database(f"sqlite:///{tmp_path / 'notes.txt'}")
    with pytest.raises(LedgerError, match="cannot be opened"):
        open_database(f"sqlite:///{tmp_path / 'nowhere' / 'book.db'}")
    for bad in ("book.db", "mysql://x", "nonsense://x"):
        with pytest.raises(ConfigError):
            open_database(bad)


def test_a_locked_database_is_refused_and_unchanged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("openoutcry.ledger.store.database.BUSY_SECONDS", 0.05)
    path = tmp_path / "book.db"
    ledger = started(f"sqlite:///{path}")
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(LedgerError, match="another process"), ledger.writing("main") as broker:
        broker.submit(order(1))
    other.execute("ROLLBACK")
    other.close()
    assert_verifies(ledger)
    ledger.close()


def test_a_full_disk_is_refused_and_leaves_a_book_that_verifies(tmp_path: Path) -> None:
    ledger = started(f"sqlite:///{tmp_path / 'book.db'}")
    cursor = ledger.database.cursor()
    cursor.execute("PRAGMA page_count")
    cursor.execute(f"PRAGMA max_page_count = {cursor.fetchone()[0] + 1}")

    def fill_up() -> None:
        for number in range(500):
            with ledger.writing("main") as broker:
                broker.submit(order(number))

    with pytest.raises(LedgerError, match="disk is full"):
        fill_up()
    assert_verifies(ledger)
    ledger.close()


@pytest.mark.parametrize("count", [2, 49, 187])
def test_as_many_orders_as_one_likes_go_into_one_commit(url: str, count: int) -> None:
    ledger = started(url)
    with ledger.writing("main") as broker:
        for number in range(count):
            broker.submit(order(number))
    stored = ledger.query("SELECT order_id, status FROM orders ORDER BY order_id")
    assert stored == sorted((f"o{number}", "open") for number in range(count))
    assert_verifies(ledger)
    ledger.close()


def test_sessions_pass_in_one_commit_a_bar(url: str) -> None:
    ledger = started(url)
    for _ in range(5):
        with ledger.writing("main") as broker:
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
            with mine.writing("main") as broker:
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
