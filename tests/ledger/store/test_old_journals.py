"""Accounts of earlier versions go on: their journals are kept as they were written, their outboxes as they stand."""

import sqlite3
from contextlib import closing
from datetime import date
from pathlib import Path

import pytest
from openoutcry.ledger.broker import Broker
from openoutcry.ledger.model.bar_time import BarTime
from openoutcry.ledger.model.order_events import OrderFilled
from openoutcry.ledger.model.order_request import OrderRequest
from openoutcry.ledger.pricing.integer_bar import IntegerBar
from openoutcry.ledger.store.ledger import Ledger
from openoutcry.ledger.store.verify import verify
from openoutcry.tests.ledger.crash_harness import begin, opened
from openoutcry.tests.ledger.harness import Weekdays, terms

FIRST = Path(__file__).parent / "frozen" / "v0001.sql"


@pytest.fixture
def first(tmp_path: Path) -> str:
    """Return the URL of a database of the first version."""
    with closing(sqlite3.connect(tmp_path / "book.db")) as connection:
        connection.executescript(FIRST.read_text())
    return f"sqlite:///{tmp_path / 'book.db'}"


def bars(broker: Broker) -> list[tuple[int | None, int | None]]:
    return [(event.low, event.high) for event in broker.journal.events if isinstance(event, OrderFilled)]


def test_an_old_journal_is_kept_as_it_was_written_and_goes_on_in_the_present_schema(first: str) -> None:
    with closing(Ledger.open(first, Weekdays())) as ledger:
        stored = ledger.journal_rows("test")
        assert list(ledger.broker("test").journal.rows()) == stored
        with ledger.transaction("test") as broker:
            assert set(bars(broker)) == {(None, None)}
            assert broker.submit(OrderRequest(terms("more", "buy", 10)), reference=4_400).accepted
            broker.on_bar(
                BarTime(date(2024, 7, 2), broker.book.start + 1),
                {"AAA": IntegerBar(4_400, 4_500, 4_300, 4_450, 10_000)},
            )
        state = ledger.broker("test").book.state_hash()
    with closing(Ledger.open(first, Weekdays())) as ledger:
        rows = ledger.journal_rows("test")
        assert rows[: len(stored)] == stored
        assert {row.schema_version for row in rows[: len(stored)]} == {1}
        assert [row.schema_version for row in rows if '"fill_id":"more#' in row.body] == [2]
        broker = ledger.broker("test")
        assert bars(broker)[-1] == (4_300, 4_500)
        assert (broker.book.state_hash(), list(broker.journal.rows())) == (state, rows)
        assert not [check for check in verify(ledger, "test") if check.breaches]


@pytest.mark.parametrize("confirmed", [0, 3, 10_000])
def test_an_outbox_of_before_tells_how_far_it_was_confirmed(url: str, confirmed: int) -> None:
    with closing(opened(url)) as ledger:
        for account in ("main", "other"):
            begin(ledger, account)
        ledger.confirm("main", confirmed)
        left = ledger.unpublished("main")
        with ledger.database.transaction("main") as cursor:
            cursor.execute("ALTER TABLE accounts DROP COLUMN published")
            cursor.execute("UPDATE alembic_version SET version_num = '0001'")
    with closing(opened(url)) as ledger:
        last = len(ledger.journal_rows("main"))
        told = ledger.query("SELECT account, published FROM accounts ORDER BY account")
        assert told == [("main", min(confirmed, last)), ("other", 0)]
        assert ledger.unpublished("main") == left
        assert not [check for account in ledger.accounts() for check in verify(ledger, account) if check.breaches]
