"""What must not matter: the unit of prices, the name of a symbol, the direction, a batch's order, when it split."""

from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction

import hypothesis.strategies as st
from hypothesis import given, settings
from openoutcry.ledger.model.account_rules import AccountRules
from openoutcry.ledger.model.order import OrderTerms
from openoutcry.ledger.model.order_events import OrderFilled
from openoutcry.ledger.model.order_request import OrderRequest
from openoutcry.ledger.pricing.integer_bar import IntegerBar
from openoutcry.tests.ledger.harness import Floor, terms

CENTRE = 100
MIRROR = {"buy": "short", "sell": "cover"}
Fill = tuple[str, int, int, int]


@dataclass(frozen=True)
class Plan:
    """Orders with the bar after which each is given, and the bars of AAA."""

    orders: tuple[tuple[int, OrderTerms], ...]
    bars: tuple[IntegerBar | None, ...]


@st.composite
def plans(draw: st.DrawFn) -> Plan:
    bars: list[IntegerBar | None] = []
    for _ in range(draw(st.integers(2, 8))):
        a, b, c, d = sorted(draw(st.lists(st.integers(80, 120), min_size=4, max_size=4)))
        ends = draw(st.sampled_from(((b, c), (c, b), (b, c), None)))
        bars.append(ends and IntegerBar(ends[0], d, a, ends[1], 500))
    orders = []
    for number in range(draw(st.integers(1, 8))):
        kind = draw(st.sampled_from(("market", "limit", "stop", "stop_limit")))
        limit = draw(st.integers(80, 120)) if "limit" in kind else None
        stop = draw(st.integers(101, 120)) if "stop" in kind else None
        tif = draw(st.sampled_from(("day", "gtc")))
        made = terms(f"o{number}", "buy", draw(st.integers(1, 9)) * 2, kind, limit=limit, stop=stop, tif=tif)
        orders.append((draw(st.integers(0, len(bars) - 1)), made))
    return Plan(tuple(sorted(orders, key=lambda item: item[0])), tuple(bars))


def run(plan: Plan, *, symbol: str = "AAA", unit: int = 1) -> list[Fill]:
    """Return (order, bar, quantity, price) of all fills, whatever stops the market has passed already."""
    rules = AccountRules(margin=True, participation_bps=None, settle=False)
    floor = Floor(rules, cash=10**12, symbols=(symbol,))
    for number, bar in enumerate(plan.bars):
        for given_after, made in plan.orders:
            if given_after == number:
                floor.broker.submit(OrderRequest(made), reference=CENTRE * unit)
        floor.bar(**({symbol: bar} if bar else {}))
    events = floor.broker.journal.events
    return [(e.order_id, e.bar, e.quantity, e.price) for e in events if isinstance(e, OrderFilled)]


def changed(plan: Plan, price: Fraction | int = 1, shift: int = 0, **terms_changes: object) -> Plan:
    """Return the plan with every price multiplied and shifted, high and low kept in order."""

    def moved(level: int | None) -> int | None:
        return None if level is None else int(level * price) + shift

    def moved_bar(bar: IntegerBar | None) -> IntegerBar | None:
        if bar is None:
            return None
        first, one, other, last = (moved(level) or 0 for level in (bar.open, bar.high, bar.low, bar.close))
        return IntegerBar(first, max(one, other), min(one, other), last, bar.volume)

    orders = tuple(
        (when, replace(made, limit=moved(made.limit), stop=moved(made.stop), **terms_changes))
        for when, made in plan.orders
    )
    return Plan(orders, tuple(moved_bar(bar) for bar in plan.bars))


@given(plans())
@settings(max_examples=60, deadline=None)
def test_prices_times_ten_give_the_same_fills_at_ten_times_the_price(plan: Plan) -> None:
    tenfold = [(order, bar, quantity, 10 * price) for order, bar, quantity, price in run(plan)]
    assert run(changed(plan, 10), unit=10) == tenfold


@given(plans())
@settings(max_examples=30, deadline=None)
def test_the_name_of_a_symbol_does_not_matter(plan: Plan) -> None:
    assert run(changed(plan, symbol="ZZZ"), symbol="ZZZ") == run(plan)


@given(plans())
@settings(max_examples=60, deadline=None)
def test_a_sale_is_a_purchase_in_the_mirror(plan: Plan) -> None:
    mirrored = [(order, bar, quantity, 2 * CENTRE - price) for order, bar, quantity, price in run(plan)]
    assert run(changed(plan, -1, 2 * CENTRE, sign=-1)) == mirrored


@given(plans(), st.randoms(use_true_random=False))
@settings(max_examples=60, deadline=None)
def test_the_order_of_a_batch_does_not_matter_while_capital_does_not_bind(plan: Plan, random: object) -> None:
    orders = list(plan.orders)
    random.shuffle(orders)  # type: ignore[attr-defined]
    shuffled = Plan(tuple(sorted(orders, key=lambda item: item[0])), plan.bars)
    assert sorted(run(shuffled)) == sorted(run(plan))


def test_buying_before_a_split_is_buying_twice_as_much_after_it_at_half_the_price() -> None:
    before = Floor(AccountRules(margin=True, participation_bps=None), cash=10**6)
    before.bar((100, 100, 100, 100, 9))
    before.broker.submit(OrderRequest(terms("a", "buy", 50)))
    before.bar((102, 104, 100, 104, 9))
    before.broker.split("AAA", date(2024, 1, 4), Fraction(2))
    before.bar((52, 52, 50, 51, 9))
    after = Floor(AccountRules(margin=True, participation_bps=None), cash=10**6)
    after.bar((50, 50, 50, 50, 9))
    after.broker.submit(OrderRequest(terms("a", "buy", 100)))
    after.bar((51, 52, 50, 52, 9))
    after.bar((52, 52, 50, 51, 9))
    for floor in (before, after):
        book = floor.broker.book
        assert (book.quantity("AAA"), book.cash, book.equity) == (100, 10**6 - 5_100, 10**6)
        assert book.positions["AAA"].cost == 5_100
