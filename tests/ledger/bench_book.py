"""Measure the broker and the book; run it with `python -m tests.ledger.bench_book`.

Rates depend on the machine. What should hold anywhere are the ratios: of the rates for few and for many orders, and of
durable commits to bare sqlite3 writing the same rows in the same run.
"""

import gc
import random
import sqlite3
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from openoutcry.ledger.broker import Broker
from openoutcry.ledger.fills import Row
from openoutcry.ledger.fold import replay
from openoutcry.ledger.instrument import Instrument
from openoutcry.ledger.rules import AccountRules
from openoutcry.ledger.step import Step
from openoutcry.ledger.store.ledger import Ledger
from openoutcry.ledger.store.rows import batch
from openoutcry.ledger.ticket import Ticket
from openoutcry.tests.ledger.floor import Weekdays, terms

YEARS = 2_520
RULES = AccountRules(margin=True, participation_bps=None)


@dataclass(frozen=True)
class Measure:
    """One line of the table."""

    what: str
    figure: str


def walk_of(seed: int, length: int) -> list[Row]:
    """Return a random walk of bars around 100.00."""
    chance, price, rows = random.Random(seed), 10_000, []
    for _ in range(length):
        first, last = price + chance.randint(-90, 90), price + chance.randint(-120, 120)
        high, low = max(first, last) + chance.randint(0, 60), min(first, last) - chance.randint(0, 60)
        rows.append((first, high, max(1, low), last, 1_000_000))
        price = max(2_000, last)
    return rows


def trading(orders: int, symbols: int, bars: int) -> tuple[float, Broker]:
    """Return the seconds that `orders` spread over `bars` of `symbols` take, and the broker afterwards."""
    names = [f"S{number:03d}" for number in range(symbols)]
    walks = [walk_of(seed, bars + 1) for seed in range(symbols)]
    markets = [dict(zip(names, rows, strict=True)) for rows in zip(*walks, strict=True)]
    chance = random.Random(1)
    broker = Broker.open("bench", RULES, Weekdays())
    broker.deposit("start", 10**14)
    for name in names:
        broker.list_instrument(Instrument(name))
    day, sent = date(2010, 1, 1), 0
    gc.collect()
    started = time.perf_counter()
    for bar, market in enumerate(markets):
        broker.on_bar(Step(day, bar), market)
        day += timedelta(days=1)
        while sent < orders * (bar + 1) // len(markets):
            sent += 1
            symbol = chance.choice(names)
            broker.submit(Ticket(drawn(broker, chance, f"o{sent}", symbol, market[symbol][3])))
    return time.perf_counter() - started, broker


def drawn(broker: Broker, chance: random.Random, order_id: str, symbol: str, price: int):  # type: ignore[no-untyped-def]
    """Return a random order near `price`, now and then one that closes."""
    held, choice = broker.book.quantity(symbol), chance.random()
    if held > 500 and choice < 0.4:
        return terms(order_id, "sell", min(held, 90), symbol=symbol)
    if choice < 0.5:
        return terms(order_id, "buy", 10, symbol=symbol)
    limit = max(1, price - chance.randint(0, 300))
    return terms(order_id, "buy", 10, "limit", limit=limit, tif="gtc" if choice < 0.7 else "day", symbol=symbol)


def durable(folder: Path, per_commit: int, commits: int) -> tuple[float, float]:
    """Return orders a second through the ledger and through bare sqlite3 writing the same rows, both fully synced."""
    ledger = Ledger.open(f"sqlite:///{folder / f'ours-{per_commit}.db'}", Weekdays())
    ledger.create("bench", RULES)
    with ledger.writing("bench") as broker:
        broker.deposit("start", 10**14)
        broker.list_instrument(Instrument("AAA"))
    number = 0
    orders = [terms(f"o{each}", "buy", 1, "limit", limit=9_000, tif="gtc") for each in range(commits * per_commit)]
    gc.collect()
    started = time.perf_counter()
    for _ in range(commits):
        with ledger.writing("bench") as broker:
            for _ in range(per_commit):
                broker.submit(Ticket(orders[number]))
                number += 1
    ours = number / (time.perf_counter() - started)
    bare = number / _bare(folder, ledger, per_commit, commits)
    ledger.close()
    return ours, bare


def _bare(folder: Path, ledger: Ledger, per_commit: int, commits: int) -> float:
    """Write the rows of the ledger's last commits with nothing but sqlite3 and return the seconds."""
    broker = ledger.broker("bench")
    rows = ledger.journal_rows("bench")[-per_commit * commits :]
    events = broker.journal.events[-per_commit * commits :]
    batches = [
        batch(broker.book, rows[place : place + per_commit], events[place : place + per_commit], ())
        for place in range(0, len(rows), per_commit)
    ]
    target = folder / f"bare-{per_commit}.db"
    Ledger.open(f"sqlite:///{target}", Weekdays()).close()
    connection = sqlite3.connect(target, isolation_level=None)
    connection.execute("PRAGMA synchronous=FULL")
    started = time.perf_counter()
    for statements in batches:
        connection.execute("BEGIN IMMEDIATE")
        for statement, data in statements:
            connection.executemany(statement, data)
        connection.execute("COMMIT")
    seconds = time.perf_counter() - started
    connection.close()
    return seconds


def table() -> list[Measure]:
    """Return all measures; takes about a minute."""
    lines: list[Measure] = []
    trading(2_500, 1, 250)  # warm up

    def add(what: str, figure: str) -> None:
        lines.append(Measure(what, figure))

    seconds, _ = trading(250, 1, YEARS)
    add("1 instrument x 2,520 bars, 250 orders", f"{YEARS / seconds:,.0f} bars/s")
    seconds, _ = trading(5_000, 500, YEARS)
    add("500 instruments x 2,520 bars, 5,000 orders", f"{500 * YEARS / seconds:,.0f} bars/s")
    rates = []
    for orders in (2_500, 25_000, 250_000):
        seconds, broker = trading(orders, 1, 250)
        rates.append(orders / seconds)
        add(f"{orders:,} orders in memory", f"{rates[-1]:,.0f} orders/s")
    add("rate at 2,500 / rate at 250,000 orders", f"{rates[0] / rates[-1]:.2f}")
    events = broker.journal.events[:100_000]
    del broker
    lines += [_timed("replay of 100,000 events", lambda: replay(events))]
    with tempfile.TemporaryDirectory() as folder:
        for per_commit, commits in ((1, 1_000), (50, 200)):
            ours, bare = durable(Path(folder), per_commit, commits)
            add(f"durable orders, {per_commit} per commit", f"{ours:,.0f}/s, {ours / bare:.0%} of bare sqlite3")
    return lines


def _timed(what: str, act: Callable[[], object]) -> Measure:
    started = time.perf_counter()
    act()
    return Measure(what, f"{time.perf_counter() - started:.2f} s")


if __name__ == "__main__":
    for line in table():
        print(f"{line.what:<45} {line.figure}")
