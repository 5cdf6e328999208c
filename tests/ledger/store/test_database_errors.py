"""Databases that fail, are damaged, locked or full: refused in a sentence, and the book stays whole."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from openoutcry.domain.errors import (
    ConfigError,
    LedgerError,
    OpenOutcryError,
    SchemaMismatch,
    StoreLocked,
)
from openoutcry.ledger.store.ledger import Ledger
from openoutcry.ledger.store.open_database import open_database
from openoutcry.tests.ledger.crash_harness import next_bar, opened, order
from openoutcry.tests.ledger.stored_account import assert_verifies, started


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
    with ledger.transaction("main") as broker:
        broker.submit(order("resting"))
    old = ledger.broker("main").book.state_hash()
    faults, statement = 0, 0
    while True:
        statement += 1
        try:
            with failing(ledger, statement, after), ledger.transaction("main") as broker:
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
    with ledger.transaction("main") as broker:
        broker.submit(order("new"))
    assert_verifies(ledger)
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
    with pytest.raises(LedgerError, match="not a database"):
        open_database(f"sqlite:///{tmp_path / 'notes.txt'}")
    with pytest.raises(LedgerError, match="cannot be opened"):
        open_database(f"sqlite:///{tmp_path / 'nowhere' / 'book.db'}")
    for bad in ("book.db", "mysql://x", "nonsense://x"):
        with pytest.raises(ConfigError):
            open_database(bad)


def test_a_locked_database_is_refused_and_unchanged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("openoutcry.ledger.store.open_database.BUSY_SECONDS", 0.05)
    path = tmp_path / "book.db"
    ledger = started(f"sqlite:///{path}")
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreLocked, match="another process"), ledger.transaction("main") as broker:
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
            with ledger.transaction("main") as broker:
                broker.submit(order(number))

    with pytest.raises(LedgerError, match="disk is full"):
        fill_up()
    assert_verifies(ledger)
    ledger.close()
