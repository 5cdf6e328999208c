"""The page docs/one-account.md, line by line: its market and orders go in, its fills, postings and balances come out.

Every figure of the page is checked twice: against the arithmetic written beside it, and against what the ledger did.
"""

import ast
import operator
import re
from collections.abc import Callable, Iterator
from dataclasses import fields
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import cache, reduce
from pathlib import Path

import pytest
from openoutcry.domain.ids import ClientOrderId, Symbol
from openoutcry.domain.orders import (
    Action,
    Order,
    OrderClass,
    OrderType,
    StopLoss,
    TakeProfit,
    TimeInForce,
)
from openoutcry.domain.trading_calendar import trading_calendar
from openoutcry.ledger.book.wire_names import event_name
from openoutcry.ledger.broker import Broker
from openoutcry.ledger.model.account_rules import AccountRules, SplitPolicy
from openoutcry.ledger.model.bar_time import BarTime
from openoutcry.ledger.model.instrument import Instrument
from openoutcry.ledger.model.order_request import to_order_request
from openoutcry.ledger.pricing.commission import Commission, CommissionKind
from openoutcry.ledger.pricing.integer_bar import IntegerBar
from openoutcry.ledger.pricing.slippage import Slippage, SlippageKind
from openoutcry.ledger.pricing.units import (
    MINOR,
    exact_units,
    rounded_units,
    to_decimal,
)
from openoutcry.ledger.reports.audit import check_book
from openoutcry.ledger.reports.export import amount, dated_entries
from openoutcry.ledger.reports.history import equity_curve, executions

PAGE = Path(__file__).parent.parent.parent / "docs" / "one-account.md"
RULES = AccountRules(
    margin=True,
    participation_bps=1_000,
    slippage=Slippage(SlippageKind.FIXED, bps=5),
    commission=Commission(CommissionKind.PER_SHARE, rate=500_000, minimum=100),
    split_orders=SplitPolicy.ADJUST,
    margin_bps=600,
)
INSTRUMENTS = {"FERN": Instrument("FERN"), "DUSK": Instrument("DUSK", borrow_bps=250)}

SETTINGS = "setting, value, in words"
BARS = "session, symbol, open, high, low, close, volume"
ORDERS = "given after, order, action, symbol, shares, type, limit, stop, until, take profit, stop loss"
OTHERS = "day, what, which, figure, paid on"
FILLS = "session, order, shares, reference, price, how the price is found, commission, how the commission is found"
POSTINGS = "day, event, account, amount, of, worked"
ENDS = "order, ended as, why, shares, filled, limit, stop"
EQUITY = "session, cash, longs, shorts, equity, worked"
BALANCES = "account, amount, of, worked"
TABLES = (SETTINGS, BARS, ORDERS, OTHERS, FILLS, POSTINGS, ENDS, EQUITY, BALANCES)


@cache
def rows(columns: str) -> tuple[tuple[str, ...], ...]:
    """Return the rows of all tables of the page that have just these columns."""
    found: list[tuple[str, ...]] = []
    inside = ""
    for line in PAGE.read_text(encoding="utf-8").splitlines():
        cells = tuple(cell.strip() for cell in line.strip("|").split("|")) if line.startswith("|") else ()
        if not cells:
            inside = ""
        elif not inside:
            inside = ", ".join(cells)
            assert inside in TABLES, f"nobody checks the table {inside}"
        elif inside == columns and not set(line) <= set("|-"):
            found.append(cells)
    assert found, f"the page has no table of {columns}"
    return tuple(found)


def number(cell: str) -> Decimal:
    return Decimal(cell.replace(",", ""))


def price(cell: str) -> Decimal | None:
    return number(cell) if cell else None


DOES: dict[type, Callable[[Fraction, Fraction], Fraction]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}


