"""Checkpoints of runs in SQLite: what was finished stays finished when the process is killed."""

import sqlite3
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, closing
from pathlib import Path

import aiosqlite
from langgraph.checkpoint.sqlite.aio import AsyncSqliteSaver

from ..domain.errors import OpenOutcryError
from ..storage.sqlite import connect, enable_wal, storage_error, vacuum
from .serializer import StateSerializer

Checkpointer = AsyncSqliteSaver


@asynccontextmanager
async def open_checkpoints(path: Path) -> AsyncIterator[Checkpointer]:
    """Open the checkpoint file. It outlives a killed process; a power cut may cost the last step."""
    try:
        with closing(sqlite3.connect(path)) as first:
            enable_wal(first.execute)
    except sqlite3.DatabaseError as error:
        raise storage_error("the checkpoints", path, error) from error
    async with aiosqlite.connect(path) as connection:
        await connection.execute("PRAGMA synchronous=NORMAL")
        saver = AsyncSqliteSaver(connection, serde=StateSerializer())
        await saver.setup()
        yield saver


class CheckpointFile:
    """The checkpoint file outside a run, for maintenance."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def delete(self, threads: Sequence[str]) -> None:
        """Delete the checkpoints of these runs in one transaction; a file that does not exist stays absent.

        Raises ConfigError or StoreLocked if the file cannot be written.
        """
        if not self._path.exists():
            return
        names = [(thread,) for thread in threads]
        try:
            with closing(connect(self._path, "NORMAL")) as connection:
                connection.execute("BEGIN IMMEDIATE")
                present = {row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
                for table in sorted({"checkpoints", "writes"} & present):
                    connection.executemany(f"DELETE FROM {table} WHERE thread_id = ?", names)  # noqa: S608 -- two names
                connection.execute("COMMIT")
        except sqlite3.Error as error:
            raise self._error(error) from error

    def vacuum(self) -> None:
        """Return unused space of the file to the disk; raises ConfigError or StoreLocked."""
        if not self._path.exists():
            return
        try:
            with closing(connect(self._path, "NORMAL")) as connection:
                vacuum(connection)
        except sqlite3.Error as error:
            raise self._error(error) from error

    def _error(self, cause: sqlite3.Error) -> OpenOutcryError:
        return storage_error("the checkpoints", self._path, cause)
