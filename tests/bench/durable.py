"""The stored ledger against bare sqlite3, replayed on both databases, and its writers killed."""

import gc
import json
import sqlite3
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from openoutcry.ledger.model.instrument import Instrument
from openoutcry.ledger.model.order_request import OrderRequest
from openoutcry.ledger.store.database import Sync
from openoutcry.ledger.store.ledger import Ledger
from openoutcry.ledger.store.rows import HEAD, batch

from tests.bench.trading import RULES, Trading
from tests.ledger.crash_harness import Toll
from tests.ledger.harness import Weekdays, terms

ROOT = Path(__file__).parent.parent.parent


@dataclass(frozen=True)
class Rates:
    """Orders a second through the ledger and through bare sqlite3 writing the same rows, both fully synced."""

    ours: float
    bare: float

    @property
    def ratio(self) -> float:
        return self.ours / self.bare


def durable(folder: Path, per_commit: int, commits: int, rounds: int = 5) -> Rates:
    """Return the round with the median ratio; in each round both write to the same disk, one after the other."""
    found = []
    for number in range(rounds):
        place = folder / f"{per_commit}-{number}"
        place.mkdir()
        found.append(_round(place, per_commit, commits))
    return sorted(found, key=lambda rates: rates.ratio)[rounds // 2]


def _round(folder: Path, per_commit: int, commits: int) -> Rates:
    ledger = Ledger.open(f"sqlite:///{folder / 'ours.db'}", Weekdays())
    ledger.create("bench", RULES)
    with ledger.transaction("bench") as broker:
        broker.deposit("start", 10**14)
        broker.list_instrument(Instrument("AAA"))
    count = per_commit * commits
    tickets = [OrderRequest(terms(f"o{each}", "buy", 1, "limit", limit=9_000, tif="gtc")) for each in range(count)]
    batches = [tickets[place : place + per_commit] for place in range(0, count, per_commit)]
    gc.collect()
    started = time.perf_counter()
    for orders in batches:
        with ledger.transaction("bench") as broker:
            for ticket in orders:
                broker.submit(ticket)
    ours = count / (time.perf_counter() - started)
    bare = count / _bare(folder / "bare.db", ledger, per_commit, count)
    ledger.close()
    return Rates(ours, bare)


def _bare(target: Path, ledger: Ledger, per_commit: int, count: int) -> float:
    """Write the rows of the ledger's last commits, ready made, with nothing but sqlite3; return the seconds."""
    broker = ledger.broker("bench")
    rows, events = ledger.journal_rows("bench")[-count:], broker.journal.events[-count:]
    batches = []
    for place in range(0, count, per_commit):
        part = rows[place : place + per_commit]
        head = [(part[-1].seq, part[-1].hash, "bench", part[0].seq - 1)]
        batches.append([*batch(broker.book, part, events[place : place + per_commit], ()), (HEAD, head)])
    Ledger.open(f"sqlite:///{target}", Weekdays()).close()
    connection = sqlite3.connect(target, isolation_level=None)
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("INSERT INTO accounts (account, seq, hash) VALUES ('bench', ?, '')", (rows[0].seq - 1,))
    gc.collect()
    started = time.perf_counter()
    for statements in batches:
        connection.execute("BEGIN IMMEDIATE")
        for statement, data in statements:
            if len(data) == 1:
                connection.execute(statement, data[0])
            else:
                connection.executemany(statement, data)
        connection.execute("COMMIT")
    seconds = time.perf_counter() - started
    connection.close()
    return seconds


@dataclass(frozen=True)
class Replay:
    """A stored account read back: how many events, how long it took, and the hash of the state."""

    events: int
    seconds: float
    state: str


def replayed(url: str, events: int) -> Replay:
    """Trade on the database until its journal holds `events`, one commit a bar, and time reading it back."""
    ledger = Ledger.open(url, Weekdays(), sync=Sync.NORMAL)
    ledger.create("bench", RULES)
    trading = Trading(events, 1, 250)  # an order makes more than one event
    with ledger.transaction("bench") as broker:
        trading.prepare(broker)
    for bar in range(len(trading.markets)):
        with ledger.transaction("bench") as broker:
            trading.bar(broker, bar)
        if broker.journal.seq >= events:
            break
    lived = broker.book.state_hash()
    ledger.close()
    del broker
    gc.collect()
    started = time.perf_counter()
    ledger = Ledger.open(url, Weekdays())
    broker = ledger.broker("bench")
    seconds = time.perf_counter() - started
    ledger.close()
    if broker.book.state_hash() != lived:
        raise AssertionError(f"{url} replays to another state than it lived")
    return Replay(broker.journal.seq, seconds, lived)


def deaths(url: str, kills: int) -> Toll:
    """Kill writers in a process of its own: this one may have threads, and forks of those are not to be trusted."""
    command = [sys.executable, "-m", "tests.ledger.crash_harness", url, str(kills)]
    done = subprocess.run(command, capture_output=True, check=True, cwd=ROOT, text=True)
    return Toll(**json.loads(done.stdout))