def worked(cell: str) -> Fraction:
    """Work out what stands in backticks, exactly."""
    written = re.search(r"`([^`]+)`", cell)
    assert written, f"{cell!r} does not say how the figure was found"
    text = re.sub(r"([\d.]+) %", r"(\1 / 100)", written[1].replace(",", "").replace("×", "*"))

    def value(node: ast.AST) -> Fraction:
        if isinstance(node, ast.BinOp):
            return DOES[type(node.op)](value(node.left), value(node.right))
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
            return -value(node.operand)
        assert isinstance(node, ast.Constant), ast.dump(node)
        return Fraction(str(node.value))

    return value(ast.parse(text, mode="eval").body)


def as_worked(cell: str, unit: str = "USD") -> Decimal:
    """Return the worked figure in whole shares or, rounded half to even, in cents."""
    exact = worked(cell)
    if unit == "USD":
        return to_decimal(rounded_units(exact, MINOR), MINOR)
    assert exact.denominator == 1
    return Decimal(int(exact))


def bars() -> Iterator[tuple[date, dict[str, IntegerBar]]]:
    """Yield every session of the year with the bars of the page, standing still where it names none."""
    given = {(day, symbol): cells for day, symbol, *cells in rows(BARS)}
    last: dict[str, IntegerBar] = {}
    for session in trading_calendar("XNYS").between(date(2025, 1, 2), date(2025, 12, 31)):
        for symbol in INSTRUMENTS:
            cells = given.pop((session.isoformat(), symbol), None)
            if cells:
                first, high, low, close = (exact_units(number(cell), 100, "price") for cell in cells[:4])
                last[symbol] = IntegerBar(first, high, low, close, int(number(cells[4])))
            else:
                close = last[symbol].close
                last[symbol] = IntegerBar(close, close, close, close, 1_000_000)
        yield session, dict(last)
    assert not given, f"bars outside the sessions of the year: {given}"


def written_order(cells: tuple[str, ...]) -> Order:
    _, name, action, symbol, shares, kind, limit, stop, until, target, loss = cells
    return Order(
        client_order_id=ClientOrderId(name),
        symbol=Symbol(symbol),
        action=Action(action),
        quantity=number(shares),
        type=OrderType(kind),
        limit_price=price(limit),
        stop_price=price(stop),
        trail=None,
        time_in_force=TimeInForce(until),
        order_class=OrderClass.BRACKET if target else OrderClass.SIMPLE,
        take_profit=TakeProfit(number(target)) if target else None,
        stop_loss=StopLoss(number(loss)) if loss else None,
        rationale="the page says so",
        evidence=(),
    )


def before_opening(broker: Broker, day: date) -> None:
    for _, what, which, figure, paid in of_day(OTHERS, day):
        if what == "dividend":
            broker.dividend(which, day, Fraction(number(figure)), date.fromisoformat(paid))
        elif what == "split":
            broker.split(which, day, Fraction(figure))


def after_close(broker: Broker, day: date) -> None:
    for _, what, which, figure, _ in of_day(OTHERS, day):
        if what == "cancel":
            broker.cancel(which)
        elif what in ("deposit", "withdraw"):
            getattr(broker, what)(which, exact_units(number(figure), MINOR, what))
    for cells in of_day(ORDERS, day):
        order = written_order(cells)
        made = to_order_request(order, INSTRUMENTS[order.symbol], run_id="year", decision_id=cells[0])
        assert broker.submit(made).accepted


def of_day(columns: str, day: date) -> list[tuple[str, ...]]:
    return [cells for cells in rows(columns) if cells[0] == day.isoformat()]


@pytest.fixture(scope="module")
def broker() -> Broker:
    """Return the broker after the year that the page describes."""
    lived = Broker.open("year", RULES, trading_calendar("XNYS"))
    for instrument in INSTRUMENTS.values():
        lived.list_instrument(instrument)
    for place, (day, market) in enumerate(bars()):
        before_opening(lived, day)
        lived.on_bar(BarTime(day, place), market)
        after_close(lived, day)
    return lived


