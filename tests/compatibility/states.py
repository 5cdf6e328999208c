"""State folders of this version, what its commands print about them, and how they are made."""

import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from stub.http_log import Fault
from stub.server import StubServer
from vendors.server import VendorServer
from vendors.vendor_servers import everything_at, serve_world

from .command_line import Shell, declared_script
from .projection import account_facts, decision_facts

FOLDER = Path(__file__).parent / "state"
HOME, ARCHIVE, INTERRUPTED = FOLDER / "home.tar.gz", FOLDER / "archive.tar.gz", FOLDER / "interrupted.tar.gz"
POSTGRES, ANSWERS = FOLDER / "ledger.postgres.sql.gz", FOLDER / "answers.json.gz"
Json = dict[str, Any]
Command = tuple[str, ...]

SYMBOLS = ("GRUND", "CALDR", "VEXIL")
DAYS = (
    "2023-10-12",
    "2023-11-13",
    "2023-12-12",
    "2024-01-12",
    "2024-02-12",
    "2024-03-12",
    "2024-04-12",
    "2024-05-13",
    "2024-06-12",
    "2024-07-12",
    "2024-08-12",
    "2024-09-12",
    "2024-10-14",
    "2024-11-12",
    "2024-12-12",
    "2025-01-13",
    "2025-02-12",
    "2025-03-12",
)
OPEN: Command = ("paper", "init", "--margin", "--slippage-bps", "2", "--commission-bps", "1", "--borrow-bps", "50")
PAPER: tuple[Command, ...] = (
    ("paper", "status"),
    ("paper", "positions"),
    ("paper", "orders"),
    ("paper", "orders", "--all"),
    ("paper", "fills"),
    ("paper", "equity"),
    ("paper", "history", "--limit", "2000"),
)
AS_OF = ("--as-of", "2025-03-31")
MEMORY: tuple[Command, ...] = (
    ("memory", "stats", *AS_OF),
    ("memory", "list", *AS_OF, "--limit", "400"),
    ("memory", "list", "--as-of", "2024-06-30", "--symbol", "GRUND", "--limit", "100"),
    ("memory", "search", "earnings", "surprise", "and", "margins", *AS_OF, "--symbol", "GRUND", "--limit", "20"),
    ("memory", "search", "the", "thesis", "failed", *AS_OF, "--limit", "20"),
)
RUNS: Command = ("runs", "list", "--limit", "200")
NEXT_DAY = "2025-04-01"
ARCHIVED = ("AAPL", "2026-06-09")
SERVED_UNTIL = datetime(2026, 6, 10, 12, tzinfo=UTC)
PORT = 28_473
"""Where the model server of the interrupted run listened: a run goes on only with the same endpoint."""
INTERRUPTED_AT = 7
PATIENCE_S = 180


def fill_account(shell: Shell, *flags: str) -> None:
    """Open an account and let the desk decide for it on every day and symbol."""
    assert shell.run(*OPEN).code == 0
    for day in DAYS:
        for symbol in SYMBOLS:
            decided = shell.run(
                "decide", symbol, "--as-of", day, "--model", "rules", "--account", "paper", "--submit", *flags
            )
            assert decided.code == 0, decided.err


def paper_answers(shell: Shell) -> Json:
    """Return what the commands about an account print, with the breaches that `ledger verify` finds."""
    read = {" ".join(command): shell.run(*command, "--json").json for command in PAPER}
    return {**read, "breaches": account_facts(shell.run("ledger", "verify", "--json").json)}


def memory_answers(shell: Shell) -> Json:
    """Return what the commands about the memory print, with the history of some theses and what they cite."""
    read = {" ".join(command): shell.run(*command, "--json").json for command in MEMORY}
    read[" ".join(MEMORY[0])].pop("bytes")
    theses = [each["memory_id"] for each in read[" ".join(MEMORY[2])] if each["source"] == "thesis"][:4]
    shown = {each: _show(shell, each) for each in theses}
    cited = sorted({each for thesis in shown.values() for each in thesis["cites"]})[:8]
    return {**read, "memory show": {**shown, **{each: _show(shell, each) for each in cited}}}


def _show(shell: Shell, memory_id: str) -> Json:
    shown: Json = shell.run("memory", "show", memory_id, *AS_OF, "--json").json
    return shown


