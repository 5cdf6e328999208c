"""Books that can only be read: on a disk that nobody can write, and with a journal that was altered."""

import os
import shutil
import sqlite3
import stat
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from openoutcry.domain.errors import ConfigError, LedgerError, SchemaMismatch
from openoutcry.ledger.store.backup import backup
from openoutcry.ledger.store.ledger import Ledger
from openoutcry.ledger.store.verify import verify
from openoutcry.tests.ledger.crash_harness import (
    begin,
    in_child,
    next_bar,
    opened,
    order,
)
from openoutcry.tests.ledger.harness import Weekdays

NOBODY = 65_534


@pytest.fixture
def folder() -> Iterator[Path]:
    """Give a folder that other users can reach."""
    made = Path(tempfile.mkdtemp())
    made.chmod(0o755)
    yield made
    made.chmod(0o755)
    shutil.rmtree(made)


def book(path: Path) -> None:
    ledger = opened(f"sqlite:///{path}")
    begin(ledger, "main")
    with ledger.transaction("main") as broker:
        broker.submit(order(1))
        next_bar(broker)
    ledger.close()


def as_nobody(work: Callable[[], None]) -> int:
    """Do the work in a child that may write nothing, and return how it ended."""

    def dropped() -> None:
        if os.getuid() == 0:
            os.setgid(NOBODY)
            os.setuid(NOBODY)
        work()

    return os.waitpid(in_child(dropped), 0)[1]


@pytest.mark.parametrize("copied", [False, True], ids=["the book itself", "a backup"])
def test_a_book_that_cannot_be_written_is_read_and_verified(folder: Path, copied: bool) -> None:
    path = folder / "book.db"
    book(path)
    if copied:
        ledger = opened(f"sqlite:///{path}")
        backup(ledger.database, folder / "copy.db")
        ledger.close()
        path = folder / "copy.db"
    path.chmod(stat.S_IRUSR | stat.S_IRGRP | stat.S_IROTH)
    folder.chmod(0o555)
    before = path.read_bytes()

    def work() -> None:
        ledger = Ledger.open(f"sqlite:///{path}", Weekdays(), reading=True)
        assert ledger.broker("main").book.quantity("AAA") == 1
        assert not [check for check in verify(ledger, "main") if check.breaches]
        with pytest.raises(LedgerError, match="cannot be written"), ledger.transaction("main") as broker:
            broker.submit(order(2))
        with pytest.raises(ConfigError, match="no account other"):
            verify(ledger, "other")
        ledger.close()
        with pytest.raises(LedgerError):
            Ledger.open(f"sqlite:///{path}", Weekdays())

    assert as_nobody(work) == 0
    assert path.read_bytes() == before
    assert [each.name for each in folder.iterdir() if each.name.startswith(path.name)] == [path.name]


@pytest.mark.parametrize("version", ["0000", "0001"])
def test_a_book_of_another_version_is_not_read_where_it_cannot_be_upgraded(folder: Path, version: str) -> None:
    path = folder / "book.db"
    book(path)
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE alembic_version SET version_num = ?", (version,))
    connection.close()
    folder.chmod(0o555)

    def work() -> None:
        with pytest.raises(SchemaMismatch, match=f"has version {version}, .* copy it"):
            Ledger.open(f"sqlite:///{path}", Weekdays(), reading=True)

    assert as_nobody(work) == 0


@pytest.mark.parametrize(("statement", "sound"), [
    ("UPDATE journal SET body = body || ' ' WHERE seq = 3", 2),
    ("DELETE FROM journal WHERE seq = 2", 1),
])  # fmt: skip
def test_a_broken_chain_is_a_finding_that_says_how_far_it_holds(tmp_path: Path, statement: str, sound: int) -> None:
    path = tmp_path / "book.db"
    book(path)
    with sqlite3.connect(path) as connection:
        for change in ("update", "delete"):
            connection.execute(f"DROP TRIGGER journal_no_{change}")
        connection.execute(statement)
    connection.close()
    ledger = opened(f"sqlite:///{path}")
    (check,) = verify(ledger, "main")
    assert (check.name, check.checked) == ("I12", sound)
    assert "journal" in check.breaches[0]
    ledger.close()


def test_a_journal_that_lost_its_tail_is_a_finding_beside_the_others(tmp_path: Path) -> None:
    path = tmp_path / "book.db"
    book(path)
    with sqlite3.connect(path) as connection:
        connection.execute("DROP TRIGGER journal_no_delete")
        connection.execute("DELETE FROM journal WHERE seq = (SELECT max(seq) FROM journal)")
    connection.close()
    ledger = opened(f"sqlite:///{path}")
    broken = {check.name for check in verify(ledger, "main") if check.breaches}
    assert broken >= {"head", "live"}
    ledger.close()
