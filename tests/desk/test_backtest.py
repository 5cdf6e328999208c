"""A backtest on the demo market: fills, costs, splits and delistings are those of the desk's own account."""

import asyncio
from datetime import date
from decimal import Decimal

import pytest
from decisions import Scripted, decision, plain_order
from openoutcry.desk.accounts.in_memory_account import InMemoryAccount
from openoutcry.desk.backtest import Every, run_backtest, sessions_to_decide
from openoutcry.domain.decision import Outcome
from openoutcry.domain.errors import ConfigError
from openoutcry.domain.ids import Symbol
from openoutcry.domain.orders import Action, OrderType
from openoutcry.domain.trading_calendar import trading_calendar
from openoutcry.evals.demo_experiment import TradingCosts, margin_account
from openoutcry.ledger.model import chart_of_accounts as chart
from openoutcry.ledger.model.events import Delisted
from openoutcry.ledger.model.order_events import OrderFilled
from openoutcry.tests.desk_factory import close_of

XNYS = trading_calendar("XNYS")
CASH = 10_000_000
CALDR = Symbol("CALDR")
FAR = {"stop": "1.00", "target": "900.00"}
SPRING = ("2021-03-01", "2021-06-30")


def order(action, quantity, *, leg=0, when="", ticker="CALDR", **more):
    return plain_order(f"o{when}-{leg}", ticker, action, quantity, **more)


@pytest.fixture
def run(demo):
    """Run a list of answers over a window, one a month; return the account, the result and the strategy."""

    def running(*answers, window=SPRING, costs=None, ticker="CALDR", every=Every.MONTH):
        account = InMemoryAccount.open("test", margin_account(costs or TradingCosts()), CASH, demo)
        strategy = Scripted(*answers)
        first, last = map(date.fromisoformat, window)
        result = asyncio.run(run_backtest(account, strategy, [Symbol(ticker)], first, last, every=every))
        return account, result, strategy

    return running


def fills(account):
    return [event for event in account.broker.journal.events if isinstance(event, OrderFilled)]


def resting(account):
    return [(each.action, each.type, int(each.quantity)) for each in account.view(CALDR).open_orders]


def levels(account):
    return {each.limit_price or each.stop_price for each in account.view(CALDR).open_orders}


def test_equity_and_exposure_are_those_of_the_book_at_every_close(run, demo):
    account, result, _ = run([order("buy", 100, **FAR)])
    view = account.view(CALDR)
    assert result.sessions == XNYS.between(*map(date.fromisoformat, SPRING))
    assert view.equity * 100 == account.book.equity == result.equity[-1]
    assert result.exposure[-1] == int(view.holdings[CALDR].market_value * 100) > 0
    assert (result.exposure[0], result.equity[0]) == (0, CASH)


def test_a_decision_is_made_at_the_first_session_of_each_period_and_sees_that_close(run):
    window = ("2021-03-01", "2021-05-07")
    for every, number in ((Every.MONTH, 3), (Every.WEEK, 10), (Every.DAY, 49)):
        _, result, strategy = run(window=window, every=every)
        days = [made.session for made in result.decisions]
        assert len(days) == number
        assert [question.as_of for question in strategy.asked] == [XNYS.close(day) for day in days]


def test_a_week_begins_after_a_holiday_on_tuesday():
    days = XNYS.between(date(2024, 12, 23), date(2025, 1, 24))  # Monday the 20th is a holiday
    chosen = sorted(sessions_to_decide(XNYS, days, Every.WEEK))
    assert chosen == [date(2024, 12, 23), date(2024, 12, 30), date(2025, 1, 6), date(2025, 1, 13), date(2025, 1, 21)]


def test_an_order_fills_on_the_bar_after_the_close_at_which_it_was_decided(run):
    account, result, _ = run([order("buy", 10)])
    assert [fill.session for fill in fills(account)] == [result.sessions[1].isoformat()]


