"""A market that does everything to an account in any order; after every step all invariants hold."""

import contextlib
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from fractions import Fraction

import hypothesis.strategies as st
from hypothesis import HealthCheck, settings
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from openoutcry.domain.errors import DuplicateOrder, OrderRejected
from openoutcry.ledger.book.codec import write_event
from openoutcry.ledger.book.margin import buying_power
from openoutcry.ledger.book.wire_names import event_name
from openoutcry.ledger.broker import Broker, Receipt
from openoutcry.ledger.model.account_rules import AccountRules, DayTrading, SplitPolicy
from openoutcry.ledger.model.events import DividendBooked, Event
from openoutcry.ledger.model.lots import LotMethod
from openoutcry.ledger.model.order import OrderStatus, OrderTerms
from openoutcry.ledger.model.order_events import OrderFilled
from openoutcry.ledger.model.order_request import OrderRequest
from openoutcry.ledger.pricing.commission import Commission, CommissionKind
from openoutcry.ledger.pricing.integer_bar import IntegerBar
from openoutcry.ledger.pricing.slippage import Slippage, SlippageKind
from openoutcry.ledger.reports.audit import check_book
from openoutcry.tests.ledger.harness import Floor, Weekdays, terms

SYMBOLS = ("AAA", "BBB")
prices = st.integers(60, 140)
symbols = st.sampled_from(SYMBOLS)
rules_drawn = st.builds(
    AccountRules,
    margin=st.booleans(),
    participation_bps=st.sampled_from((None, 1_000)),
    slippage=st.sampled_from((Slippage(), Slippage(SlippageKind.FIXED, 50), Slippage(SlippageKind.IMPACT, 10, 300))),
    commission=st.sampled_from((Commission(), Commission(CommissionKind.PER_SHARE, 500_000, 100, 100))),
    lots=st.sampled_from(LotMethod),
    split_orders=st.sampled_from(SplitPolicy),
    cash_bps=st.just(200),
    margin_bps=st.just(600),
    settle=st.booleans(),
    day_trading=st.sampled_from(DayTrading),
)


@st.composite
def rows(draw: st.DrawFn) -> IntegerBar | None:
    """Draw a bar in a narrow range, now and then a halt."""
    a, b, c, d = sorted(draw(st.lists(prices, min_size=4, max_size=4)))
    inner = draw(st.permutations((b, c)))
    volume = draw(st.sampled_from((0, 300, 1_000, 100_000)))
    return draw(st.sampled_from((None, *[IntegerBar(inner[0], d, a, inner[1], volume)] * 9)))


