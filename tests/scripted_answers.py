"""What a scripted desk says when everybody agrees: the starting point of many tests."""

from datetime import UTC, datetime
from decimal import Decimal

from openoutcry.domain.ids import Symbol
from openoutcry.domain.orders import (
    Action,
    OrderClass,
    OrderType,
    TimeInForce,
)
from openoutcry.domain.outputs import (
    Argument,
    OrderPlan,
    PlannedOrder,
    Rating,
    Report,
    RiskOpinion,
    RiskReview,
    Stance,
    Thesis,
    Verdict,
)

AS_OF = datetime(2025, 3, 3, 21, tzinfo=UTC)
TICKER = Symbol("CALDR")
CLEAR = Symbol("GRUND")
"""A ticker that the rules would buy at AS_OF whatever the fine print: everything about it points up."""

ORDER = PlannedOrder(
    action=Action.BUY,
    quantity=Decimal(10),
    type=OrderType.MARKET,
    limit_price=None,
    stop_price=None,
    trail=None,
    time_in_force=TimeInForce.DAY,
    order_class=OrderClass.SIMPLE,
    take_profit_limit=None,
    stop_loss_stop=None,
    stop_loss_limit=None,
    rationale="The thesis says so.",
    evidence=("px.close",),
)
THESIS = Thesis(
    rating=Rating.BUY,
    conviction=0.5,
    horizon_sessions=21,
    summary="It should rise.",
    bull_case="Up.",
    bear_case="Down.",
    invalidation="A close below the average.",
    evidence=("px.close",),
)


def report(question):
    """Return a report that cites the first id of the prompt."""
    first = question.user.split("[", 1)[1].split("]", 1)[0]
    return Report(summary="Seen.", stance=Stance.BULLISH, confidence=0.6, evidence=(first,))


SCRIPT = {
    **dict.fromkeys(("technical", "news", "fundamentals", "macro"), report),
    **dict.fromkeys(("bull", "bear"), Argument(claim="A claim.", evidence=("px.close",))),
    "research_manager": THESIS,
    "trader": OrderPlan(orders=(ORDER,), rationale="One order."),
    **dict.fromkeys(
        ("aggressive", "neutral", "conservative"),
        RiskOpinion(verdict=Verdict.APPROVE, scale=1.0, reason="Fine.", evidence=()),
    ),
    "risk_manager": RiskReview(verdict=Verdict.APPROVE, scale=1.0, reason="Fine.", evidence=()),
}
