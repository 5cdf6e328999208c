"""One session of ten tickers beside one of a single ticker, with a model that takes its time."""

import os
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from statistics import median
from unittest.mock import patch

from openoutcry.tests.app.daily import open_daily, sessions

from tests.bench.table import Row
from tests.stub.server import StubServer

LATENCY_MS, TIMES = 200, 3
TEN = "CALDR,DRUMT,FERKD,GRUND,HALDM,KESTR,LUMVN,MARRW,MYRRL,VEXIL"
ONE = "CALDR"
(FIRST,) = sessions("2025-03-03", 1)


def rows() -> Sequence[Row]:
    """Return the wall times of a session, and their ratio."""
    alone, together = [], []
    for _ in range(TIMES):  # in turns, so that a busy moment hits both
        alone.append(_session(ONE))
        together.append(_session(TEN))
    ratio = median(together) / median(alone)
    return [
        Row(
            f"ten tickers at {LATENCY_MS} ms a call beside one: wall time, median of {TIMES}",
            f"{ratio:.2f} x ({median(together):.2f} s, {median(alone):.2f} s)",
            "<= 1.5 x",
        )
    ]


def _session(watchlist: str) -> float:
    with (
        tempfile.TemporaryDirectory() as folder,
        StubServer(latency_ms=LATENCY_MS) as stub,
        patch.dict(os.environ, {"OPENAI_API_KEY": "sk-test"}),
        open_daily(Path(folder) / "home", model="openai:stub", base_url=stub.url) as daily,
    ):
        daily.clock.after_close(FIRST)
        start = time.perf_counter()
        daily.run(watchlist=watchlist)
        return time.perf_counter() - start
