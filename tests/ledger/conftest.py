"""Databases for the ledger's tests: a file of SQLite, and a PostgreSQL server of our own on a loopback port."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from openoutcry.tests.ledger.postgres_server import NoServer, fresh_database, postgres_server


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """Start a server and yield the URL of its database; skip where none can be started."""
    with ExitStack() as running:
        try:
            yield running.enter_context(postgres_server())
        except NoServer as reason:
            pytest.skip(str(reason))


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Return the URL of an empty database, once of each kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'book.db'}"
    server: str = request.getfixturevalue("postgres")
    return fresh_database(server, f"t{abs(hash(str(tmp_path))):x}")