def test_the_page_names_every_setting_that_is_not_the_default() -> None:
    named = {"rules": RULES, **INSTRUMENTS}
    for setting, value, _ in rows(SETTINGS):
        first, *rest = setting.split(".")
        assert str(reduce(getattr, rest, named[first])) == value, setting
    told = {setting.split(".")[1] for setting, *_ in rows(SETTINGS) if setting.startswith("rules.")}
    plain = AccountRules()
    assert {field.name for field in fields(RULES) if getattr(RULES, field.name) != getattr(plain, field.name)} <= told


def test_every_posting_is_the_one_on_the_page(broker: Broker) -> None:
    page: list[tuple[str, str, str, Decimal, str]] = []
    for day, event, account, figure, unit, _ in rows(POSTINGS):
        entry = (day, event) if day else page[-1][:2]
        page.append((*entry, account, number(figure), unit))
    booked = [
        (dated.day, event_name(dated.event), leg.account, Decimal(amount(broker.book, leg)), leg.commodity)
        for dated in dated_entries(broker.journal)
        for leg in dated.entry.postings
    ]
    assert booked == page


@pytest.mark.parametrize(("columns", "figure"), [(POSTINGS, 3), (BALANCES, 1), (EQUITY, 4)])
def test_every_figure_is_what_the_arithmetic_beside_it_gives(columns: str, figure: int) -> None:
    for cells in rows(columns):
        unit = "USD" if columns == EQUITY else cells[-2]
        assert as_worked(cells[-1], unit) == number(cells[figure]), cells


def test_every_entry_on_the_page_balances() -> None:
    sums: dict[str, Decimal] = {}
    for day, _, _, figure, unit, _ in rows(POSTINGS):
        if day:
            assert not any(sums.values()), f"the entry before {day} is off by {sums}"
            sums = {}
        sums[unit] = sums.get(unit, Decimal(0)) + number(figure)
    assert not any(sums.values())


def test_every_fill_is_the_one_on_the_page(broker: Broker) -> None:
    page = [
        (session, order, *(number(cell) for cell in (shares, reference, paid, commission)))
        for session, order, shares, reference, paid, _, commission, _ in rows(FILLS)
    ]
    assert page == [
        (fill.session, fill.order_id, fill.quantity, fill.reference, fill.price, fill.commission)
        for fill in executions(broker.journal.events, broker.book)
    ]
    for cells in rows(FILLS):
        assert (as_worked(cells[5]), as_worked(cells[7])) == (number(cells[4]), number(cells[6])), cells


def test_every_order_ends_as_the_page_says(broker: Broker) -> None:
    ends = []
    for name, order in broker.book.orders.items():
        levels = [
            None if level is None else to_decimal(level, 100) for level in (order.levels.limit, order.levels.stop)
        ]
        why = order.reason.value if order.reason else ""
        ends.append((name, order.status.value, why, order.quantity, order.filled, *levels))
    assert ends == [
        (name, end, why, number(shares), number(filled), price(limit), price(stop))
        for name, end, why, shares, filled, limit, stop in rows(ENDS)
    ]


def test_equity_and_balances_are_those_of_the_page(broker: Broker) -> None:
    curve = {point.session: point for point in equity_curve(broker.journal.events)}
    for session, cash, longs, shorts, equity, _ in rows(EQUITY):
        point = curve[session]
        seen = (point.cash, point.long_value, point.short_value, point.equity)
        assert seen == tuple(number(cell) for cell in (cash, longs, shorts, equity)), session
    assert {(account, unit, number(figure)) for account, figure, unit, _ in rows(BALANCES)} == {
        (account, unit, to_decimal(held, MINOR) if unit == "USD" else Decimal(held))
        for (account, unit), held in broker.book.balances.items()
        if held
    }
    assert not [check for check in check_book(broker.journal, broker.book) if check.breaches]
