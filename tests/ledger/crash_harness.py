"""Kill writers at work and count the effects; `python -m tests.ledger.crash_harness URL KILLS` prints them as JSON."""

import json
import os
import random
import signal
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import date

from openoutcry.ledger.broker import Broker
from openoutcry.ledger.model.account_rules import AccountRules
from openoutcry.ledger.model.bar_time import BarTime
from openoutcry.ledger.model.instrument import Instrument
from openoutcry.ledger.model.order_request import OrderRequest
from openoutcry.ledger.pricing.integer_bar import IntegerBar
from openoutcry.ledger.store.database import Sync
from openoutcry.ledger.store.ledger import Ledger
from openoutcry.ledger.store.verify import verify
from openoutcry.tests.ledger.harness import Weekdays, terms

BAR = IntegerBar(10_000, 10_100, 9_900, 10_000, 1_000_000)
DAY = date(2024, 1, 2)
KILLS_AN_ACCOUNT = 20


@dataclass(frozen=True)
class Toll:
    """What killing writers did.

    Attributes:
        acknowledged: orders whose writer was told of the commit; every kill came after at least one of them.
        retried: orders that were under way when their writer died, and were sent again.
        stored: how many of those had been committed before the death, unbeknown to the writer.
        lost: acknowledged orders that are not in the book.
        breaches: what verifying all accounts found, orders answered twice among it.
    """

    kills: int
    acknowledged: int
    retried: int
    stored: int
    lost: int
    accounts: int
    breaches: int


def opened(url: str, *, sync: Sync = Sync.FULL) -> Ledger:
    return Ledger.open(url, Weekdays(), sync=sync)


def begin(ledger: Ledger, account: str) -> None:
    ledger.create(account, AccountRules(margin=True, participation_bps=None))
    with ledger.transaction(account) as broker:
        broker.list_instrument(Instrument("AAA"))
        broker.deposit("start", 100_000_000)
        broker.on_bar(BarTime(DAY, 1), {"AAA": BAR})


def order(number: int | str) -> OrderRequest:
    return OrderRequest(terms(f"o{number}", "buy", 1, "limit", limit=9_950, tif="gtc"))


def next_bar(broker: Broker) -> None:
    book = broker.book
    broker.on_bar(BarTime(Weekdays().next(date.fromisoformat(book.session)), book.start + 1), {"AAA": BAR})


def in_child(work: Callable[[], object]) -> int:
    """Run `work` in a forked process and return its id."""
    child = os.fork()
    if child:
        return child
    try:
        work()
    except BaseException as error:  # noqa: BLE001 -- the parent reads the exit code
        os.write(2, repr(error).encode())
        os._exit(1)
    os._exit(0)


def killed_at_work(url: str, account: str, round_: int, pause: float) -> tuple[set[str], set[str]]:
    """Let a child submit orders, kill it after at least one was acknowledged; return those acknowledged and not."""
    reader, writer = os.pipe()

    def work() -> None:
        mine = opened(url, sync=Sync.NORMAL)
        for number in range(10_000):
            os.write(writer, f"?{round_}-{number}\n".encode())
            with mine.transaction(account) as broker:
                broker.submit(order(f"{round_}-{number}"))
                if number % 5 == 4:
                    next_bar(broker)
            os.write(writer, f"!{round_}-{number}\n".encode())

    child = in_child(work)
    os.close(writer)
    said = b""
    while b"!" not in said:
        more = os.read(reader, 65_536)
        assert more, "the writer died by itself"
        said += more
    time.sleep(pause)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    while more := os.read(reader, 65_536):
        said += more
    os.close(reader)
    lines = said.decode().splitlines()
    acknowledged = {line[1:] for line in lines if line.startswith("!")}
    return acknowledged, {line[1:] for line in lines if line.startswith("?")} - acknowledged


def kill_many(url: str, kills: int) -> Toll:
    """Kill `kills` writers at random moments, after each look for what it acknowledged and retry what it did not."""
    chance = random.Random(7)
    acknowledged = retried = stored = lost = 0
    for round_ in range(kills):
        account = f"main{round_ // KILLS_AN_ACCOUNT}"
        if round_ % KILLS_AN_ACCOUNT == 0:
            ledger = opened(url, sync=Sync.NORMAL)
            begin(ledger, account)
            ledger.close()
        known, unknown = killed_at_work(url, account, round_, chance.random() * 0.01)
        ledger = opened(url, sync=Sync.NORMAL)
        with ledger.transaction(account) as broker:
            lost += sum(f"o{name}" not in broker.book.orders for name in known)
            stored += sum(f"o{name}" in broker.book.orders for name in unknown)
            retried += sum(broker.submit(order(name)).accepted for name in unknown)
        ledger.close()
        acknowledged += len(known)
    ledger = opened(url)
    accounts = ledger.accounts()
    breaches = sum(len(check.breaches) for account in accounts for check in verify(ledger, account))
    ledger.close()
    return Toll(kills, acknowledged, retried, stored, lost, len(accounts), breaches)


if __name__ == "__main__":
    print(json.dumps(asdict(kill_many(sys.argv[1], int(sys.argv[2])))))
