"""Record state folders of this version: `PYTHONPATH=tests python -m compatibility.record_states`.

Writes `state/`. Needs PostgreSQL's server and pg_dump for the ledger in PostgreSQL.
"""

import gzip
import importlib.util
import shutil
import subprocess
import tempfile
from pathlib import Path
from types import ModuleType
from typing import Any

from stub.server import StubServer

from . import states
from .archives import pack, unpack, vacuum
from .command_line import ROOT, Shell
from .projection import decision_facts
from .recording import save


def main() -> None:
    """Make every state folder, pack it, and record what the commands print about it."""
    answers: dict[str, Any] = {}
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        answers["home"] = _record_home(folder)
        answers["postgres"] = _record_postgres(folder)
        answers["archive"] = _record_archive(folder)
        answers["interrupted"] = _record_interrupted(folder)
    save(states.ANSWERS, answers)


def _record_home(folder: Path) -> dict[str, Any]:
    home = folder / "home"
    states.fill_account(Shell(home))
    vacuum(home)
    pack(home, states.HOME)
    shell = Shell(unpack(states.HOME, folder / "home-again"))
    read = {**states.paper_answers(shell), **states.memory_answers(shell), **states.run_answers(shell)}
    return {"read": read, "next": states.next_decision(shell)}


def _record_postgres(folder: Path) -> dict[str, Any]:
    server = _postgres()
    with server.postgres_server() as url:
        database = server.fresh_database(url, "recorded")
        states.fill_account(Shell(folder / "postgres", {"OPENOUTCRY_LEDGER": database}), "--no-memory")
        plain = database.replace("+psycopg", "")
        dump = subprocess.run(
            [_pg_dump(), "--rows-per-insert=500", "--no-owner", "--no-privileges", plain],
            check=True,
            capture_output=True,
            text=True,
        ).stdout
        lines = [line for line in dump.splitlines() if not line.startswith(("\\", "--"))]
        text = "\n".join(line for line in lines if line) + "\n"
        states.POSTGRES.write_bytes(gzip.compress(text.encode(), compresslevel=9, mtime=0))
        shell = Shell(folder / "postgres-again", {"OPENOUTCRY_LEDGER": database})
        read = states.paper_answers(shell)
        return {"read": read, "next": states.next_decision(shell, "--no-memory")}


def _pg_dump() -> str:
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/pg_dump"))
    return str(found[-1]) if found else str(shutil.which("pg_dump"))


def _postgres() -> ModuleType:
    """Load the module that starts a server for tests."""
    spec = importlib.util.spec_from_file_location("postgres_for_tests", ROOT / "tests" / "ledger" / "server.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _record_archive(folder: Path) -> dict[str, Any]:
    home = folder / "archive"
    states.fill_archive(home)
    shutil.rmtree(home / "yfinance", ignore_errors=True)
    vacuum(home)
    pack(home, states.ARCHIVE)
    return states.archive_answers(Shell(unpack(states.ARCHIVE, folder / "archive-again")))


def _record_interrupted(folder: Path) -> dict[str, Any]:
    run_id = states.interrupt_run(folder / "interrupted")
    pack(folder / "interrupted", states.INTERRUPTED)
    shell = Shell(unpack(states.INTERRUPTED, folder / "interrupted-again"))
    listed = shell.run(*states.RUNS, "--json").json
    with StubServer(port=states.PORT) as server:
        resumed = shell.run("decide", "--resume", run_id, "--base-url", server.url, "--json")
        asked = len(server.requests)
    assert resumed.code == 0, resumed.err
    return {"run_id": run_id, "runs list": listed, "asked": asked, "decision": decision_facts(resumed.json)}


if __name__ == "__main__":
    main()
