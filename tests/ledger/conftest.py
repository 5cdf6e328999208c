"""Databases for the ledger's tests: a file of SQLite, and a PostgreSQL server of our own on a loopback port."""

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest


def _tool(name: str) -> str | None:
    found = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"))
    return str(found[-1]) if found else shutil.which(name)


def _as_user() -> list[str]:
    """PostgreSQL refuses to run as root; Debian's package brings a user for it."""
    if os.geteuid():
        return []
    pwd.getpwnam("postgres")
    return ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"]


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """Start a server and yield the URL of its database; skip where none can be started."""
    pytest.importorskip("psycopg")
    initdb, pg_ctl = _tool("initdb"), _tool("pg_ctl")
    if initdb is None or pg_ctl is None:
        pytest.skip("PostgreSQL's server is not installed")
    folder = Path(tempfile.mkdtemp(prefix="openoutcry-pg-"))
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    try:
        user = _as_user()
        if user:
            shutil.chown(folder, "postgres", "postgres")
        data, options = folder / "data", f"-p {port} -k {folder} -c listen_addresses=127.0.0.1 -c fsync=off"
        subprocess.run([*user, initdb, "-D", data, "-U", "desk", "-A", "trust", "-N"], check=True, capture_output=True)
        start = [*user, pg_ctl, "-D", data, "-o", options, "-w", "-l", folder / "log", "start"]
        subprocess.run(start, check=True, capture_output=True, cwd="/")
    except (OSError, KeyError, subprocess.CalledProcessError) as error:
        shutil.rmtree(folder, ignore_errors=True)
        pytest.skip(f"no PostgreSQL server could be started: {error}")
    try:
        yield f"postgresql+psycopg://desk@127.0.0.1:{port}/postgres"
    finally:
        stop = [*user, pg_ctl, "-D", data, "-m", "immediate", "stop"]
        subprocess.run(stop, check=False, capture_output=True, cwd="/")
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Return the URL of an empty database, once of each kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'book.db'}"
    server: str = request.getfixturevalue("postgres")
    return _fresh(server, f"t{abs(hash(str(tmp_path))):x}")


def _fresh(server: str, name: str) -> str:
    import psycopg

    with psycopg.connect(server.replace("+psycopg", ""), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")  # type: ignore[call-overload]
    return server.rsplit("/", 1)[0] + f"/{name}"


@pytest.fixture
def sqlite_url(tmp_path: Path) -> Callable[[str], str]:
    """Return a function from a file name to the URL of a file of SQLite."""
    return lambda name: f"sqlite:///{tmp_path / name}"