def test_an_entry_goes_on_resting_where_nothing_replaces_it(run):
    denied = decision("x", "CALDR", close_of(2021, 4, 1), denied=[order("buy", 1)])
    silent = decision("x", "CALDR", close_of(2021, 4, 1), outcome=Outcome.ABSTAIN)
    account, result, _ = run([order("buy", 5, limit="1.00")], denied, silent, [order("buy", 10**7, when="2")])
    assert result.rejected == 1
    assert [each.terms.order_id for each in account.broker.resting_entries("CALDR")] == ["o-0"]
    meant, *_ = run([order("buy", 5, limit="1.00")], [])
    assert meant.broker.resting_entries("CALDR") == ()


def test_a_part_that_is_sold_leaves_the_rest_protected_at_the_same_levels(run):
    account, result, _ = run([order("buy", 100, **FAR)], [order("sell", 40, when="2")])
    assert account.view(CALDR).quantity(CALDR) == 60
    assert resting(account) == [(Action.SELL, OrderType.LIMIT, 60), (Action.SELL, OrderType.STOP, 60)]
    assert levels(account) == {Decimal("1.00"), Decimal("900.00")}
    assert result.rejected == 0


def test_an_entry_against_the_position_is_rejected_as_at_the_desk(run):
    account, result, _ = run([order("buy", 100)], [order("sell", 100, when="2"), order("short", 30, when="2", leg=1)])
    assert account.view(CALDR).quantity(CALDR) == 0
    assert result.rejected == 1


def test_a_split_changes_shares_and_levels_and_no_money(run):
    """CALDR splits three for one on 2021-08-02."""
    account, result, _ = run([order("buy", 100, stop="30.00", target="900.00")], window=("2021-07-01", "2021-08-10"))
    assert account.view(CALDR).quantity(CALDR) == 300
    assert levels(account) == {Decimal(10), Decimal(300)}
    steps = [abs(after - before) for before, after in zip(result.equity, result.equity[1:], strict=False)]
    assert max(steps) < 0.1 * max(map(abs, result.exposure))


def test_profit_is_what_was_realised_and_not_with_dividends_less_costs(run):
    account, result, _ = run([order("short", 90)], [order("cover", 40, when="2")])
    book = account.book
    unrealised = book.values["CALDR"] - book.positions["CALDR"].cost
    booked = (chart.realised("CALDR"), chart.DIVIDENDS, chart.DIVIDENDS_PAID, chart.COMMISSION, chart.BORROW)
    assert result.net == unrealised - sum(map(book.balance, booked))
    assert (result.paid.commission, result.paid.borrow) == (book.balance(chart.COMMISSION), book.balance(chart.BORROW))
    assert min(result.paid.borrow, book.balance(chart.DIVIDENDS_PAID)) > 0
    assert result.spent[-1] == result.paid.total == result.gross - result.net


def test_a_delisting_is_booked_when_the_desk_could_know_it(run):
    """BRAXH trades last on 2023-05-12; the source records on that evening that the listing has ended."""
    account, result, _ = run([order("buy", 100, ticker="BRAXH")], ticker="BRAXH", window=("2023-05-01", "2023-06-30"))
    (gone,) = [event for event in account.broker.journal.events if isinstance(event, Delisted)]
    assert gone.day == "2023-05-15"
    assert account.view(Symbol("BRAXH")).holdings == {}
    assert result.exposure[result.sessions.index(date(2023, 5, 12))] > 0 == result.exposure[-1]


def test_without_costs_net_and_gross_are_the_same(run):
    _, free, _ = run([order("buy", 100)], costs=TradingCosts(0, 0, 0))
    _, dear, _ = run([order("buy", 100)], costs=TradingCosts(10, 20, 0))
    assert free.net == free.gross
    assert free.paid.total == 0 < dear.paid.commission < dear.paid.slippage
    assert dear.gross == pytest.approx(free.gross, abs=dear.paid.total * 0.05)


def test_a_window_without_a_session_is_refused(run):
    with pytest.raises(ConfigError, match="no session"):
        run(window=("2023-01-01", "2023-01-02"))
