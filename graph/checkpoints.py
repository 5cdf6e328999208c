"""Checkpoints of runs in SQLite: what was finished stays finished when the process is killed."""

import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from pathlib import Path

import aiosqlite
from langgraph.checkpoint.sqlite.aio import AsyncSqliteSaver

from ..storage.sqlite import enable_wal, storage_error
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
