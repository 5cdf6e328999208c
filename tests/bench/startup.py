"""How long a user waits before anything happens."""

import subprocess
import sys
import time
from datetime import date
from statistics import median

from openoutcry.domain.market import Interval
from openoutcry.domain.sessions import calendar
from openoutcry.tools.demo import demo_market

from tests.bench.table import Row

HELP = "import sys; sys.argv = ['openoutcry', '--help']; from openoutcry.cli.app import main; main()"


def rows() -> list[Row]:
    """Measure and return the rows of this section."""
    bare, helped = _process("pass"), _process(HELP)
    market = _market()
    return [
        Row("`openoutcry --help`, median of 7", f"{helped * 1000:.0f} ms", "< 300 ms"),
        Row("of which Python alone", f"{bare * 1000:.0f} ms"),
        Row("demo market, ten years, drawn and first bars read", f"{market:.2f} s", "< 1 s"),
    ]


def _process(code: str) -> float:
    def once() -> float:
        start = time.perf_counter()
        subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)
        return time.perf_counter() - start

    return median(once() for _ in range(7))


def _market() -> float:
    sessions = calendar("XNYS")
    day = date(2026, 11, 18)
    start = time.perf_counter()
    market = demo_market(last=day)
    for symbol in market.symbols():
        market.bars(symbol, Interval.DAY, until=sessions.close(day), count=1)
        break
    return time.perf_counter() - start