class Market(RuleBasedStateMachine):
    """Everything that can happen to an account; `seen` counts what did, over all runs."""

    def __init__(self, seen: Counter[str]) -> None:
        super().__init__()
        self.seen = seen
        self.sent: dict[str, tuple[OrderRequest, Receipt]] = {}
        self.last: dict[str, IntegerBar] = {}
        self.went_in: dict[tuple[str, date], int] = {}
        self.number = 0

    @initialize(rules=rules_drawn)
    def start(self, rules: AccountRules) -> None:
        self.floor = Floor(rules, cash=40_000, symbols=SYMBOLS)

    @property
    def broker(self) -> Broker:
        return self.floor.broker

    def send(self, made: OrderTerms, *exits: OrderTerms) -> None:
        ticket = OrderRequest(made, exits)
        self.sent[made.order_id] = (ticket, self.broker.submit(ticket, reference=100))

    @rule(
        closes=st.booleans(),
        short=st.booleans(),
        kind=st.sampled_from(("market", "limit", "stop", "stop_limit", "trailing_stop")),
        quantity=st.integers(1, 700),
        levels=st.tuples(prices, st.integers(1, 30)),
        tif=st.sampled_from(("day", "gtc", "gtc", "opg", "cls", "ioc", "fok")),
        symbol=symbols,
    )
    def submit(
        self, closes: bool, short: bool, kind: str, quantity: int, levels: tuple[int, int], tif: str, symbol: str
    ) -> None:
        self.number += 1
        held = self.broker.book.quantity(symbol)
        if closes and held:
            side, quantity = "sell" if held > 0 else "cover", min(quantity, abs(held))
        else:
            side = "short" if held < 0 or (short and not held and self.broker.book.rules.margin) else "buy"
        stop = 100 + levels[1] * (1 if side in ("buy", "cover") else -1)
        if kind not in ("market", "limit") and tif not in ("day", "gtc"):
            tif = "gtc"
        self.send(
            terms(
                f"o{self.number}", side, quantity, kind, symbol=symbol, tif=tif,
                limit=levels[0] if "limit" in kind else None,
                stop=stop if kind.startswith("stop") else None,
                trail=5 if kind == "trailing_stop" else None,
            )
        )  # fmt: skip

    @rule(wait=st.integers(0, 3), quantity=st.integers(1, 300), limit=st.none() | prices, symbol=symbols)
    def submit_later(self, wait: int, quantity: int, limit: int | None, symbol: str) -> None:
        """Send an entry that is good after the start of a later bar; two of them are slices of one order."""
        self.number += 1
        side = "short" if self.broker.book.quantity(symbol) < 0 else "buy"
        kind = "market" if limit is None else "limit"
        made = terms(f"w{self.number}", side, quantity, kind, limit=limit, symbol=symbol)
        moment = self.floor.clock + 3600 * (wait + 1) - 60
        self.send(replace(made, good_after=moment, slice_of=f"whole{self.number // 2}"))

    @rule(
        quantity=st.integers(1, 300),
        limits=st.tuples(st.none() | prices, st.none() | prices),
        tifs=st.tuples(st.sampled_from(("day", "gtc")), st.sampled_from(("day", "gtc"))),
        symbol=symbols,
    )
    def turn(self, quantity: int, limits: tuple[int | None, int | None], tifs: tuple[str, str], symbol: str) -> None:
        """Send the exit of a whole position, and an entry of the other side with a stop that awaits it."""
        held = self.broker.book.quantity(symbol)
        if not held:
            return
        self.number += 1
        names, sides = (f"x{self.number}", f"e{self.number}"), ("sell", "short") if held > 0 else ("cover", "buy")
        kinds = ["market" if limit is None else "limit" for limit in limits]
        close, entry = (
            terms(name, side, size, kind, symbol=symbol, tif=tif, limit=limit)
            for name, side, size, kind, tif, limit in zip(
                names, sides, (abs(held), quantity), kinds, tifs, limits, strict=True
            )
        )
        back, stop = ("cover", 150) if held > 0 else ("sell", 50)
        leg = terms(f"{names[1]}.sl", back, quantity, "stop", stop=stop, symbol=symbol, tif="gtc", parent=names[1])
        self.send(close)
        self.send(replace(entry, awaits=names[0]), leg)

    @rule(
        long=st.booleans(),
        quantity=st.integers(1, 300),
        at_market=st.booleans(),
        tif=st.sampled_from(("day", "gtc")),
        trail=st.none() | st.just(8),
    )
    def submit_bracket(self, long: bool, quantity: int, at_market: bool, tif: str, trail: int | None) -> None:
        self.number += 1
        name = f"b{self.number}"
        into, out = ("buy", "sell") if long else ("short", "cover")
        mirror = 1 if long else -1
        kind, limit = ("market", None) if at_market else ("limit", 100 - 3 * mirror)
        self.send(
            terms(name, into, quantity, kind, limit=limit, tif=tif),
            terms(
                f"{name}.tp", out, quantity, "limit", limit=100 + 8 * mirror, tif="gtc", parent=name, group=f"{name}.tp"
            ),
            terms(
                f"{name}.sl",
                out,
                quantity,
                "trailing_stop" if trail else "stop",
                stop=100 - 8 * mirror,
                trail=trail,
                tif="gtc",
                parent=name,
                group=f"{name}.tp",
            ),
        )

    @rule(quantity=st.integers(1, 300))
    def submit_oco(self, quantity: int) -> None:
        self.number += 1
        name, held = f"c{self.number}", self.broker.book.quantity("AAA")
        if held > 0:
            quantity = min(quantity, held)
            self.send(
                terms(name, "sell", quantity, "limit", limit=110, tif="gtc", group=name),
                terms(f"{name}.sl", "sell", quantity, "stop", stop=90, tif="gtc", group=name),
            )
        elif not held:
            self.send(
                terms(name, "buy", quantity, "limit", limit=90, tif="gtc", group=name),
                terms(f"{name}.sl", "buy", quantity, "stop", stop=110, tif="gtc", group=name),
            )
            pair = [self.broker.book.order(each) for each in (name, f"{name}.sl") if each in self.broker.book.orders]
            self.seen["Opening pair"] += len(pair) == 2

    @precondition(lambda self: self.sent)
    @rule(data=st.data())
    def retry(self, data: st.DataObject) -> None:
        ticket, receipt = self.sent[data.draw(st.sampled_from(sorted(self.sent)))]
        before = self.broker.journal.seq
        assert self.broker.submit(ticket, reference=77) == receipt
        other = replace(ticket, terms=replace(ticket.terms, quantity=ticket.terms.quantity + 1))
        try:
            self.broker.submit(other)
        except DuplicateOrder:
            assert self.broker.journal.seq == before
        else:
            raise AssertionError("another body under the same id was taken")

    @precondition(lambda self: self.sent)
    @rule(data=st.data())
    def cancel(self, data: st.DataObject) -> None:
        order_id = data.draw(st.sampled_from(sorted(self.broker.book.orders)))
        try:
            self.broker.cancel(order_id)
        except OrderRejected:
            assert self.broker.book.order(order_id).ended
        else:
            assert self.floor.status(order_id) == OrderStatus.CANCELED

    @precondition(lambda self: self.sent)
    @rule(data=st.data(), quantity=st.none() | st.integers(1, 500), level=prices)
    def replace_order(self, data: st.DataObject, quantity: int | None, level: int) -> None:
        order = self.broker.book.order(data.draw(st.sampled_from(sorted(self.broker.book.orders))))
        limit, stop = (level if price is not None else None for price in (order.levels.limit, order.levels.stop))
        before = self.broker.journal.seq
        try:
            self.broker.replace(order.terms.order_id, quantity=quantity, limit=limit, stop=stop)
        except OrderRejected:
            assert self.broker.journal.seq == before

    @rule(symbol=symbols, again=st.booleans())
    def decide(self, symbol: str, again: bool) -> None:
        """Let a decision take the place of resting entries, and let it be put twice."""
        self.number += 1
        for _ in range(1 + again):
            self.broker.record_decision(f"run{self.number}", symbol, "hold")
        live = [order.terms for order in self.broker.book.live_orders() if order.terms.symbol == symbol]
        assert self.broker.book.halted is not None or all(terms.closing for terms in live)

    @rule(days=st.lists(st.tuples(rows(), rows()), min_size=1, max_size=4))
    def days_go_by(self, days: list[tuple[IntegerBar | None, IntegerBar | None]]) -> None:
        for a, b in days:
            self.bar(a, b)

    @rule(a=rows(), b=rows())
    def bar(self, a: IntegerBar | None, b: IntegerBar | None) -> None:
        given = {symbol: row for symbol, row in zip(SYMBOLS, (a, b), strict=True) if row}
        self.last.update(given)
        self.note_what_goes_in()
        self.look(self.floor.bar(**given), given)

    @rule(a=rows(), b=rows())
    def intraday(self, a: IntegerBar | None, b: IntegerBar | None) -> None:
        for first, row in ((True, a), (False, b)):
            given = {"AAA": row} if row else {}
            if first:
                self.note_what_goes_in()
            self.look(self.floor.bar(first=first, last=not first, **given), given)

    def note_what_goes_in(self) -> None:
        for symbol in SYMBOLS:
            self.went_in[symbol, Weekdays().next(self.floor.day)] = self.broker.book.quantity(symbol)

    def look(self, events: tuple[Event, ...], given: dict[str, IntegerBar]) -> None:
        """Check I8: every fill lies in its bar, never beyond its limit."""
        for event in events:
            if isinstance(event, OrderFilled):
                order = self.broker.book.order(event.order_id)
                bar = given[order.terms.symbol]
                assert bar.volume > 0
                assert bar.low <= event.price <= bar.high
                assert bar.low <= event.reference <= bar.high
                self.seen["Filled by force"] += order.terms.forced
                if order.levels.limit is not None:
                    assert order.terms.sign * (order.levels.limit - event.price) >= 0

    @precondition(lambda self: hasattr(self, "floor") and self.broker.book.rules.margin)
    @rule(long=st.booleans(), days=st.integers(1, 6), move=st.integers(40, 70), back=st.integers(0, 3))
    def squeeze(self, long: bool, days: int, move: int, back: int) -> None:
        """Put all buying power into AAA, let the market go the other way for some days, and back again."""
        held = self.broker.book.quantity("AAA")
        side = ("buy" if long else "short") if not held else ("buy" if held > 0 else "short")
        quantity = 2 * buying_power(self.broker.book) * 9 // 1_000
        if quantity > 0:
            self.number += 1
            self.send(terms(f"s{self.number}", side, quantity, tif="gtc"))
        level = 100 - move if side == "buy" else 100 + move
        for price in (100, *[level] * days, *[100] * back):
            self.bar(IntegerBar(price, price + 1, price - 1, price, 1_000_000), None)

    @rule(symbol=symbols, amount=st.fractions(0, 2), wait=st.integers(0, 5))
    def dividend(self, symbol: str, amount: Fraction, wait: int) -> None:
        ex_date = pay_date = Weekdays().next(self.floor.day)
        for _ in range(wait):
            pay_date = Weekdays().next(pay_date)
        self.broker.dividend(symbol, ex_date, amount, pay_date)

    @precondition(lambda self: self.went_in)
    @rule(data=st.data())
    def late_dividend(self, data: st.DataObject) -> None:
        """Let a dividend of a session that is over become known, whatever has happened since."""
        symbol, day = data.draw(st.sampled_from(sorted(self.went_in)))
        known = f"dividend:{symbol}:{day}" in self.broker.book.actions
        before, held = self.broker.journal.seq, self.went_in[symbol, day]
        self.broker.dividend(symbol, day, Fraction(1))
        booked = [event.quantity for event in self.broker.journal.events[before:] if isinstance(event, DividendBooked)]
        assert booked == ([held] if held and not known else [])
        self.seen["DividendBooked late"] += len(booked)

    @precondition(lambda self: self.number % 4 == 3)
    @rule(symbol=symbols, ratio=st.sampled_from((Fraction(2), Fraction(3, 2), Fraction(1, 7), Fraction(1, 400))))
    def split(self, symbol: str, ratio: Fraction) -> None:
        before = self.broker.book.quantity(symbol)
        day = Weekdays().next(self.floor.day)
        known = f"split:{symbol}:{day.isoformat()}" in self.broker.book.actions
        self.broker.split(symbol, day, ratio)
        if not known:
            assert self.broker.book.quantity(symbol) == int(before * ratio)

    @precondition(lambda self: self.number > 8)
    @rule(price=st.sampled_from((None, 0, 55)))
    def delist(self, price: int | None) -> None:
        self.broker.delist("BBB", Weekdays().next(self.floor.day), price)

    @rule(amount=st.integers(1, 50_000), number=st.integers(1, 5))
    def move_cash(self, amount: int, number: int) -> None:
        with contextlib.suppress(OrderRejected):
            (self.broker.deposit if number % 2 else self.broker.withdraw)(f"cash-{number}", amount)

    @precondition(lambda self: self.number % 5 == 4)
    @rule()
    def halt_and_resume(self) -> None:
        self.broker.halt("drill")
        self.number += 1
        self.send(terms(f"o{self.number}", "buy", 1))
        assert self.floor.status(f"o{self.number}") == OrderStatus.REJECTED
        self.broker.resume()

    @rule()
    def crash(self) -> None:
        """Lose everything but the journal; the broker goes on from there."""
        state = self.broker.book.state_hash()
        self.floor.broker = Broker.replayed(self.broker.journal.events, Weekdays())
        assert self.broker.book.state_hash() == state

    @invariant()
    def entries_wait_for_a_live_exit(self) -> None:
        if hasattr(self, "floor"):
            book = self.broker.book
            waiting = [each for ids in book.waiting.values() for each in ids]
            assert sorted(waiting) == sorted(
                order.terms.order_id
                for order in book.orders.values()
                if order.terms.awaits is not None and order.status is OrderStatus.HELD
            )
            for order_id in waiting:
                parts = book.parts(book.orders[order_id].terms.awaits or "")
                assert not all(part.ended for part in parts) or book.orders[order_id].terms.symbol not in book.positions
                self.seen["waits"] += 1

    @invariant()
    def books_are_right(self) -> None:
        if hasattr(self, "floor"):
            broker = self.broker
            breaches = [check for check in check_book(broker.journal, broker.book) if check.breaches]
            assert not breaches, (breaches, [write_event(event) for event in broker.journal.events[-12:]])
            if not broker.book.rules.margin:
                assert all(position.quantity > 0 for position in broker.book.positions.values())

    def teardown(self) -> None:
        if hasattr(self, "floor"):
            self.seen.update(event_name(event) for event in self.broker.journal.events)


def run(machine: Callable[[], Market], examples: int) -> None:
    wanted = settings(
        max_examples=examples,
        stateful_step_count=30,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        derandomize=False,  # Hypothesis repeats the same examples in every round if CI is set
    )
    run_state_machine_as_test(machine, settings=wanted)
