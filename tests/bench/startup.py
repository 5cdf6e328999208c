"""How long a user waits before anything happens, against the import of the libraries that a command needs."""

import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from statistics import median

from openoutcry.domain.market import Interval
from openoutcry.domain.trading_calendar import trading_calendar
from openoutcry.market.demo import demo_market

from tests.bench.decision import stub
from tests.bench.table import Row

RUNS = 7
MAIN = "from openoutcry.cli.app import main; main()"
REAL = Path(__file__).parents[3] / "shared" / "data" / "public"
DEMO_DECISION = ("decide", "CALDR", "--market", "demo", "--model", "rules")
REAL_DECISION = ("decide", "AAPL", "--market", str(REAL), "--as-of", "2025-03-03", "--model", "openai:stub")
REPORT_PEAK = """
import atexit, pathlib, sys
peak = pathlib.Path("/proc/self/status")
atexit.register(lambda: peak.exists() and sys.stderr.write(peak.read_text()))
"""
"""Not resource.getrusage: a process that was forked inherits the peak of its parent there."""

RULES_LIBRARIES = "import langgraph.graph, numpy, talib"
MODEL_LIBRARIES = "import openai, langgraph.graph, numpy, talib"


@dataclass(frozen=True)
class Timed:
    """Whole processes: the medians of their seconds, and the largest peak of memory."""

    seconds: float
    bare_seconds: float
    peak_mb: float
    bare_peak_mb: float

    def row(self, what: str, libraries: str, target: float, memory: str = "") -> Row:
        """Return a row with the ratio to the import of the libraries."""
        figure = f"{self.seconds / self.bare_seconds:.2f} x ({self.seconds * 1000:.0f} ms, {self.peak_mb:.0f} MB)"
        bare = f"{self.bare_seconds * 1000:.0f} ms, {self.bare_peak_mb:.0f} MB for `{libraries}`"
        return Row(what, figure, f"<= {target} x{memory}", bare)


def rows() -> list[Row]:
    """Measure and return the rows of this section."""
    with tempfile.TemporaryDirectory() as home:
        environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
        environment |= {"OPENOUTCRY_HOME": home, "OPENAI_API_KEY": "local", "LANGSMITH_TRACING": "false"}
        _process(["-c", _code(("paper", "init"))], environment)
        found = [
            _timed(("--help",), "import typer, rich", environment).row("`openoutcry --help`", "import typer, rich", 2),
            _timed(("paper", "status"), "import sqlalchemy", environment).row(
                "`openoutcry paper status`", "import sqlalchemy", 2
            ),
            _timed(DEMO_DECISION, RULES_LIBRARIES, environment).row(
                "a decision on the demo market, rules", RULES_LIBRARIES, 1.5
            ),
        ]
        if REAL.is_dir():
            with stub(0) as url:
                timed = _timed((*REAL_DECISION, "--base-url", url), MODEL_LIBRARIES, environment)
            name = "a decision on a folder of real data, a model call at 0 ms"
            found.append(timed.row(name, MODEL_LIBRARIES, 1.3, ", <= 200 MB"))
    return [*found, Row("demo market, ten years, drawn and first bars read", f"{_market():.2f} s", "< 1 s")]


def _timed(command: Sequence[str], libraries: str, environment: Mapping[str, str]) -> Timed:
    """Run command and import in turn, so that both meet the same machine; a run before writes caches and bytecode."""
    code = _code(command)
    for _ in range(2):
        _process(["-c", code], environment)
        time.sleep(2.5)  # a cache is used once it is older than the resolution of a file system's clock
    pairs = [(_process(["-c", code], environment), _process(["-c", libraries], environment)) for _ in range(RUNS)]
    return Timed(
        seconds=median(own[0] for own, _ in pairs),
        bare_seconds=median(bare[0] for _, bare in pairs),
        peak_mb=max(own[1] for own, _ in pairs),
        bare_peak_mb=max(bare[1] for _, bare in pairs),
    )


def _code(command: Sequence[str]) -> str:
    return f"import sys; sys.argv = {['openoutcry', *command]!r}; {MAIN}"


def _process(arguments: Sequence[str], environment: Mapping[str, str]) -> tuple[float, float]:
    """Return the seconds that a Python process took, and its peak memory in MB (0 where /proc is absent)."""
    flag, code = arguments
    start = time.perf_counter()
    ran = subprocess.run(
        [sys.executable, flag, REPORT_PEAK + code], env=environment, capture_output=True, text=True, check=False
    )
    seconds = time.perf_counter() - start
    if ran.returncode:
        raise RuntimeError(f"{code} ended with {ran.returncode}: {ran.stderr[-500:]}")
    found = re.search(r"VmHWM:\s+(\d+) kB", ran.stderr)
    return seconds, int(found[1]) / 1024 if found else 0.0


def _market() -> float:
    sessions = trading_calendar("XNYS")
    day = date(2026, 11, 18)
    start = time.perf_counter()
    market = demo_market(last=day)
    for symbol in market.symbols():
        market.bars(symbol, Interval.DAY, until=sessions.close(day), count=1)
        break
    return time.perf_counter() - start
