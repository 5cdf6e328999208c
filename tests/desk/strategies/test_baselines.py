"""What the baselines decide on one account: each decision alone, on closes that a test writes."""

import asyncio
from datetime import date
from decimal import Decimal

import numpy as np
import pytest
from broker_session import order as broker_order
from openoutcry.desk.decision import DecisionRequest
from openoutcry.desk.strategies import portfolio_weights
from openoutcry.desk.strategies.baselines import BuyAndHold, Cash, EqualWeight
from openoutcry.desk.strategies.portfolio_weights import PortfolioMethod, WeightedPortfolio
from openoutcry.domain.account import Account, Holding
from openoutcry.domain.decision import Outcome
from openoutcry.domain.ids import RunId, Symbol
from openoutcry.domain.orders import Action
from openoutcry.domain.trading_calendar import trading_calendar
from openoutcry.market.folder import open_folder
from openoutcry.risk.limit_settings import Limits

XNYS = trading_calendar("XNYS")
ACME = Symbol("ACME")
OTHER, YOUNG = Symbol("OTHER"), Symbol("YOUNG")
DAYS = XNYS.between(date(2024, 1, 2), date(2025, 4, 30))
LISTED = 200
"""The first session of the second share."""
LAST = Decimal(100)
CASH = Decimal(10_000)


@pytest.fixture(scope="module")
def source(tmp_path_factory):
    """Return a market of a share that closes at 100 and 99 in turn, another, and one listed later that rises by 1."""
    rows = ["ticker,date,open,high,low,close,volume"]
    for place, day in enumerate(DAYS):
        closes = {ACME: (100, 99)[place % 2], OTHER: 50 + place % 3, YOUNG: max(0, place - LISTED + 1)}
        rows += [f"{symbol},{day},{close},{close},{close},{close},1000" for symbol, close in closes.items() if close]
    folder = tmp_path_factory.mktemp("baselines")
    (folder / "prices_daily.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    return open_folder(folder)


def holding(quantity):
    return {ACME: Holding(ACME, Decimal(quantity), LAST, LAST)} if quantity else {}


def starting(action, quantity):
    """Return the facts of an account about a market order that starts before a decision can replace it."""
    order = broker_order(ACME, action, quantity)
    return {"open_orders": (order,), "starting_ids": (order.client_order_id,)}


def decided(strategy, account, place=60):
    request = DecisionRequest(RunId("run"), ACME, XNYS.close(DAYS[place]), account)
    made = asyncio.run(strategy(request))
    return made.outcome, [(str(order.action), order.quantity) for order in made.risk.allowed]


def flat(cash=CASH, **changes):
    return Account("test", cash, **changes)


def test_cash_never_trades(source):
    assert decided(Cash(source), flat(holdings=holding(10))) == (Outcome.HOLD, [])
    assert (Cash(source).name, BuyAndHold(source, Limits()).name, EqualWeight(source, 1).name) == (
        "cash", "buy and hold", "equal weight"
    )  # fmt: skip


def test_buy_and_hold_buys_the_position_of_a_whole_conviction_once(source):
    """60 log returns of log(100 / 99) up and down deviate by 0.010135 a day, 0.16089 a year: .15 / .16089 = 93.2 %."""
    whole = BuyAndHold(source, Limits(max_position=Decimal(1), target_volatility=Decimal("0.15")))
    assert decided(whole, flat()) == (Outcome.ORDERS, [("buy", Decimal(93))])
    strategy = BuyAndHold(source, Limits(max_position=Decimal("0.2"), target_volatility=Decimal("0.15")))
    assert decided(strategy, flat()) == (Outcome.ORDERS, [("buy", Decimal(20))])
    assert decided(strategy, flat(holdings=holding(1))) == (Outcome.HOLD, [])


def test_buy_and_hold_counts_an_order_that_will_have_filled(source):
    strategy = BuyAndHold(source, Limits(max_position=Decimal("0.2"), target_volatility=Decimal("0.15")))
    assert decided(strategy, flat(**starting(Action.BUY, 5))) == (Outcome.HOLD, [])
    closed = flat(CASH - 5 * LAST, holdings=holding(5), **starting(Action.SELL, 5))
    assert decided(strategy, closed) == (Outcome.ORDERS, [("buy", Decimal(20))])


@pytest.mark.parametrize(
    ("account", "orders"),
    [
        (flat(), [("buy", Decimal(33))]),
        (flat(CASH - 3300, holdings=holding(33)), []),
        (flat(CASH - 4000, holdings=holding(40)), [("sell", Decimal(7))]),
        (flat(**starting(Action.BUY, 30)), [("buy", Decimal(3))]),
        (flat(Decimal(-5000)), []),
    ],
    ids=["flat", "on target", "above it", "partly ordered", "without equity"],
)
def test_equal_weight_trades_to_its_share_of_equity(source, account, orders):
    assert decided(EqualWeight(source, 3), account)[1] == orders


@pytest.mark.parametrize(("returns", "quantity"), [(59, 0), (60, 100)], ids=["too few", "enough"])
def test_a_portfolio_of_one_symbol_holds_it_whole_once_it_has_sixty_returns(source, returns, quantity):
    strategy = WeightedPortfolio(PortfolioMethod.MINIMUM_VARIANCE, source, (ACME, Symbol("NONE")))
    _, orders = decided(strategy, flat(), place=returns)
    assert sum(ordered for _, ordered in orders) == pytest.approx(quantity, abs=2 if quantity else 0)


def test_weights_are_computed_once_a_session_from_the_returns_that_all_symbols_have(source, monkeypatch):
    """Each of two symbols has 252 returns at most, here as many as the younger one; weights are rounded down."""
    given = []

    def weights(method, returns):
        given.append((method, returns))
        return np.array([0.24999, 0.75001])

    monkeypatch.setattr(portfolio_weights, "portfolio_weights", weights)
    strategy = WeightedPortfolio(PortfolioMethod.MAXIMUM_SHARPE, source, (ACME, YOUNG))
    assert strategy.name == "maximum_sharpe"
    last = LISTED + 100
    _, orders = decided(strategy, flat(), place=last)
    assert orders == [("buy", Decimal(24))]
    assert decided(strategy, flat(), place=last)[1] == orders
    ((method, returns),) = given
    assert method is PortfolioMethod.MAXIMUM_SHARPE
    assert returns.shape == (100, 2)
    assert returns[[0, -1], 0] == pytest.approx([99 / 100 - 1, 100 / 99 - 1])
    assert returns[[0, -1], 1] == pytest.approx([2 / 1 - 1, 101 / 100 - 1])

    decided(strategy, flat(), place=len(DAYS) - 1)
    decided(strategy, flat(), place=last)
    assert [len(found) for _, found in given] == [100, min(252, len(DAYS) - 1 - LISTED), 100]


def test_a_symbol_has_at_most_252_returns(source, monkeypatch):
    given = []
    monkeypatch.setattr(portfolio_weights, "portfolio_weights", lambda _, returns: given.append(returns) or np.ones(2))
    decided(WeightedPortfolio(PortfolioMethod.MINIMUM_VARIANCE, source, (ACME, OTHER)), flat(), place=300)
    assert [returns.shape for returns in given] == [(252, 2)]
