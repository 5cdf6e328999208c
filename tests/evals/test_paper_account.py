"""The paper account: what a desk is shown is what the book holds, and exits keep to their position."""

import asyncio
from decimal import Decimal

import pytest
from openoutcry.domain.decision import Outcome
from openoutcry.domain.errors import ConfigError
from openoutcry.domain.ids import Symbol
from openoutcry.domain.orders import Action, OrderType
from openoutcry.evals.paper import Costs
from openoutcry.evals.walk import Answer, walk
from openoutcry.ledger import chart
from openoutcry.ledger.events import Filled

from .conftest import CASH, Scripted, order

CALDR = Symbol("CALDR")
FAR = {"stop": "1.00", "target": "900.00"}
SPRING = ("CALDR", "2021-03-01", "2021-06-30")


def run(paper, days, *answers):
    trader = Scripted(*answers)
    return asyncio.run(walk(CALDR, days, paper, trader)), trader


def resting(paper):
    return [(each.action, each.type, int(each.quantity)) for each in paper.account.open_orders]


def entries(paper):
    return [each.terms.order_id for each in paper.broker.entries("CALDR")]


def test_the_account_that_is_shown_has_the_equity_of_the_book_at_every_close(paper, days):
    account = paper("CALDR")
    window, orders = days(*SPRING), [order("buy", 100, **FAR)]
    for day in window:
        account.pass_session(day)
        account.decided("r", Outcome.ORDERS, orders)
        orders = []
        shown = account.account
        assert shown.equity * 100 == account.book.equity
        marks = sum(h.quantity * h.mark for h in shown.holdings.values())
        assert shown.cash + marks == shown.equity
    assert account.account.holdings[CALDR].mark == Decimal(window[-1].row.close) / 100


def test_the_average_cost_is_what_was_paid_a_share(paper, days):
    account = paper("CALDR")
    window = days(*SPRING)
    run(account, window, [order("short", 70)])
    fill = next(event for event in account.broker.journal.events if isinstance(event, Filled))
    held = account.account.holdings[CALDR]
    assert (held.quantity, held.average_cost) == (-70, Decimal(fill.price) / 100)


def test_an_order_fills_on_the_bar_after_the_close_at_which_it_was_decided(paper, days):
    account, window = paper("CALDR"), days(*SPRING)
    run(account, window, [order("buy", 10)])
    fill = next(event for event in account.broker.journal.events if isinstance(event, Filled))
    assert fill.session == window[1].session.isoformat()
    assert fill.reference == window[1].row.open


def test_an_entry_that_has_not_filled_is_canceled_before_the_next_decision_and_exits_stay(paper, days):
    account = paper("CALDR")
    _, trader = run(
        account,
        days(*SPRING),
        [order("buy", 10, **FAR), order("buy", 5, limit="1.00", leg=1)],
        [],
    )
    first, later = trader.shown[1][1], account.account
    assert [each.action for each in first.open_orders] == [Action.SELL, Action.SELL]
    assert later.quantity(CALDR) == 10


def test_an_entry_goes_on_resting_where_nothing_takes_its_place(paper, days):
    """Like at the desk: orders that are all refused, or denied by the limits, and abstentions end nothing."""
    account = paper("CALDR")
    nothing = [Answer(Outcome.HOLD, denied=True), Answer(Outcome.ABSTAIN), [order("buy", 10**7, when="2")]]
    run(account, days(*SPRING), [order("buy", 5, limit="1.00")], *nothing)
    assert len(account.refused) == 1
    assert entries(account) == ["o-0"]
    tight = paper("CALDR")
    run(tight, days(*SPRING), [order("buy", 190_000, limit="1.00")], [order("buy", 1_000, when="2", limit="2.00")])
    assert tight.refused == []
    assert entries(tight) == []
    meant = paper("CALDR")
    run(meant, days(*SPRING), [order("buy", 5, limit="1.00")], Answer(Outcome.HOLD))
    assert entries(meant) == []


def test_a_part_that_is_sold_leaves_the_rest_protected_at_the_same_levels(paper, days):
    account = paper("CALDR")
    run(account, days(*SPRING), [order("buy", 100, **FAR)], [order("sell", 40, when="2")])
    assert account.account.quantity(CALDR) == 60
    assert resting(account) == [(Action.SELL, OrderType.LIMIT, 60), (Action.SELL, OrderType.STOP, 60)]
    levels = {each.limit_price or each.stop_price for each in account.account.open_orders}
    assert levels == {Decimal("1.00"), Decimal("900.00")}
    assert account.refused == []


