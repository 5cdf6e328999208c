"""Share prices to a hundredth of a cent, orders on the exchange's ticks, and accounts that list shares in cents."""

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from fractions import Fraction

import pytest
from decisions import decision
from openoutcry.desk.accounts.in_memory_account import InMemoryAccount
from openoutcry.domain.errors import OrderRejected
from openoutcry.domain.ids import Symbol
from openoutcry.domain.market import Bar
from openoutcry.ledger.model.account_rules import AccountRules, SplitPolicy
from openoutcry.ledger.model.bars import to_integer_bar
from openoutcry.ledger.model.instrument import Instrument
from openoutcry.ledger.model.order import RejectReason
from openoutcry.ledger.model.order_request import OrderRequest, to_order_request
from openoutcry.tests.desk.accounts.cases import (
    XNYS,
    buy,
    daily,
    margin_account,
    sessions,
    shared_case,
    walk,
    write_market,
)

SHARE = Instrument("AAA", price_scale=10_000)
DAYS = sessions(4)


def test_prices_below_a_cent_are_exact(tmp_path):
    bars = {
        str(day): (0.0149, 0.0154, 0.0146, close, 10**9)
        for day, close in zip(DAYS, (0.0149, 0.0149, 0.0151, 0.0151), strict=True)
    }
    source, broker = write_market(tmp_path / "m", {"prices_daily.csv": daily(bars)}), margin_account()
    walk(broker, source, DAYS[:3], buy(1_000_000), last="0.0149", scale=10_000)
    assert broker.book.equity == 10_020_000


def test_the_shared_example_gains_two_hundred():
    broker = margin_account()
    walk(broker, shared_case("10-sub-penny"), DAYS, buy(1_000_000), last="0.0149", scale=10_000)
    assert broker.book.equity == 10_020_000


@pytest.mark.parametrize(("price", "steps"), [("10.00005", 100_000), ("10.00015", 100_002), ("0.00004", 1)])
def test_bars_are_rounded_half_to_even_at_import(price, steps):
    value = Decimal(price)
    start = datetime(2025, 3, 3, 14, 30, tzinfo=UTC)
    bar = Bar(Symbol("AAA"), date(2025, 3, 3), start, start, value, value, value, value, Decimal(1))
    assert to_integer_bar(bar, SHARE).close == steps


@pytest.mark.parametrize(("limit", "valid"), [("100.01", True), ("100.001", False), ("1.00", True), ("1.0001", False),
                                              ("0.9999", True), ("0.99999", False)])  # fmt: skip
def test_limits_keep_the_ticks_of_the_exchange(limit, valid):
    order = buy(1, limit=limit)
    if valid:
        assert to_order_request(order, SHARE, run_id="r", decision_id="d").terms.limit == int(Decimal(limit) * 10_000)
    else:
        with pytest.raises(OrderRejected, match="lies between two"):
            to_order_request(order, SHARE, run_id="r", decision_id="d")


def test_the_broker_rejects_a_limit_between_two_ticks():
    broker = margin_account()
    broker.list_instrument(SHARE)
    request = to_order_request(buy(1, limit="100.01"), SHARE, run_id="r", decision_id="d")
    between = OrderRequest(replace(request.terms, order_id="c", limit=request.terms.limit + 1))
    assert broker.submit(between, reference=1_000_000).reason is RejectReason.BAD_PRICE
    assert broker.submit(request, reference=1_000_000).accepted


def test_a_split_adjusts_orders_to_ticks():
    broker = margin_account(AccountRules(margin=True, split_orders=SplitPolicy.ADJUST))
    broker.list_instrument(SHARE)
    broker.submit(to_order_request(buy(30, limit="100.00"), SHARE, run_id="r", decision_id="d"), reference=1_010_000)
    broker.split("AAA", date(2025, 3, 4), Fraction(3))
    assert broker.book.order("b").levels.limit == 333_300


@pytest.mark.parametrize(("listed", "scale"), [((), 10_000), ((Instrument("AAA"),), 100)])
def test_a_symbol_that_is_listed_in_cents_keeps_its_scale(tmp_path, listed, scale):
    bars = {str(day): (100, 101, 99, 100, 10**6) for day in DAYS}
    source = write_market(tmp_path / "m", {"prices_daily.csv": daily(bars)})
    account = InMemoryAccount.open("t", AccountRules(margin=True), 10_000_000, source)
    account.advance(DAYS[0])
    for instrument in listed:
        account.broker.list_instrument(instrument)
    (answered,) = account.submit([decision("run", "AAA", XNYS.close(DAYS[0]), buy(10, limit="99.50"))])
    assert answered.submissions[0].accepted
    account.advance(DAYS[1])
    book = account.book
    assert (book.instruments["AAA"].price_scale, book.quantity("AAA"), book.equity) == (scale, 10, 10_000_500)


def test_share_prices_in_whole_cents_have_two_decimals():
    assert [str(SHARE.price(steps)) for steps in (1_000_000, 1_000_050, 149)] == ["100.00", "100.0050", "0.0149"]
