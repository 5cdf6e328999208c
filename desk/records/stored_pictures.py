"""The pictures that models were sent, stored once by the hashes of their files."""

import sqlite3
from collections.abc import Sequence

from ...domain.ids import RunId
from ...domain.picture import Picture
from ...storage.sqlite import SqliteFile

PICTURES = "CREATE TABLE IF NOT EXISTS pictures (sha256 TEXT NOT NULL PRIMARY KEY, png BLOB NOT NULL)"
RUN_PICTURES = """
CREATE TABLE IF NOT EXISTS run_pictures (
    run_id TEXT NOT NULL, sha256 TEXT NOT NULL, PRIMARY KEY (run_id, sha256)
)
"""
PICTURE_TABLES = (PICTURES, RUN_PICTURES)
DELETE_UNUSED = "DELETE FROM pictures WHERE sha256 NOT IN (SELECT sha256 FROM run_pictures)"


def save_pictures(file: SqliteFile, run_id: RunId, pictures: Sequence[Picture]) -> None:
    """Store the pictures of a run; equal files of several runs are stored once."""
    if not pictures:
        return
    with file.writing() as connection:
        for each in pictures:
            connection.execute("INSERT OR IGNORE INTO pictures VALUES (?, ?)", (each.sha256, each.png))
            connection.execute("INSERT OR IGNORE INTO run_pictures VALUES (?, ?)", (run_id, each.sha256))


def load_picture(file: SqliteFile, sha256: str) -> bytes | None:
    """Return the file with this hash, or None if it is not stored."""
    return next((row[0] for row in file.rows("SELECT png FROM pictures WHERE sha256 = ?", (sha256,))), None)


def delete_pictures(connection: sqlite3.Connection, run_ids: Sequence[RunId]) -> None:
    """Delete the pictures of these runs that no other run has, within the caller's transaction."""
    connection.executemany("DELETE FROM run_pictures WHERE run_id = ?", [(run_id,) for run_id in run_ids])
    connection.execute(DELETE_UNUSED)
