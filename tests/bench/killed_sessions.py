"""A quarter of a scheduler that is killed at its durable writes, suspended, and given a clock that jumps."""

import os
import tempfile
import time
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from unittest.mock import patch

from openoutcry.app.factories import open_store
from openoutcry.app.settings import load_settings
from openoutcry.domain.trading_calendar import trading_calendar
from openoutcry.ledger.store.ledger import Ledger
from openoutcry.ledger.store.verify import verify
from openoutcry.tests.app.daily import NAME, XNYS, sessions
from openoutcry.tests.app.kills import clock_times, serve

from tests.bench.table import Row
from tests.stub.server import StubServer

SESSIONS, KILLS, REACH = 63, 60, 240
SYMBOLS = ("CALDR", "DRUMT", "FERKD", "GRUND", "HALDM", "KESTR", "LUMVN", "MARRW", "MYRRL", "VEXIL")
WEEK_KILLS, WEEK_REACH = 30, 40
CONCURRENCY = 12


def rows() -> Sequence[Row]:
    """Return the figures of a quarter by rules and of a week with a model."""
    with tempfile.TemporaryDirectory() as folder:
        return [*_quarter(Path(folder)), _week(Path(folder))]


def _quarter(folder: Path) -> Sequence[Row]:
    times = clock_times("2025-03-03", SESSIONS)
    start = time.perf_counter()
    whole, _ = serve(folder / "whole", times, 0, 1, watchlist=SYMBOLS)
    alone = time.perf_counter() - start
    torn, kills = serve(folder / "torn", times, KILLS, 1, watchlist=SYMBOLS, reach=REACH)
    same = "identical" if (torn["hash"], torn["sessions"]) == (whole["hash"], whole["sessions"]) else "DIFFERENT"
    states = list(whole["sessions"].values())
    done = f"{states.count('done')} done, {states.count('missed')} missed while suspended"
    return [
        Row(f"{SESSIONS} sessions, {len(SYMBOLS)} tickers, by rules, on a stored account", f"{alone:.1f} s; {done}"),
        Row(
            f"the same with {kills} processes killed at durable writes",
            f"state hash {same}, {_verdict(folder / 'torn')}",
            "identical",
        ),
    ]


def _verdict(home: Path) -> str:
    ledger = Ledger.open(f"sqlite:///{home / 'book.db'}", trading_calendar)
    breaches = sum(len(check.breaches) for check in verify(ledger, NAME))
    ledger.close()
    return f"{breaches} breaches"


def _week(folder: Path) -> Row:
    times = [(XNYS.close(day) + timedelta(minutes=45)).isoformat() for day in sessions("2025-03-03", 5)]
    with StubServer() as stub, patch.dict(os.environ, {"OPENAI_API_KEY": "sk-test"}):
        _, kills = serve(folder / "week", times, WEEK_KILLS, 2, base_url=stub.url, reach=WEEK_REACH)
        requests = len(stub.requests)
    store = open_store(load_settings({"home": folder / "week"}))
    stored = sum(len(store.call_log(run.run_id).calls()) for run in store.runs())
    store.close()
    return Row(
        f"a week with a model over HTTP, 3 tickers, {kills} kills: requests less stored replies",
        f"{requests - stored} ({requests} requests, {stored} replies)",
        f"<= kills x concurrency = {kills * CONCURRENCY}",
    )
