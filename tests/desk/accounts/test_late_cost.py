"""Late dividends without reading the journal: the same answers as a full scan, at a cost that does not grow."""

import random
import sys
from collections.abc import Callable
from contextlib import closing
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from types import FrameType

import pytest
from openoutcry.desk.accounts import late_corporate_actions as late
from openoutcry.desk.accounts.late_corporate_actions import late_dividends
from openoutcry.desk.accounts.market_replay import advance_session, ignore_notice
from openoutcry.domain.errors import ConfigError
from openoutcry.domain.ids import Symbol
from openoutcry.domain.market import Dividend, Split
from openoutcry.ledger.broker import Broker
from openoutcry.ledger.model.account_rules import AccountRules
from openoutcry.ledger.model.instrument import Instrument
from openoutcry.ledger.model.order_request import OrderRequest
from openoutcry.ledger.store.ledger import Ledger
from openoutcry.tests.desk.late_oracle import (
    XNYS,
    QuietMarket,
    held_into,
    movements,
    scanned,
    since,
)
from openoutcry.tests.ledger.harness import terms

SYMBOLS = ("AAA", "BBB", "CCC")
RULES = AccountRules(margin=True, participation_bps=None)
SESSIONS = XNYS.between(date(2024, 1, 2), date(2024, 3, 28))


def opened(symbols: tuple[str, ...] = SYMBOLS) -> Broker:
    broker = Broker.open("test", RULES, XNYS)
    broker.deposit("opening", 10**12)
    for symbol in symbols:
        broker.list_instrument(Instrument(symbol))
    return broker


def drawn_market(chance: random.Random) -> QuietMarket:
    """Return a market with dividends and a few splits, many of which become known after their ex-date."""

    def fact(cls: Callable[..., Dividend | Split], *more: object) -> Dividend | Split:
        ex_date = chance.choice(SESSIONS)
        known_at = XNYS.open(ex_date) + timedelta(days=chance.choice((-3, 0, 1, 2, 9, 40)))
        return cls(Symbol(chance.choice(SYMBOLS)), ex_date, *more, known_at)

    dividends = {(each.symbol, each.ex_date): each for each in (fact(Dividend, Decimal(1), None) for _ in range(25))}
    return QuietMarket(dividends.values(), [fact(Split, Decimal(2)) for _ in range(chance.choice((0, 0, 2)))])  # type: ignore[arg-type]


def trade(broker: Broker, chance: random.Random, number: int) -> None:
    """Submit some random market orders; the next session fills them."""
    for symbol in SYMBOLS:
        if chance.random() < 0.3:
            held = broker.book.quantity(symbol)
            side = chance.choice(("buy", "sell")) if held > 0 else chance.choice(("short", "cover")) if held else "buy"
            quantity = chance.choice((abs(held) or 7, 7))
            broker.submit(OrderRequest(terms(f"{symbol}{number}", side, quantity, symbol=symbol), ()), reference=10_000)


def answer(ask: Callable[[], tuple[Dividend, ...]]) -> object:
    try:
        return ask()
    except ConfigError:
        return "a split was missed"


def due(broker: Broker, market: QuietMarket, session: date) -> tuple[Dividend, ...]:
    return tuple(each.dividend for each in late_dividends(broker, market, XNYS, session, ignore_notice))  # type: ignore[arg-type]


