"""Journals and tables that somebody has edited: refused, or found by verifying."""

import re
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from openoutcry.domain.errors import ChainBroken, LedgerError
from openoutcry.ledger.book.journal import GENESIS, Journal, row_hash
from openoutcry.ledger.model.order_events import OrderAccepted, OrderFilled
from openoutcry.ledger.model.order_request import OrderRequest
from openoutcry.ledger.reports.timeline import timeline_breaches
from openoutcry.ledger.store.verify import verify
from openoutcry.tests.ledger.crash_harness import next_bar, opened, order
from openoutcry.tests.ledger.harness import quiet_floor, terms
from openoutcry.tests.ledger.stored_account import started, tampered


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE journal SET body = replace(body, '100000000', '100000001')",
        "DELETE FROM journal WHERE seq = 2",
        "DELETE FROM journal WHERE seq = (SELECT max(seq) FROM journal)",
        "UPDATE journal SET hash = '0' WHERE seq = 3",
        "UPDATE accounts SET hash = '0'",
        "UPDATE journal SET hash_version = 0 WHERE seq = 3",
        "UPDATE journal SET schema_version = -7 WHERE seq = 3",
        "DELETE FROM accounts",
    ],
)
def test_a_journal_edited_by_hand_is_refused(tmp_path: Path, statement: str) -> None:
    path = tmp_path / "book.db"
    started(f"sqlite:///{path}").close()
    tampered(path, statement)
    ledger = opened(f"sqlite:///{path}")
    with pytest.raises(ChainBroken), ledger.transaction("main") as broker:
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
        ("DELETE FROM outbox WHERE seq = 4", "outbox"),
        ("DELETE FROM outbox WHERE seq <= 4", "outbox"),
        ("DELETE FROM outbox", "outbox"),
        ("UPDATE accounts SET published = 2", "outbox"),
    ],
)
def test_verify_finds_a_table_that_says_something_else(tmp_path: Path, statement: str, check: str) -> None:
    path = tmp_path / "book.db"
    ledger = started(f"sqlite:///{path}")
    with ledger.transaction("main") as broker:
        broker.submit(order("filled"))
        next_bar(broker)
        broker.submit(OrderRequest(terms("open", "buy", 1, "limit", limit=5_000, tif="gtc")))
    tampered(path, statement)
    assert [found.name for found in verify(ledger, "main") if found.breaches] == [check]
    ledger.close()


def forged(path: Path, old: str, new: str) -> None:
    """Replace text, a regular expression, in the bodies of a journal and compute its hashes anew."""
    with closing(sqlite3.connect(path)) as connection:
        rows = connection.execute("SELECT seq, body FROM journal ORDER BY seq").fetchall()
    head, statements = GENESIS, []
    for seq, body in rows:
        written = re.sub(old, new, body)
        schema = 2 if '"low"' in written else 1
        head = row_hash(head, seq, written, schema)
        quoted = written.replace("'", "''")
        statements.append(
            f"UPDATE journal SET body = '{quoted}', hash = '{head}', schema_version = {schema} WHERE seq = {seq}"
        )
    tampered(path, *statements, f"UPDATE accounts SET hash = '{head}'")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('"type":"Deposited"', '"order_id":"ghost","type":"Expired"'),
        ('"order_id":"o1","price"', '"order_id":"ghost","price"'),
        ('"quantity":1,"reference"', '"quantity":"1","reference"'),
        ('"type":"BarClosed"', '"type":"Mystery"'),
        ('^{"bar":0,', '[{"bar":0,'),
    ],
)
def test_a_forged_journal_is_a_finding_and_no_crash(tmp_path: Path, old: str, new: str) -> None:
    path = tmp_path / "book.db"
    with closing(started(f"sqlite:///{path}")) as ledger, ledger.transaction("main") as broker:
        broker.submit(order(1))
        next_bar(broker)
    forged(path, old, new)
    with closing(opened(f"sqlite:///{path}")) as ledger:
        assert next(found.name for found in verify(ledger, "main") if found.breaches) in ("I12", "I13")
        with pytest.raises(LedgerError, match="journal"):
            ledger.broker("main")


