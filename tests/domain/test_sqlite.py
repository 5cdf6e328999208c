"""What is said of a file that cannot be used, and opening one that others open, too."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from openoutcry.storage.sqlite import REMEDIES, enable_wal, storage_error


@pytest.mark.parametrize(
    ("said", "remedy"),
    [
        ("database or disk is full", "make room on the disk"),
        ("database disk image is malformed", "move it away to start anew"),
        ("disk I/O error", "check the disk"),
        ("something new", "see the message"),
    ],
)
def test_cause_and_remedy_are_one_sentence(said, remedy):
    told = str(storage_error("the memory", Path("a/journal.db"), said))
    assert told.startswith(f"the memory a/journal.db cannot be used: {said}; {remedy}")


def test_no_remedy_hides_behind_another():
    for number, (sign, _) in enumerate(REMEDIES):
        assert not any(earlier in sign for earlier, _ in REMEDIES[:number])


def test_who_opens_a_file_while_another_does_asks_again(tmp_path):
    with closing(sqlite3.connect(tmp_path / "new.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        refused = []
        with closing(sqlite3.connect(tmp_path / "new.db", timeout=0)) as ours:

            def execute(statement):
                try:
                    return ours.execute(statement)
                except sqlite3.OperationalError as error:
                    refused.append(str(error))
                    other.execute("COMMIT") if len(refused) == 1 else None
                    raise

            enable_wal(execute)
            assert refused == ["database is locked"]
            assert ours.execute("PRAGMA journal_mode").fetchone() == ("wal",)


def test_what_is_no_matter_of_patience_is_said_at_once(tmp_path):
    (tmp_path / "ruin.db").write_bytes(b"not a database at all, but long enough to be read" * 30)
    with closing(sqlite3.connect(tmp_path / "ruin.db")) as ruin, pytest.raises(sqlite3.DatabaseError, match="not a"):
        enable_wal(ruin.execute)
