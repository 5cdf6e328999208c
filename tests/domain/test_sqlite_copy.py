"""Copies of SQLite files: one commit each while others write, and a bounded wait for a file without a log."""

import os
import sqlite3
import threading
from contextlib import closing

import pytest
from openoutcry.domain.errors import ConfigError, StoreLocked
from openoutcry.storage.sqlite_copy import copy_database, is_database


def database(path, mode="WAL"):
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute(f"PRAGMA journal_mode={mode}")
        connection.execute("CREATE TABLE pairs (a INTEGER, b INTEGER)")
        connection.execute("CREATE TABLE filling (x BLOB)")
        connection.execute("INSERT INTO pairs VALUES (0, 0)")
        connection.execute("BEGIN")
        connection.executemany("INSERT INTO filling VALUES (?)", [(bytes(4000),)] * 300)
        connection.execute("COMMIT")
        connection.execute("PRAGMA user_version=7")
    return path


def content(path):
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
        return connection.execute("SELECT a, b FROM pairs").fetchone()


def test_a_copy_is_one_commit_while_a_writer_keeps_writing(tmp_path):
    source, stop, written = database(tmp_path / "s.db"), threading.Event(), threading.Event()

    def write():
        with closing(sqlite3.connect(source, isolation_level=None, timeout=10)) as connection:
            while not stop.is_set():
                connection.execute("BEGIN IMMEDIATE")
                connection.execute("UPDATE pairs SET a = a + 1")
                connection.execute("UPDATE pairs SET b = b + 1")
                connection.execute("COMMIT")
                written.set()

    writer = threading.Thread(target=write)
    writer.start()
    try:
        assert written.wait(10)
        for number in range(10):
            copy_database(source, tmp_path / f"{number}.db")
    finally:
        stop.set()
        writer.join()
    found = [content(tmp_path / f"{number}.db") for number in range(10)]
    assert all(a == b for a, b in found)
    assert found == sorted(found)
    assert found[-1][0] > 0


def test_a_copy_is_one_file_and_keeps_its_schema_version(tmp_path):
    source = database(tmp_path / "s.db")
    with closing(sqlite3.connect(source, isolation_level=None)) as writer:
        writer.execute("UPDATE pairs SET a = 5, b = 5")  # in the log only
        writer.execute("BEGIN IMMEDIATE")
        writer.execute("UPDATE pairs SET a = 6")
        copy_database(source, tmp_path / "c.db")
        writer.execute("ROLLBACK")
    with closing(sqlite3.connect(tmp_path / "c.db")) as copy:
        assert copy.execute("PRAGMA user_version").fetchone()[0] == 7
        assert copy.execute("PRAGMA journal_mode").fetchone()[0] == "delete"
    assert content(tmp_path / "c.db") == (5, 5)
    assert not list(tmp_path.glob("c.db-*"))


def test_a_locked_file_without_a_log_is_waited_for_only_so_long(tmp_path):
    source = database(tmp_path / "s.db", "DELETE")
    with closing(sqlite3.connect(source, isolation_level=None)) as writer:
        writer.execute("BEGIN EXCLUSIVE")
        with pytest.raises(StoreLocked):
            copy_database(source, tmp_path / "c.db", patience_s=0)


def test_a_file_that_is_no_database_is_one_clear_error(tmp_path):
    (tmp_path / "s.db").write_bytes(b"SQLite format 3\0" + b"x" * 5000)
    with pytest.raises(ConfigError, match=r"s\.db cannot be used"):
        copy_database(tmp_path / "s.db", tmp_path / "c.db")
    (tmp_path / "empty.db").write_bytes(b"")
    assert [is_database(tmp_path / name) for name in ("s.db", "empty.db")] == [True, False]


@pytest.mark.parametrize("logged", [False, True])
def test_a_file_on_a_read_only_disk_is_copied(tmp_path, monkeypatch, logged):
    source = database(tmp_path / "s.db")
    with closing(sqlite3.connect(source, isolation_level=None)) as other:
        if logged:
            other.execute("UPDATE pairs SET a = 5, b = 5")
        monkeypatch.setattr(os, "access", lambda *_: False)
        copy_database(source, tmp_path / "c.db")
    assert content(tmp_path / "c.db") == ((5, 5) if logged else (0, 0))
