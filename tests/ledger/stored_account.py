"""An account in a database: begun, checked, and edited behind the ledger's back."""

import sqlite3
from pathlib import Path

from openoutcry.ledger.store.ledger import Ledger
from openoutcry.ledger.store.verify import verify
from openoutcry.tests.ledger.crash_harness import begin, opened


def started(url: str) -> Ledger:
    ledger = opened(url)
    begin(ledger, "main")
    return ledger


def assert_verifies(ledger: Ledger, account: str = "main") -> None:
    checks = verify(ledger, account)
    assert not [check for check in checks if check.breaches]
    assert {check.name for check in checks} >= {"I1", "I12", "I13", "postings", "balances", "orders", "requests"}


def tampered(path: Path, *statements: str) -> None:
    connection = sqlite3.connect(path)
    for name in ("journal", "postings"):
        for change in ("update", "delete"):
            connection.execute(f"DROP TRIGGER {name}_no_{change}")
    for statement in statements:
        connection.execute(statement)
    connection.commit()
    connection.close()