def run_answers(shell: Shell) -> Json:
    """Return the list of runs, and what must not change of the last of them."""
    runs = shell.run(*RUNS, "--json").json
    shown = {each["run_id"]: shell.run("runs", "show", each["run_id"], "--json") for each in runs[:9]}
    return {"runs list": runs, "runs show": {name: decision_facts(result.json) for name, result in shown.items()}}


def next_decision(shell: Shell, *flags: str) -> Json:
    """Advance the account to a later session, decide and submit; return the decision and the account after it."""
    decided = shell.run(
        *("decide", "GRUND", "--as-of", NEXT_DAY, "--model", "rules", "--account", "paper", "--submit"),
        *flags,
        "--json",
    )
    after = {" ".join(command): account_facts(shell.run(*command, "--json").json) for command in PAPER[:5]}
    breaches = account_facts(shell.run("ledger", "verify", "--json").json)
    return {"code": decided.code, "decision": decision_facts(decided.json), **after, "breaches": breaches}


def fill_archive(home: Path) -> None:
    """Fetch one symbol from local servers that answer as the public sources do."""
    with VendorServer() as server:
        serve_world(server, SERVED_UNTIL, ARCHIVED[0])
        environment = {**everything_at(server.url), "FRED_API_KEY": "key-for-tests"}
        fetched = Shell(home, environment).run("data", "fetch", ARCHIVED[0], "--from", ARCHIVED[1], "--to", ARCHIVED[1])
        assert fetched.code in {0, 4}, fetched.err


def archive_answers(shell: Shell) -> Json:
    """Return the snapshot of the archive, and the decisions on the archive and on the snapshot."""
    symbol, day = ARCHIVED
    written = shell.run("data", "snapshot", "snapshot", "--tickers", symbol, "--as-of", day)
    assert written.code == 0, written.err
    files = {path.name: path.read_text(encoding="utf-8") for path in sorted((shell.home / "snapshot").iterdir())}
    asked = ("--as-of", day, "--model", "rules", "--no-memory", "--json")
    decided = {
        market: decision_facts(shell.run("decide", symbol, "--market", market, *asked).json)
        for market in ("live", "snapshot")
    }
    checked = shell.run("data", "check", "snapshot", "--json").json
    return {"files": _row_counts(files), "defects": checked["defect_count"], "decisions": decided}


def _row_counts(files: Mapping[str, str]) -> Json:
    return {name: len(text.splitlines()) for name, text in files.items()}


def interrupt_run(home: Path) -> str:
    """Kill a decision after INTERRUPTED_AT answers of the model and return the id of its run."""
    with StubServer(port=PORT) as server:
        server.fail(*[None] * INTERRUPTED_AT, *[Fault.hang()] * 4)
        process = _start(home, "decide", "GRUND", "--as-of", "2025-03-03", "--json", *model_flags(server.url))
        _wait(lambda: len(_kept_calls(home)) >= INTERRUPTED_AT and len(server.requests) > INTERRUPTED_AT, process)
        process.kill()
        process.communicate()
    return str(_kept_calls(home)[0])


def model_flags(url: str) -> Command:
    """Return the flags of a decision with the model server at `url`."""
    return "--model", "openai:stub", "--base-url", url


def _start(home: Path, *arguments: str) -> "subprocess.Popen[str]":
    home.mkdir(parents=True, exist_ok=True)
    module, function = declared_script()
    line = [sys.executable, "-c", f"from {module} import {function} as main; main()", *arguments]
    pipes: Any = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    return subprocess.Popen(line, env=Shell(home).variables(), cwd=home, **pipes)


def _kept_calls(home: Path) -> list[str]:
    import sqlite3

    if not (home / "runs.db").exists():
        return []
    connection = sqlite3.connect(f"file:{home / 'runs.db'}?mode=ro", uri=True)
    try:
        return [row[0] for row in connection.execute("SELECT run_id FROM calls")]
    except sqlite3.OperationalError:
        return []
    finally:
        connection.close()


def _wait(reached: Any, process: "subprocess.Popen[str]") -> None:
    deadline, pause = time.monotonic() + PATIENCE_S, threading.Event()
    while not reached():
        assert process.poll() is None, process.communicate()[1]
        assert time.monotonic() < deadline
        pause.wait(0.01)
