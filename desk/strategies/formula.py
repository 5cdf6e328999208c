"""Decisions of strategies that compute a target position instead of asking agents."""

from collections.abc import Callable
from decimal import Decimal

from ...domain.abstention import Abstention, AbstentionCause
from ...domain.decision import (
    Decision,
    MarketInfo,
    ModelInfo,
    Outcome,
    Provenance,
    RiskOutcome,
    Usage,
)
from ...domain.errors import DataError
from ...domain.ids import ClientOrderId
from ...domain.market import Quote
from ...domain.orders import Order
from ...market.source import MarketSource
from ...market.view import MarketView
from ...risk.target_orders import orders_to_target
from ...tools.quote import build_quote
from ..decision import DecisionRequest

FORMULA = ModelInfo("formula", "formula", "formula")


def hold(strategy: str, request: DecisionRequest, source: MarketSource) -> Decision:
    """Return a decision without orders."""
    return _decision(strategy, request, source, Outcome.HOLD)


def to_target(
    strategy: str, request: DecisionRequest, source: MarketSource, target: Callable[[Quote], Decimal]
) -> Decision:
    """Return the decision to hold the signed shares that `target` computes from the quote.

    It abstains without a current quote, and holds if the position is the target already.
    """
    try:
        facts = build_quote(MarketView(source, request.as_of), request.ticker)
    except DataError as error:
        return _decision(strategy, request, source, Outcome.ABSTAIN, missing=str(error))

    def name(leg: int) -> ClientOrderId:
        return ClientOrderId(f"{request.run_id}-{leg}")

    held = request.account.quantity_ahead(request.ticker)
    orders = orders_to_target(request.ticker, held, target(facts), name)
    return _decision(strategy, request, source, Outcome.ORDERS if orders else Outcome.HOLD, orders)


def _decision(
    strategy: str,
    request: DecisionRequest,
    source: MarketSource,
    outcome: Outcome,
    orders: tuple[Order, ...] = (),
    *,
    missing: str = "",
) -> Decision:
    return Decision(
        run_id=request.run_id,
        ticker=request.ticker,
        as_of=request.as_of,
        desk=strategy,
        model=FORMULA,
        market=MarketInfo(source.name, "", source.synthetic),
        outcome=outcome,
        abstention=Abstention("market", AbstentionCause.DATA, missing) if missing else None,
        thesis=None,
        risk=RiskOutcome(asked=orders, allowed=orders),
        reports=(),
        debate=(),
        opinions=(),
        evidence=(),
        recalled=(),
        usage=Usage({}, None, 0.0),
        provenance=Provenance("", "", {}, 0, ()),
    )
