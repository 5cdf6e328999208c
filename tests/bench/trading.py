"""Orders on random walks, through our broker, through `ledger simulate` and through backtesting.py."""

import gc
import random
import time
from collections.abc import Iterator
from datetime import date, timedelta
from importlib.util import find_spec

from openoutcry.domain.orders import OrderType
from openoutcry.ledger.broker import Broker
from openoutcry.ledger.model.account_rules import AccountRules
from openoutcry.ledger.model.bar_time import BarTime
from openoutcry.ledger.model.instrument import Instrument
from openoutcry.ledger.model.order import OrderTerms
from openoutcry.ledger.model.order_request import OrderRequest
from openoutcry.ledger.pricing.integer_bar import IntegerBar
from openoutcry.ledger.simulator.simulate import simulate

from tests.ledger.harness import Weekdays, terms

RULES = AccountRules(margin=True, participation_bps=None)
FIRST_DAY = date(2010, 1, 1)


def walk_of(seed: int, length: int) -> list[IntegerBar]:
    """Return a random walk of bars around 100.00."""
    chance, price, rows = random.Random(seed), 10_000, []
    for _ in range(length):
        first, last = price + chance.randint(-90, 90), price + chance.randint(-120, 120)
        high, low = max(first, last) + chance.randint(0, 60), min(first, last) - chance.randint(0, 60)
        rows.append(IntegerBar(first, high, max(1, low), last, 1_000_000))
        price = max(2_000, last)
    return rows


class Trading:
    """A fixed plan: `orders` at random over `bars` of `symbols`, the same whenever it is made anew."""

    def __init__(self, orders: int, symbols: int, bars: int) -> None:
        self.orders, self.bars = orders, bars
        self.names = [f"S{number:03d}" for number in range(symbols)]
        walks = [walk_of(seed, bars + 1) for seed in range(symbols)]
        self.markets = [dict(zip(self.names, rows, strict=True)) for rows in zip(*walks, strict=True)]
        self.chance = random.Random(1)
        self.sent = 0

    def prepare(self, broker: Broker) -> None:
        broker.deposit("start", 10**14)
        for name in self.names:
            broker.list_instrument(Instrument(name))

    def bar(self, broker: Broker, bar: int) -> None:
        """Walk one bar and submit what comes after it."""
        market, names, chance = self.markets[bar], self.names, self.chance
        broker.on_bar(BarTime(FIRST_DAY + timedelta(days=bar), bar), market)
        for _ in range(self.orders * (bar + 1) // len(self.markets) - self.sent):
            self.sent += 1
            symbol = chance.choice(names)
            broker.submit(OrderRequest(drawn(broker, chance, f"o{self.sent}", symbol, market[symbol].close)))

    def seconds(self) -> float:
        """Return how long the whole plan takes in memory."""
        broker = Broker.open("bench", RULES, Weekdays())
        self.prepare(broker)
        gc.collect()
        started = time.perf_counter()
        for bar in range(len(self.markets)):
            self.bar(broker, bar)
        return time.perf_counter() - started


def drawn(broker: Broker, chance: random.Random, order_id: str, symbol: str, price: int) -> OrderTerms:
    """Return a random order near `price`, now and then one that closes."""
    held, choice = broker.book.quantity(symbol), chance.random()
    if held > 500 and choice < 0.4:
        return terms(order_id, "sell", min(held, 90), symbol=symbol)
    if choice < 0.5:
        return terms(order_id, "buy", 10, symbol=symbol)
    limit = max(1, price - chance.randint(0, 300))
    return terms(order_id, "buy", 10, "limit", limit=limit, tif="gtc" if choice < 0.7 else "day", symbol=symbol)


def simulated(orders: int, bars: int) -> float:
    """Return the seconds that `ledger simulate` takes from the parsed document to the result document."""
    chance, rows = random.Random(2), walk_of(0, bars)
    document = {
        "schema": "order-stream/1",
        "dates": [(FIRST_DAY + timedelta(days=bar)).isoformat() for bar in range(bars)],
        "symbols": ["AAA"],
        "bars": {"AAA": [list(row) for row in rows]},
        "orders": list(_stream(orders, rows, chance)),
        "initial_cash": 10**12,
        "fee_per_share": 0,
        "fee_per_fill": 100,
    }
    gc.collect()
    started = time.perf_counter()
    simulate(document).document()
    return time.perf_counter() - started


def _stream(orders: int, rows: list[IntegerBar], chance: random.Random) -> Iterator[dict[str, object]]:
    for number in range(orders):
        bar = number * (len(rows) - 1) // orders
        side, kind = chance.choice((("BUY", 1), ("SELL", -1))), chance.choice(list(OrderType)[:4])
        close = rows[bar].close
        near, far = close - side[1] * chance.randint(0, 300), close + side[1] * chance.randint(1, 300)
        yield {
            "client_order_id": f"o{number}",
            "symbol": "AAA",
            "submit_after_bar": bar,
            "side": side[0],
            "qty": 10,
            "type": kind.value,
            "limit": (far if kind is OrderType.STOP_LIMIT else near) if "limit" in kind.value else None,
            "stop": far if kind.value.startswith("stop") else None,
            "tif": "GTC" if number % 3 == 0 else "DAY",
        }


def backtesting_seconds(orders: int, bars: int) -> float | None:
    """Return the seconds of backtesting.py over the bars of one symbol with as many orders; None where it is missing.

    Its limits all rest until they are filled, and its `run` works out its statistics as well.
    """
    if find_spec("backtesting") is None:
        return None
    import pandas as pd
    from backtesting import Backtest, Strategy

    columns = ["Open", "High", "Low", "Close", "Volume"]
    frame = pd.DataFrame(
        [[*(price / 100 for price in row[:4]), row.volume] for row in walk_of(0, bars)], columns=columns
    )
    frame.index = pd.date_range("2010-01-01", periods=bars)
    every = bars // orders

    class Plan(Strategy):
        def init(self) -> None:
            self.chance = random.Random(1)

        def next(self) -> None:
            if len(self.data) % every:
                return
            choice = self.chance.random()
            if self.position.size > 500 and choice < 0.4:
                self.sell(size=90)
            elif choice < 0.5:
                self.buy(size=10)
            else:
                self.buy(size=10, limit=self.data.Close[-1] - self.chance.randint(0, 300) / 100)

    test = Backtest(frame, Plan, cash=10**9, finalize_trades=True)
    gc.collect()
    started = time.perf_counter()
    test.run()
    return time.perf_counter() - started