def test_what_was_bought_first_is_sold_first_and_the_younger_protection_stays(paper, days):
    account = paper("CALDR")
    younger = {"stop": "2.00", "target": "800.00"}
    run(
        account,
        days(*SPRING),
        [order("buy", 50, **FAR)],
        [order("buy", 50, when="2", **younger)],
        [order("sell", 60, when="3")],
    )
    assert [(int(each.quantity), each.stop_price) for each in account.account.open_orders] == [
        (40, None),
        (40, Decimal("2.00")),
    ]


def test_a_position_that_is_closed_leaves_nothing_resting(paper, days):
    account = paper("CALDR")
    run(account, days(*SPRING), [order("short", 100, stop="900.00", target="1.00")], [order("cover", 100, when="2")])
    assert account.account.quantity(CALDR) == 0
    assert account.account.open_orders == ()
    assert account.refused == []


def test_an_entry_against_the_position_waits_for_the_exit_before_it(paper, days):
    account, window = paper("CALDR"), days(*SPRING)
    run(account, window, [order("buy", 100)], [order("sell", 100, when="2"), order("short", 30, when="2", leg=1)])
    fills = [event for event in account.broker.journal.events if isinstance(event, Filled)]
    places = [[day.session.isoformat() for day in window].index(fill.session) for fill in fills]
    assert places[2] == places[1] + 1
    assert account.account.quantity(CALDR) == -30
    assert account.refused == []


def test_a_split_changes_shares_and_levels_and_no_money(paper, days):
    """CALDR splits three for one on 2021-08-02."""
    account = paper("CALDR")
    bracket = order("buy", 100, stop="30.00", target="900.00")
    walked, _ = run(account, days("CALDR", "2021-07-01", "2021-08-10"), [bracket])
    assert account.account.quantity(CALDR) == 300
    assert {each.limit_price or each.stop_price for each in account.account.open_orders} == {Decimal(10), Decimal(300)}
    steps = [abs(after - before) for before, after in zip(walked.equity, walked.equity[1:], strict=False)]
    assert max(steps) < 0.1 * max(map(abs, walked.exposure))


def test_profit_is_what_was_realised_and_not_with_dividends_less_what_was_spent(paper, days):
    account = paper("CALDR")
    walked, _ = run(account, days(*SPRING), [order("short", 90)], [order("cover", 40, when="2")])
    book = account.book
    unrealised = book.values["CALDR"] - book.positions["CALDR"].cost
    parts = (
        -book.balance(chart.realised("CALDR"))
        + unrealised
        - book.balance(chart.DIVIDENDS)
        - book.balance(chart.DIVIDENDS_PAID)
        - book.balance(chart.COMMISSION)
        - book.balance(chart.BORROW)
    )
    assert walked.net == parts
    assert book.balance(chart.BORROW) > 0
    assert book.balance(chart.DIVIDENDS_PAID) > 0


def test_a_share_that_loses_its_listing_is_paid_out_at_its_last_close(paper, days):
    window = days("BRAXH", "2023-04-28", "2023-06-30")
    account = paper("BRAXH")
    trader = Scripted([order("buy", 100, ticker="BRAXH")])
    asyncio.run(walk(Symbol("BRAXH"), window, account, trader))
    gone = [day for day in window if day.gone is not None]
    assert [day.session.isoformat() for day in gone] == ["2023-05-15"]
    traded = [day for day in window if day.row is not None]
    assert gone[0].gone == traded[-1].row.close
    assert account.account.holdings == {}
    assert account.book.equity != CASH


def test_a_window_without_a_session_is_refused(days):
    with pytest.raises(ConfigError, match="no session"):
        days("CALDR", "2023-01-01", "2023-01-02")


def test_costs_of_nothing_make_net_and_gross_the_same(paper, days):
    free, _ = run(paper("CALDR", Costs(0, 0, 0)), days(*SPRING), [order("buy", 100)])
    dear, _ = run(paper("CALDR", Costs(10, 20, 0)), days(*SPRING), [order("buy", 100)])
    assert free.net == free.gross
    assert free.paid.total == 0 < dear.paid.commission < dear.paid.slippage
    assert dear.gross == pytest.approx(free.gross, abs=dear.paid.total * 0.05)