@pytest.mark.parametrize("seed", range(25))
def test_the_answer_is_that_of_a_full_scan_also_after_a_replay(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    remembered = timedelta(days=10)
    monkeypatch.setattr(late, "LOOKBACK", remembered)
    chance = random.Random(seed)
    market, broker, found = drawn_market(chance), opened(), 0
    for number, session in enumerate(SESSIONS):
        expected = answer(lambda day=session: scanned(broker, market, XNYS, day, remembered))  # type: ignore[misc]
        for each in (broker, Broker.replayed(broker.journal.events, XNYS)):
            assert answer(lambda day=session, b=each: due(b, market, day)) == expected  # type: ignore[misc]
        if isinstance(expected, str):
            break
        found += len(expected)  # type: ignore[arg-type]
        advance_session(broker, market, XNYS, session)  # type: ignore[arg-type]
        trade(broker, chance, number)
    assert found or broker.book.session < SESSIONS[-1].isoformat()


@pytest.mark.parametrize("seed", range(10))
def test_holdings_are_those_of_a_full_scan_whatever_comes_out_of_order(seed: int) -> None:
    """The broker takes splits and delistings of days that are over, where nothing is held of the symbol."""
    chance, broker = random.Random(seed), opened()
    for number, session in enumerate(SESSIONS[:40]):
        advance_session(broker, QuietMarket(), XNYS, session)  # type: ignore[arg-type]
        trade(broker, chance, number)
        flat = [symbol for symbol in SYMBOLS if not broker.book.quantity(symbol) and not broker.book.live_orders()]
        if flat and chance.random() < 0.5:
            broker.split(chance.choice(flat), chance.choice(SESSIONS[: number + 2]), Fraction(3, 2))
    broker.delist("CCC", SESSIONS[10], 9_000)
    book = broker.book
    histories = movements(book, broker.journal.events)
    assert book.holdings.histories.keys() == histories.keys()
    for symbol, moved in histories.items():
        assert book.holdings.histories[symbol].since == since(book, moved)
        for day in (each.isoformat() for each in SESSIONS[:42]):
            assert book.holdings.held_into(symbol, day) == held_into(book, moved, day)
    again = Broker.replayed(broker.journal.events, XNYS).book
    assert (again.first_session, again.holdings) == (book.first_session, book.holdings)
    assert [order.snapshot() for order in again.live_orders()] == [order.snapshot() for order in book.live_orders()]
    assert book.live_orders() == [order for order in book.orders.values() if not order.ended]


def test_a_stored_account_that_is_reopened_books_the_late_dividend(tmp_path: Path) -> None:
    ex_date, known = SESSIONS[3], XNYS.open(SESSIONS[6])
    market = QuietMarket([Dividend(Symbol("AAA"), ex_date, Decimal(2), None, known)])
    url = f"sqlite:///{tmp_path / 'ledger.db'}"
    with closing(Ledger.open(url, XNYS)) as ledger:
        ledger.create("test", RULES)
        with ledger.transaction("test") as broker:
            broker.deposit("opening", 10**9)
            broker.list_instrument(Instrument("AAA"))
            broker.submit(OrderRequest(terms("in", "buy", 5)), reference=10_000)
        for number, session in enumerate(SESSIONS[:5]):
            with ledger.transaction("test") as broker:
                advance_session(broker, market, XNYS, session)  # type: ignore[arg-type]
                if number == 3:
                    broker.submit(OrderRequest(terms("out", "sell", 5)), reference=10_000)
    with closing(Ledger.open(url, XNYS)) as ledger:
        for session in SESSIONS[5:8]:
            with ledger.transaction("test") as broker:
                advance_session(broker, market, XNYS, session)  # type: ignore[arg-type]
        book = ledger.broker("test").book
    assert f"dividend:AAA:{ex_date}" in book.actions
    assert book.quantity("AAA") == 0


class Lines:
    """Counts the lines that run in the package: every event, order or movement that is looked at takes some."""

    def __init__(self) -> None:
        self.count = 0

    def __enter__(self) -> "Lines":
        self.before = sys.gettrace()
        sys.settrace(self.trace)
        return self

    def __exit__(self, *_: object) -> None:
        sys.settrace(self.before)

    def trace(self, frame: FrameType, event: str, _: object) -> object:
        name = frame.f_globals.get("__name__", "")
        if not name.startswith("openoutcry.") or ".tests." in name:
            return None
        self.count += event == "line"
        return self.trace


def test_a_session_costs_the_same_however_old_the_account_is() -> None:
    """Every session fills two orders, so an account of 2,000 sessions has twenty times the journal of one of 100."""
    days = XNYS.between(date(2016, 1, 4), date(2024, 3, 28))[:2_010]
    market, broker = QuietMarket([Dividend(Symbol("AAA"), days[50], Decimal(1), None, XNYS.open(days[60]))]), opened()
    cost: dict[str, list[int]] = {"young": [], "old": []}
    for number, session in enumerate(days):
        age = "young" if 100 <= number < 110 else "old" if number >= 2_000 else ""
        if age:
            with Lines() as lines:
                advance_session(broker, market, XNYS, session)  # type: ignore[arg-type]
            cost[age].append(lines.count)
        else:
            advance_session(broker, market, XNYS, session)  # type: ignore[arg-type]
        side = "sell" if broker.book.quantity("AAA") else "buy"
        broker.submit(OrderRequest(terms(f"a{number}", side, 5)), reference=10_000)
        broker.submit(OrderRequest(terms(f"b{number}", "buy", 1, symbol="BBB")), reference=10_000)
    assert f"dividend:AAA:{days[50]}" in broker.book.actions
    assert max(cost["old"]) <= 1.1 * max(cost["young"])
