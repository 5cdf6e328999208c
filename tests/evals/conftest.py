"""A demo market that ends with 2023: long enough for a listing, a split and a bankruptcy, short enough to be quick."""

import asyncio
from datetime import date
from decimal import Decimal

import pytest
from openoutcry.domain.decision import Outcome
from openoutcry.domain.ids import ClientOrderId, Symbol
from openoutcry.domain.orders import Action, Order, OrderClass, OrderType, StopLoss, TakeProfit, TimeInForce
from openoutcry.domain.sessions import calendar
from openoutcry.evals.exchange import days_of
from openoutcry.evals.paper import Costs, PaperAccount
from openoutcry.evals.unit import Setting, Unit, run_unit, world
from openoutcry.evals.walk import Answer
from openoutcry.ledger.instrument import Instrument

LAST = date(2023, 12, 29)
CASH = 10_000_000
SEED = 7


@pytest.fixture(scope="session")
def drawn():
    return world(SEED, LAST)


@pytest.fixture(scope="session")
def sessions():
    return calendar("XNYS")


@pytest.fixture(scope="session")
def days(drawn, sessions):
    def between(ticker, first, last):
        return days_of(drawn.source, Instrument(ticker), sessions, date.fromisoformat(first), date.fromisoformat(last))

    return between


@pytest.fixture
def paper(sessions):
    def opened(ticker, costs=None):
        return PaperAccount("test", Instrument(ticker), CASH, costs or Costs(), sessions)

    return opened


@pytest.fixture(scope="session")
def walked():
    """Walk a unit of the market between two days; every answer is kept for the rest of the tests."""
    kept = {}

    def unit(ticker, first, last, desk="floor"):
        key = (ticker, first, last, desk)
        if key not in kept:
            setting = Setting(date.fromisoformat(first), date.fromisoformat(last), desk=desk)
            kept[key] = asyncio.run(run_unit(Unit(SEED, Symbol(ticker)), setting))
        return kept[key]

    return unit


def order(action, quantity, *, leg=0, stop=None, target=None, limit=None, ticker="CALDR", when=""):
    """Write an order; with a stop and a target it is a bracket that stays until canceled."""
    bracket = stop is not None
    return Order(
        client_order_id=ClientOrderId(f"o{when}-{leg}"),
        symbol=Symbol(ticker),
        action=Action(action),
        quantity=Decimal(quantity),
        type=OrderType.MARKET if limit is None else OrderType.LIMIT,
        limit_price=None if limit is None else Decimal(limit),
        stop_price=None,
        trail=None,
        time_in_force=TimeInForce.GTC if bracket or limit else TimeInForce.DAY,
        order_class=OrderClass.BRACKET if bracket else OrderClass.SIMPLE,
        take_profit=TakeProfit(Decimal(target)) if bracket else None,
        stop_loss=StopLoss(Decimal(stop)) if bracket else None,
        rationale="a test",
        evidence=(),
    )


class Scripted:
    """A trader that answers from a list, of orders or whole answers, and remembers what it was shown."""

    def __init__(self, *answers):
        self.answers, self.shown = list(answers), []

    async def __call__(self, close, account):
        self.shown.append((close, account))
        answer = self.answers.pop(0) if self.answers else ()
        if isinstance(answer, Answer):
            return answer
        return Answer(Outcome.ORDERS if answer else Outcome.HOLD, tuple(answer))
