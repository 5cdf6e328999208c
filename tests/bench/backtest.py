"""Decisions per second of a backtest by rules, all roles in the graph, and the cost of a session at any age."""

import asyncio
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date, timedelta

from openoutcry.app.backtest_desk import open_rule_desk
from openoutcry.app.backtest_workers import worker_desk
from openoutcry.app.factories import open_market
from openoutcry.app.settings import Settings, load_settings
from openoutcry.desk.accounts.in_memory_account import InMemoryAccount
from openoutcry.desk.backtest import Every, run_backtest
from openoutcry.desk.session import run_session
from openoutcry.desk.strategies.desk_strategy import DeskStrategy
from openoutcry.desk.strategies.strategy import Strategy
from openoutcry.domain.ids import Symbol
from openoutcry.domain.trading_calendar import trading_calendar
from openoutcry.ledger.broker import Broker
from openoutcry.ledger.model.account_rules import AccountRules
from openoutcry.ledger.model.bar_time import BarTime
from openoutcry.ledger.model.instrument import Instrument
from openoutcry.ledger.model.order_request import OrderRequest
from openoutcry.ledger.pricing.integer_bar import IntegerBar
from openoutcry.market.source import MarketSource

from tests.bench.table import Row
from tests.ledger.harness import terms

RULES = AccountRules(margin=True)
CASH = 10_000_000
FIRST, LAST = date(2025, 3, 3), date(2025, 4, 30)
SYMBOLS, ROUNDS, DAYS = 10, 3, 20
AGES = (10, 1_000, 10_000)
MANY = 100


class Aliases:
    """A market in which every symbol of another one has further names: CALDR~1 has the facts of CALDR."""

    def __init__(self, source: MarketSource) -> None:
        self._source = source

    def __getattr__(self, name: str) -> object:
        found = getattr(self._source, name)
        if not callable(found) or name in ("symbols", "macro", "macro_series"):
            return found
        return lambda symbol, *given, **named: found(Symbol(symbol.split("~")[0]), *given, **named)


def timed(strategy: Strategy, source: MarketSource, symbols: Sequence[Symbol], last: date = LAST) -> tuple[float, str]:
    """Return the decisions per second of a backtest, and the hash of the account at its end."""
    account = InMemoryAccount.open("bench", RULES, CASH, source)
    start = time.perf_counter()
    result = asyncio.run(run_backtest(account, strategy, symbols, FIRST, last, every=Every.DAY))
    return len(result.decisions) / (time.perf_counter() - start), account.book.state_hash()


def best(run: Callable[[], tuple[float, str]], known: set[str]) -> float:
    """Return the decisions per second of one more round, and add the state hash to `known`."""
    rate, found = run()
    known.add(found)
    return rate


def rates(settings: Settings, source: MarketSource) -> tuple[float, float, float]:
    """Return decisions per second: everything derived anew under LangGraph, one process, two processes; interleaved."""
    symbols = sorted(source.symbols())[:SYMBOLS]
    desk, known = open_rule_desk(settings, source), set[str]()
    plain = replace(desk, memo=None, plan=None)
    found: list[list[float]] = [[], [], []]
    with worker_desk(desk.file, settings, symbols, 2) as spread:
        timed(spread, source, symbols, FIRST)  # starts the processes
        for _ in range(ROUNDS):
            fresh = open_rule_desk(settings, source)
            for rate, strategy in zip(found, (DeskStrategy(plain), DeskStrategy(fresh), spread), strict=True):
                rate.append(best(lambda strategy=strategy: timed(strategy, source, symbols), known))
    assert len(known) == 1, "the accounts differ"
    return max(found[0]), max(found[1]), max(found[2])


def aged(sessions: int, symbols: Sequence[Symbol]) -> Broker:
    """Return a broker that has traded on each of `sessions` weekdays before FIRST, and holds nothing."""
    calendar = trading_calendar("XNYS")
    broker, day = Broker.open("bench", RULES, calendar), calendar.previous(FIRST) - timedelta(days=sessions - 1)
    broker.deposit("opening", CASH)
    for symbol in symbols:
        broker.list_instrument(Instrument(symbol))
    flat = IntegerBar(10_000, 10_000, 10_000, 10_000, 1_000_000)
    for number in range(sessions):
        symbol = symbols[number // 2 % len(symbols)]
        broker.record_decision(f"old-{number}", symbol, "orders")
        side = "sell" if number % 2 else "buy"
        broker.submit(OrderRequest(terms(f"old-{number}", side, 10, symbol=symbol)), reference=10_000)
        broker.on_bar(BarTime(day, number), {symbol: flat})
        day += timedelta(days=1)
    return broker


def session_ms(settings: Settings, source: MarketSource, sessions: int) -> tuple[float, int]:
    """Return the CPU milliseconds of a session of an account with so many past ones, and its journal's length."""
    symbols = sorted(source.symbols())[:SYMBOLS]
    account = InMemoryAccount(aged(sessions, symbols), source)
    strategy, days = DeskStrategy(open_rule_desk(settings, source)), account.calendar.between(FIRST, LAST)
    events = len(account.broker.journal.events)

    async def run(chosen: Sequence[date]) -> None:
        for day in chosen:
            await run_session(account, strategy, symbols, day)

    asyncio.run(run(days[:2]))
    start = time.process_time()
    asyncio.run(run(days[2 : 2 + DAYS]))
    return (time.process_time() - start) / DAYS * 1000, events


def many(settings: Settings, source: MarketSource) -> float:
    """Return the decisions per second of MANY symbols in one account and process."""
    known = sorted(source.symbols())
    symbols = [Symbol(f"{known[place % len(known)]}~{place}") for place in range(MANY)]
    market: MarketSource = Aliases(source)  # type: ignore[assignment]
    desk = DeskStrategy(open_rule_desk(settings, market))
    return timed(desk, market, symbols, date(2025, 3, 14))[0]


def rows() -> list[Row]:
    """Measure and return the rows of this section."""
    with tempfile.TemporaryDirectory() as home:
        settings = load_settings({"home": home, "model": "rules"})
        source = open_market(settings)
        direct, one, two = rates(settings, source)
        costs = [session_ms(settings, source, age) for age in AGES]
        hundred = many(settings, source)
    shown = ", ".join(f"{ms:.0f} ms" for ms, _ in costs)
    events = ", ".join(f"{count:,}" for _, count in costs)
    return [
        Row(f"decisions per second, demo market, {SYMBOLS} symbols, one process", f"{one:.0f}", "150, then 300"),
        Row("the same in two processes", f"{two:.0f}", ">= 2 x the direct way"),
        Row("the same, everything derived anew under LangGraph, in the same run", f"{direct:.0f}", "", "71"),
        Row("one process and two over the direct way", f"{one / direct:.1f}, {two / direct:.1f}", ">= 2"),
        Row(
            f"CPU of a session of {SYMBOLS} symbols after {', '.join(f'{age:,}' for age in AGES)} sessions",
            shown,
            "flat",
        ),
        Row("journal events at these ages", events),
        Row(f"decisions per second, {MANY} symbols in one account, one process", f"{hundred:.0f}"),
    ]
