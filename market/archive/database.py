"""SQLite schema of the archive. Triggers make its tables append-only."""

from pathlib import Path

from sqlalchemy import Column, Engine, Index, Integer, MetaData, String, Table, Text, create_engine, event
from sqlalchemy.pool import NullPool

from ...domain.errors import ConfigError
from ...storage.sqlite import enable_wal

SCHEMA_VERSION = 1
BUSY_SECONDS = 30
_META = MetaData()
FETCHES = Table(
    "fetches",
    _META,
    Column("id", Integer, primary_key=True),
    Column("kind", String, nullable=False),
    Column("key", String, nullable=False),
    Column("origin", String, nullable=False),
    Column("since", String, nullable=False),
    Column("until", String, nullable=False),
    Column("asked_at", String, nullable=False),
    Column("outcome", String, nullable=False),
    Column("rows", Integer, nullable=False),
    Column("reach", String, nullable=False),
    Column("reason", Text, nullable=False),
    Index("fetches_by_key", "kind", "key"),
    sqlite_autoincrement=True,
)
ROWS = Table(
    "rows",
    _META,
    Column("id", Integer, primary_key=True),
    Column("fetch", Integer, nullable=False),
    Column("kind", String, nullable=False),
    Column("key", String, nullable=False),
    Column("origin", String, nullable=False),
    Column("identity", Text, nullable=False),
    Column("cells", Text, nullable=False),
    Column("hash", String, nullable=False),
    Column("fetched_at", String, nullable=False),
    Column("seen_at", String),
    Index("rows_by_key", "kind", "key"),
    Index("rows_by_identity", "kind", "key", "origin", "identity"),
    sqlite_autoincrement=True,
)


def open_engine(path: Path) -> Engine:
    """Return an engine without a connection pool, so that threads and processes do not share connections."""
    arguments = {"timeout": BUSY_SECONDS, "isolation_level": None}
    engine = create_engine(f"sqlite:///{path}", poolclass=NullPool, connect_args=arguments)

    @event.listens_for(engine, "connect")
    def _tune(connection: object, _: object) -> None:
        connection.execute("PRAGMA synchronous=NORMAL")  # type: ignore[attr-defined]

    return engine


def prepare(engine: Engine, path: Path) -> None:
    """Create the schema in a new file; safe for concurrent processes.

    Raises ConfigError if the file was written by a newer version.
    """
    with engine.connect() as connection:
        version = connection.exec_driver_sql("PRAGMA user_version").scalar_one()
        if version > SCHEMA_VERSION:
            raise ConfigError(f"the archive {path} was written by a newer version; upgrade openoutcry")
        if version == SCHEMA_VERSION:
            return
        enable_wal(connection.exec_driver_sql)
        connection.exec_driver_sql("BEGIN IMMEDIATE")
        _META.create_all(connection)
        for table in ("rows", "fetches"):
            for change in ("UPDATE", "DELETE"):
                connection.exec_driver_sql(
                    f"CREATE TRIGGER IF NOT EXISTS {table}_no_{change.lower()} BEFORE {change} ON {table} "
                    f"BEGIN SELECT RAISE(ABORT, 'the archive is only added to'); END"
                )
        connection.exec_driver_sql(f"PRAGMA user_version={SCHEMA_VERSION}")
        connection.exec_driver_sql("COMMIT")
