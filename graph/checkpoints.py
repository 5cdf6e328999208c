"""Checkpoints of runs in SQLite: what was finished stays finished when the process is killed."""

import sqlite3
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.base import (
    ChannelVersions,
    Checkpoint,
    CheckpointMetadata,
    CheckpointTuple,
    DeltaChannelHistory,
)
from langgraph.checkpoint.sqlite import SqliteSaver

from ..domain.errors import OpenOutcryError
from ..storage.sqlite import connect, storage_error, vacuum
from .serializer import StateSerializer


class Checkpointer(SqliteSaver):
    """Stores checkpoints in the thread of the event loop.

    A step is some kilobytes in a file with a write-ahead log and takes less time than passing it to another thread
    and waiting for that thread. Each write is one transaction, of which nothing stays if it fails. Every method raises
    StoreLocked if another process holds the file for too long, and ConfigError if the file cannot be used.
    """

    def __init__(self, connection: sqlite3.Connection, path: Path) -> None:
        super().__init__(connection, serde=StateSerializer())
        self._path = path

    def setup(self) -> None:
        """Create the tables that are missing."""
        with self._translated():
            super().setup()

    @contextmanager
    def cursor(self, transaction: bool = True) -> Iterator[sqlite3.Cursor]:
        """Yield a cursor; with `transaction` commit at the end. Roll back on any error."""
        with self.lock, self._translated(), closing(self.conn.cursor()) as cursor:
            try:
                yield cursor
                if transaction:
                    self.conn.commit()
            except BaseException:
                self.conn.rollback()
                raise

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            raise storage_error("the checkpoints", self._path, error) from error

    async def aget_tuple(self, config: RunnableConfig) -> CheckpointTuple | None:
        """Return the checkpoint that `config` names, or the last one of its thread; None if there is none."""
        return self.get_tuple(config)

    async def alist(
        self,
        config: RunnableConfig | None,
        *,
        filter: dict[str, Any] | None = None,  # noqa: A002 -- the name that LangGraph passes
        before: RunnableConfig | None = None,
        limit: int | None = None,
    ) -> AsyncIterator[CheckpointTuple]:
        """Yield the checkpoints that match, newest first."""
        # Read at once: the listing holds the lock, and a reader that stops early would keep it.
        for each in tuple(self.list(config, filter=filter, before=before, limit=limit)):
            yield each

    async def aput(
        self,
        config: RunnableConfig,
        checkpoint: Checkpoint,
        metadata: CheckpointMetadata,
        new_versions: ChannelVersions,
    ) -> RunnableConfig:
        """Store a checkpoint, and return the configuration that names it."""
        return self.put(config, checkpoint, metadata, new_versions)

    async def aput_writes(
        self, config: RunnableConfig, writes: Sequence[tuple[str, Any]], task_id: str, task_path: str = ""
    ) -> None:
        """Store what a node returned, before the step that it belongs to is complete."""
        self.put_writes(config, writes, task_id, task_path)

    async def adelete_thread(self, thread_id: str) -> None:
        """Delete the checkpoints of a thread."""
        self.delete_thread(thread_id)

    async def aget_delta_channel_history(
        self, *, config: RunnableConfig, channels: Sequence[str]
    ) -> Mapping[str, DeltaChannelHistory]:
        """Return the writes of channels that are stored as differences."""
        return self.get_delta_channel_history(config=config, channels=channels)


@contextmanager
def open_checkpoints(path: Path) -> Iterator[Checkpointer]:
    """Open the checkpoint file. It outlives a killed process; a power cut may cost the last step.

    Raises StoreLocked or ConfigError if the file cannot be used.
    """
    with closing(_connected(path)) as connection:
        saver = Checkpointer(connection, path)
        saver.setup()
        yield saver


def _connected(path: Path) -> sqlite3.Connection:
    try:
        connection = connect(path, "NORMAL")
    except sqlite3.DatabaseError as error:
        raise storage_error("the checkpoints", path, error) from error
    connection.isolation_level = "IMMEDIATE"  # the saver commits, not each statement
    return connection


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
