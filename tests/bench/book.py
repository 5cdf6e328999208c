"""How fast the broker and the book are, and how much they survive."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

from tests.bench.durable import (
    Replay,
    deaths,
    durable,
    replayed,
)
from tests.bench.table import Row
from tests.bench.trading import Trading, backtesting_seconds, simulated
from tests.ledger.postgres_server import NoServer, fresh_database, postgres_server

YEARS, SOME = 2_520, 250
EVENTS = 100_000
KILLS = int(os.environ.get("OPENOUTCRY_BENCH_KILLS", "1000"))
MEMORY = Path("/dev/shm")


def rows() -> list[Row]:
    """Measure and return the rows of this section; the kills take most of the time."""
    Trading(2_500, 1, SOME).seconds()  # warm up
    with tempfile.TemporaryDirectory() as folder:
        return [*_in_memory(), *_durable(Path(folder)), *_databases(Path(folder))]


def _in_memory() -> Iterator[Row]:
    one = min(Trading(SOME, 1, YEARS).seconds() for _ in range(3))
    theirs = [seconds for _ in range(3) if (seconds := backtesting_seconds(SOME, YEARS)) is not None]
    elsewhere = f"backtesting.py: {YEARS / min(theirs):,.0f}" if theirs else "backtesting.py is not installed"
    yield Row(f"1 instrument, {YEARS:,} bars, {SOME} orders: bars/s", f"{YEARS / one:,.0f}", ">= 75,000", elsewhere)
    many = Trading(5_000, 500, YEARS).seconds()
    yield Row(
        f"500 instruments, {YEARS:,} bars each, 5,000 orders: bars/s", f"{500 * YEARS / many:,.0f}", ">= 100,000",
        "backtesting.py has one instrument a run",
    )  # fmt: skip
    rates = {count: count / Trading(count, 1, SOME).seconds() for count in (2_500, 25_000, 250_000)}
    said = ", ".join(f"{rate:,.0f}" for rate in rates.values())
    yield Row("2,500, 25,000 and 250,000 orders over 250 bars: orders/s", said, ">= 20,000")
    yield Row("rate of the first over rate of the last", f"{rates[2_500] / rates[250_000]:.2f}", "< 1.5")
    count = 25_000
    seconds = simulated(count, YEARS)
    yield Row(f"`ledger simulate`, {count:,} orders over {YEARS:,} bars: orders/s", f"{count / seconds:,.0f}")


def _durable(folder: Path) -> Iterator[Row]:
    for per_commit, commits, target in ((1, 1_000, ">= 60 %"), (50, 200, ">= 50 %")):
        rates = durable(folder, per_commit, commits)
        yield Row(
            f"durable orders, {per_commit} a commit, over bare sqlite3 writing the same rows: median of 5",
            f"{rates.ratio:.0%} ({rates.ours:,.0f}/s of {rates.bare:,.0f}/s)", target,
        )  # fmt: skip
    if MEMORY.is_dir():
        with tempfile.TemporaryDirectory(dir=MEMORY) as memory:
            rates = durable(Path(memory), 50, 200)
        figure = f"{rates.ratio:.0%} ({rates.ours:,.0f}/s of {rates.bare:,.0f}/s)"
        yield Row("the same, 50 a commit, on a disk that costs nothing (memory)", figure)


def _databases(folder: Path) -> Iterator[Row]:
    with ExitStack() as running:
        urls = {"SQLite": lambda name: f"sqlite:///{folder / name}.db"}
        missing = ""
        try:
            server = running.enter_context(postgres_server())
        except NoServer as reason:
            missing = str(reason)
        else:
            urls["PostgreSQL"] = lambda name: fresh_database(server, name)
        yield _replays({kind: replayed(url("replay"), EVENTS) for kind, url in urls.items()}, missing)
        for kind, url in urls.items():
            yield _deaths(kind, url("deaths"))
        if missing:
            yield Row("writers killed on PostgreSQL", f"not measured: {missing}")


def _replays(replays: dict[str, Replay], missing: str) -> Row:
    figure = ", ".join(f"{kind} {replay.seconds:.1f} s" for kind, replay in replays.items())
    same = len({(replay.events, replay.state) for replay in replays.values()}) == 1
    verdict = f"PostgreSQL not measured: {missing}" if missing else f"state hash {'identical' if same else 'DIFFERS'}"
    events = min(replay.events for replay in replays.values())
    return Row(f"replay of {events:,} stored events, hash chain checked", f"{figure}; {verdict}", "< 10 s, identical")


def _deaths(kind: str, url: str) -> Row:
    toll = deaths(url, KILLS)
    return Row(
        f"{toll.kills:,} writers killed at random moments on {kind}",
        f"{toll.lost} lost and {toll.breaches} breaches among {toll.acknowledged:,} acknowledged orders and "
        f"{toll.retried:,} retries ({toll.stored} of them already stored), {toll.accounts} accounts verified",
        "0 lost, 0 breaches",
    )
