"""Bring the tables of the accounts to a version, with SQLAlchemy and alembic, in one transaction."""

import sqlite3
from collections.abc import Callable
from importlib.resources import files

from sqlalchemy import Connection, Engine, create_engine, event, inspect, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, NoSuchModuleError
from sqlalchemy.pool import NullPool

from ...domain.errors import ConfigError
from .database import lock_number


def upgrade_sqlite(connect: Callable[[], sqlite3.Connection], version: str) -> None:
    """Bring a SQLite file to `version`; another process may do the same at once."""
    engine = create_engine("sqlite://", poolclass=NullPool, creator=connect)

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    with engine.begin() as connection:
        found = stored_version(connection)
        if found is None or found < version:
            _migrate(connection, version)


def postgresql_engine(url: str) -> Engine:
    """Return an engine for a PostgreSQL URL; raises ConfigError for any other URL."""
    try:
        parsed = make_url(url)
        backend = parsed.get_backend_name()
        if backend != "postgresql":
            raise ArgumentError(f"{backend} is not supported; use sqlite or postgresql")
        return create_engine(parsed, poolclass=NullPool, connect_args={"autocommit": True})
    except (ArgumentError, NoSuchModuleError, ImportError) as error:
        raise ConfigError(f"{url!r} is not a usable database URL ({error}); try sqlite:///book.db") from error


def upgrade_postgresql(engine: Engine, version: str) -> str | None:
    """Bring a PostgreSQL database to `version` unless it is newer; return the version that was found."""
    with engine.begin() as connection:
        connection.execute(text("BEGIN"))
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": lock_number("migrations")})
        found = stored_version(connection)
        if found is None or found < version:
            _migrate(connection, version)
        connection.execute(text("COMMIT"))
    return found


def stored_version(connection: Connection) -> str | None:
    """Return the version of the tables, None for a database without tables."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()


def _migrate(connection: Connection, version: str) -> None:
    from alembic import command  # noqa: PLC0415 -- only a new or an old database needs it
    from alembic.config import Config  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(files(f"{__package__.rsplit('.', 1)[0]}.migrations")))
    config.attributes["connection"] = connection
    command.upgrade(config, version)