def test_a_forged_fill_whose_chain_holds_is_found_by_its_bar(tmp_path: Path) -> None:
    """The bar went from 9,900 to 10,100, the limit is 9,950."""
    clean = tmp_path / "clean.db"
    with closing(started(f"sqlite:///{clean}")) as ledger, ledger.transaction("main") as broker:
        for number in range(2):
            broker.submit(order(number))
            next_bar(broker)
        assert [event.price for event in broker.journal.events if isinstance(event, OrderFilled)] == [9_950, 9_950]
    for number, (old, new, says) in enumerate(
        [
            ('"price":9950,"quantity":1,"reference":9950', '"price":9890,"quantity":1,"reference":9890', "outside its"),
            ('"price":9950,"quantity":1,"reference":9950', '"price":9890,"quantity":1,"reference":9950', "outside its"),
            ('"price":9950,"quantity":1,"reference":9950', '"price":9920,"quantity":1,"reference":9950', "allows 9950"),
            ('"model":"none/1:0:0"', '"model":"fixed/1:9:0"', "has the slippage"),
            ('("fill_id":"o1#.*),"high":10100,"low":9900', r"\1", "does not store its bar"),
            ('"price":9950,"quantity":1,"reference":9950', '"price":9960,"quantity":1,"reference":9960', "its limit"),
        ]
    ):
        path = tmp_path / f"{number}.db"
        shutil.copy(clean, path)
        forged(path, old, new)
        with closing(opened(f"sqlite:///{path}")) as ledger:
            found = {check.name: check.breaches for check in verify(ledger, "main")}
        assert not found["I12"]
        assert any(says in breach for breach in found["I8"]), (says, found["I8"])


def test_an_account_that_only_its_journal_tells_of_is_found(tmp_path: Path) -> None:
    path = tmp_path / "book.db"
    started(f"sqlite:///{path}").close()
    tampered(path, "DELETE FROM accounts")
    with closing(opened(f"sqlite:///{path}")) as ledger:
        assert ledger.accounts() == ("main",)
        assert "head" in [found.name for found in verify(ledger, "main") if found.breaches]


@pytest.mark.parametrize(("old", "new", "says"), [
    ('("order_id":"o0".*"session":)"2024-01-03"', r'\1"2024-01-02"', "is dated 2024-01-02, its bar 1 is of 2024-01-03"),
    ('("bar":1,.*"session":)"2024-01-03"', r'\1"2024-01-01"', "does not follow"),
    ('("bar":)1(,"last".*"start":)', r"\g<1>3\2", "does not follow"),
    ('("first_bar":)1(,.*"o0")', r"\g<1>0\2", "had closed before"),
    ('("high":)10100(,"low":9900.*"o0")', r"\g<1>9990\2", "which closed at"),
])  # fmt: skip
def test_a_back_dated_fill_whose_chain_holds_is_found(tmp_path: Path, old: str, new: str, says: str) -> None:
    path = tmp_path / "book.db"
    with closing(started(f"sqlite:///{path}")) as ledger, ledger.transaction("main") as broker:
        for number in range(2):
            broker.submit(order(number))
            next_bar(broker)
    forged(path, old, new)
    with closing(opened(f"sqlite:///{path}")) as ledger:
        found = {check.name: check.breaches for check in verify(ledger, "main")}
    assert not found["I12"]
    assert any(says in breach for breach in found["I9"]), found["I9"]


def test_a_fill_before_its_acceptance_whose_chain_holds_is_found() -> None:
    floor = quiet_floor()
    floor.broker.submit(OrderRequest(terms("a", "buy", 3)))
    floor.bar((10_000, 10_000, 10_000, 10_000, 10))
    events = floor.broker.journal.events
    (fill,) = (event for event in events if isinstance(event, OrderFilled))
    accepted = next(place for place, event in enumerate(events) if isinstance(event, OrderAccepted))
    moved = [*events[:accepted], fill, *[event for event in events[accepted:] if event is not fill]]
    breaches = [each for each in timeline_breaches(Journal(moved), floor.broker.book) if each]
    assert breaches == ["order a was filled on bar 1, before it was accepted"]
