"""Databases as earlier versions left them: they open, they verify, and they still say the same."""

import sqlite3
from pathlib import Path

import pytest
from openoutcry.ledger.store.ledger import Ledger
from openoutcry.ledger.store.verify import verify
from openoutcry.tests.ledger.harness import Weekdays

FROZEN = sorted((Path(__file__).parent / "frozen").glob("v*.sql"))


@pytest.mark.parametrize("dump", FROZEN, ids=lambda path: path.stem)
def test_a_frozen_database_opens_verifies_and_says_the_same(dump: Path, tmp_path: Path) -> None:
    connection = sqlite3.connect(tmp_path / "book.db")
    connection.executescript(dump.read_text())
    connection.close()
    ledger = Ledger.open(f"sqlite:///{tmp_path / 'book.db'}", Weekdays())
    assert not [check for check in verify(ledger, "test") if check.breaches]
    book = ledger.broker("test").book
    assert (book.equity, book.session, len(book.orders)) == (1_050_461, "2024-07-01", 5)
    ledger.close()
