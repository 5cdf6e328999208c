"""A PostgreSQL server of our own, from Debian's packages, on a loopback port."""

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path


class NoServer(Exception):
    """No server can be started here; the text says why."""


def _tool(name: str) -> str:
    found = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"))
    tool = str(found[-1]) if found else shutil.which(name)
    if tool is None:
        raise NoServer("PostgreSQL's server is not installed")
    return tool


def _as_user() -> list[str]:
    """PostgreSQL refuses to run as root; Debian's package brings a user for it."""
    if os.geteuid():
        return []
    pwd.getpwnam("postgres")
    return ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"]


@dataclass(frozen=True)
class PostgresServer:
    """A running server that a test can stop and start again."""

    url: str
    pg_ctl: tuple[str | Path, ...]

    def start(self) -> None:
        """Start the server and wait until it answers."""
        subprocess.run([*self.pg_ctl, "-w", "start"], check=True, capture_output=True, cwd="/")

    def stop(self, mode: str = "fast") -> None:
        """Stop the server: `fast` ends its connections, `immediate` is a crash."""
        subprocess.run([*self.pg_ctl, "-m", mode, "stop"], check=True, capture_output=True, cwd="/")


@contextmanager
def postgres_server() -> Iterator[str]:
    """Start a server and yield the URL of its database; raises NoServer where none can be started."""
    with controlled_server() as server:
        yield server.url


@contextmanager
def controlled_server() -> Iterator[PostgresServer]:
    """Start a server and yield it; raises NoServer where none can be started."""
    if find_spec("psycopg") is None:
        raise NoServer("psycopg is not installed")
    initdb, pg_ctl = _tool("initdb"), _tool("pg_ctl")
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
        command = (*user, pg_ctl, "-D", data, "-o", options, "-l", folder / "log")
        server = PostgresServer(f"postgresql+psycopg://desk@127.0.0.1:{port}/postgres", command)
        server.start()
    except (OSError, KeyError, subprocess.CalledProcessError) as error:
        shutil.rmtree(folder, ignore_errors=True)
        raise NoServer(f"no PostgreSQL server could be started: {error}") from error
    try:
        yield server
    finally:
        with suppress(subprocess.CalledProcessError):  # it may be stopped
            server.stop("immediate")
        shutil.rmtree(folder, ignore_errors=True)


def fresh_database(server: str, name: str) -> str:
    """Create an empty database on the server and return its URL."""
    import psycopg

    with psycopg.connect(server.replace("+psycopg", ""), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")  # type: ignore[call-overload]
    return server.rsplit("/", 1)[0] + f"/{name}"
