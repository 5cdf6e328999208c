"""Decisions with given orders, as a desk would make them, and a strategy that replays a list of them."""

from dataclasses import replace
from decimal import Decimal

from openoutcry.domain.abstention import Abstention, AbstentionCause
from openoutcry.domain.decision import (
    Decision,
    MarketInfo,
    ModelInfo,
    Outcome,
    Provenance,
    RiskOutcome,
    Usage,
)
from openoutcry.domain.ids import ClientOrderId, RunId, Symbol
from openoutcry.domain.orders import (
    Action,
    Order,
    OrderClass,
    OrderType,
    StopLoss,
    TakeProfit,
    TimeInForce,
)


def decision(run, symbol, as_of, *orders, outcome=None, denied=(), superseded=()):
    """Return a decision; without an outcome it is orders where there are any, else a hold."""
    outcome = outcome or (Outcome.ORDERS if orders else Outcome.HOLD)
    return Decision(
        run_id=RunId(run),
        ticker=Symbol(symbol),
        as_of=as_of,
        desk="test",
        model=ModelInfo("rules", "rules", "rules"),
        market=MarketInfo("test", "", synthetic=True),
        outcome=outcome,
        abstention=Abstention("desk", AbstentionCause.DATA, "a test") if outcome is Outcome.ABSTAIN else None,
        thesis=None,
        risk=RiskOutcome(asked=(*denied, *orders), allowed=tuple(orders)),
        reports=(),
        debate=(),
        opinions=(),
        evidence=(),
        recalled=(),
        usage=Usage({}, None, 0.0),
        provenance=Provenance("", "", {}, 0, ()),
        superseded=tuple(map(ClientOrderId, superseded)),
    )


def plain_order(name, symbol, action, quantity, *, limit=None, stop=None, target=None, tif=None):
    """Return an order at the market or a limit; with a stop and a target it is a bracket, good until canceled."""
    bracket = stop is not None
    resting = TimeInForce.GTC if bracket or limit else TimeInForce.DAY
    return Order(
        client_order_id=ClientOrderId(name),
        symbol=Symbol(symbol),
        action=Action(action),
        quantity=Decimal(quantity),
        type=OrderType.MARKET if limit is None else OrderType.LIMIT,
        limit_price=None if limit is None else Decimal(limit),
        stop_price=None,
        trail=None,
        time_in_force=tif or resting,
        order_class=OrderClass.BRACKET if bracket else OrderClass.SIMPLE,
        take_profit=TakeProfit(Decimal(target)) if bracket else None,
        stop_loss=StopLoss(Decimal(stop)) if bracket else None,
        rationale="a test",
        evidence=(),
    )


class Scripted:
    """A strategy that answers from a list, of orders or whole decisions, and remembers what it was asked.

    A decision in the list takes the run id, symbol and moment of the question.
    """

    name = "scripted"

    def __init__(self, *answers):
        self.answers, self.asked = list(answers), []

    async def __call__(self, question):
        self.asked.append(question)
        answer = self.answers.pop(0) if self.answers else ()
        if isinstance(answer, Decision):
            return replace(answer, run_id=question.run_id, ticker=question.ticker, as_of=question.as_of)
        return decision(question.run_id, question.ticker, question.as_of, *answer)
