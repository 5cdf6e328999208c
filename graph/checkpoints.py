"""Checkpoints of runs in SQLite: what was finished stays finished when the process is killed."""

import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from pathlib import Path

import aiosqlite
from langgraph.checkpoint.serde.jsonplus import JsonPlusSerializer
from langgraph.checkpoint.sqlite.aio import AsyncSqliteSaver

from ..agents.context import MissingEvidence
from ..domain.abstention import Abstention, AbstentionCause
from ..domain.decision import (
    DebateTurn,
    RecalledMemory,
    RiskAssessment,
    RoleReport,
)
from ..domain.evidence import Evidence, EvidenceKind
from ..domain.orders import (
    Action,
    OrderClass,
    OrderType,
    TimeInForce,
)
from ..domain.outputs import (
    Argument,
    OrderPlan,
    OrderPlanWithLots,
    PlannedOrder,
    PlannedOrderWithLots,
    Rating,
    Report,
    RiskOpinion,
    RiskReview,
    Stance,
    Thesis,
    Verdict,
)
from ..storage.sqlite import enable_wal, storage_error

Checkpointer = AsyncSqliteSaver

ALLOWED_TYPES = (
    *(
        MissingEvidence,
        Abstention,
        AbstentionCause,
        Evidence,
        EvidenceKind,
        RoleReport,
        DebateTurn,
        RiskAssessment,
        RecalledMemory,
    ),
    *(
        Report,
        Argument,
        Thesis,
        OrderPlan,
        PlannedOrder,
        OrderPlanWithLots,
        PlannedOrderWithLots,
        RiskOpinion,
        RiskReview,
    ),
    *(Stance, Rating, Verdict),
    *(Action, OrderClass, OrderType, TimeInForce),
)
"""Every type of ours that the state may hold; a checkpoint with any other is refused when it is read."""


@asynccontextmanager
async def open_checkpoints(path: Path) -> AsyncIterator[Checkpointer]:
    """Open the checkpoint file. It outlives a killed process; a power cut may cost the last step."""
    allowed = [(kind.__module__, kind.__name__) for kind in ALLOWED_TYPES]
    try:
        with closing(sqlite3.connect(path)) as first:
            enable_wal(first.execute)
    except sqlite3.DatabaseError as error:
        raise storage_error("the checkpoints", path, error) from error
    async with aiosqlite.connect(path) as connection:
        await connection.execute("PRAGMA synchronous=NORMAL")
        saver = AsyncSqliteSaver(connection, serde=JsonPlusSerializer(allowed_msgpack_modules=allowed))
        await saver.setup()
        yield saver
