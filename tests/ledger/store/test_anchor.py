"""Anchors find what a hash chain alone does not: dropped last rows and a history that was written anew."""

import shutil
from contextlib import closing
from pathlib import Path

import pytest
from openoutcry.domain.errors import ConfigError
from openoutcry.ledger.store.anchor import check_anchor, read_anchors, take_anchor, write_anchors
from openoutcry.ledger.store.ledger import Ledger
from openoutcry.ledger.store.verify import verify
from openoutcry.tests.ledger.crash_harness import next_bar, opened, order
from openoutcry.tests.ledger.stored_account import started, tampered


def advance(ledger: Ledger, *numbers: int) -> None:
    with ledger.transaction("main") as broker:
        for number in numbers:
            broker.submit(order(number))
            next_bar(broker)


def test_an_anchor_holds_while_the_journal_grows(url: str) -> None:
    with closing(started(url)) as ledger:
        anchors = [take_anchor(ledger, "main")]
        for number in range(3):
            advance(ledger, number)
            anchors.append(take_anchor(ledger, "main"))
        assert [each.events for each in anchors] == sorted({each.events for each in anchors})
        assert [check_anchor(ledger, each).breaches for each in anchors] == [()] * 4


def test_dropped_last_rows_are_found(tmp_path: Path) -> None:
    """An older copy of the database is sound in itself."""
    path = tmp_path / "book.db"
    with closing(started(f"sqlite:///{path}")) as ledger:
        advance(ledger, 0)
    shutil.copy(path, tmp_path / "older.db")
    with closing(opened(f"sqlite:///{path}")) as ledger:
        advance(ledger, 1)
        kept = take_anchor(ledger, "main")
    with closing(opened(f"sqlite:///{tmp_path / 'older.db'}")) as ledger:
        assert not [check for check in verify(ledger, "main") if check.breaches]
        (breach,) = check_anchor(ledger, kept).breaches
        assert "rows are missing" in breach


def test_a_history_that_was_written_anew_is_found(tmp_path: Path) -> None:
    with closing(started(f"sqlite:///{tmp_path / 'one.db'}")) as ledger:
        advance(ledger, 0, 1)
        kept = take_anchor(ledger, "main")
    with closing(started(f"sqlite:///{tmp_path / 'two.db'}")) as ledger:
        advance(ledger, 5, 6, 7)
        assert not [check for check in verify(ledger, "main") if check.breaches]
        (breach,) = check_anchor(ledger, kept).breaches
        assert "history was replaced" in breach


def test_an_account_that_is_gone_is_found(tmp_path: Path) -> None:
    path = tmp_path / "book.db"
    with closing(started(f"sqlite:///{path}")) as ledger:
        kept = take_anchor(ledger, "main")
    tampered(path, "DELETE FROM accounts", "DELETE FROM journal")
    with closing(opened(f"sqlite:///{path}")) as ledger:
        assert check_anchor(ledger, kept).breaches


def test_anchors_are_read_as_they_were_written(tmp_path: Path) -> None:
    with closing(started(f"sqlite:///{tmp_path / 'book.db'}")) as ledger:
        kept = take_anchor(ledger, "main")
    assert read_anchors(write_anchors([kept]), "anchor.json") == {"main": kept}


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"a": 1}', '{"a": {"events": true, "head": "x"}}', '{"a": {"events": 1}}']
)
def test_a_file_that_is_no_anchor_is_refused(text: str) -> None:
    with pytest.raises(ConfigError, match=r"anchor\.json"):
        read_anchors(text, "anchor.json")
