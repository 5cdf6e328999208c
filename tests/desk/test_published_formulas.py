"""What the desks of the literature make of their answers, recomputed from the published formulas."""

import math
import statistics
from decimal import ROUND_DOWN, Decimal

import pytest
from openoutcry.domain.account import Holding
from openoutcry.domain.decision import Outcome
from openoutcry.domain.decision_outputs import DirectionDecision, ExposureDecision, RatingDecision
from openoutcry.domain.orders import Action, OrderClass
from openoutcry.domain.remarks import NewsScore, StyleChoice
from openoutcry.market.view import MarketView
from openoutcry.risk.limit_settings import Limits
from openoutcry.tests.scripted_answers import AS_OF, CLEAR
from openoutcry.tests.transcripts import decision_of, scripted_desk

CASH = Decimal(100_000)
VIEW = {"horizon_sessions": 5, "summary": "So.", "invalidation": "Else.", "evidence": ("px.close",)}
CAP = Decimal("0.2")


@pytest.fixture
def closes(demo):
    return [bar.close for bar in MarketView(demo, AS_OF).bars(CLEAR, count=40)]


def held(shares, close):
    """Return an account of 100,000 that holds so many shares at the last close."""
    return {"holdings": {CLEAR: Holding(CLEAR, Decimal(shares), close, close)}, "cash": CASH - shares * close}


def asked(demo, name, author, answer, **account):
    """Return the one order that a desk asks for before the limits, in signed shares; 0 without one."""
    desk, _ = scripted_desk(name, demo, **{author: answer})
    decision = decision_of(desk, CLEAR, AS_OF, **account)
    assert decision.outcome is not Outcome.ABSTAIN, decision.abstention
    signs = {Action.BUY: 1, Action.COVER: 1, Action.SELL: -1, Action.SHORT: -1}
    return sum(signs[order.action] * order.quantity for order in decision.risk.asked), decision


def direction(side, confidence=0.8, reward=None):
    return DirectionDecision(direction=side, confidence=confidence, reward_to_risk=reward, stop=None, **VIEW)


@pytest.mark.parametrize(
    ("rating", "conviction", "weight"),
    [("buy", 0.9, 1), ("overweight", 0.3, 0.5), ("hold", 0.0, None), ("underweight", -0.3, "half"), ("sell", -0.9, 0)],
    ids=["buy", "overweight", "hold", "underweight", "sell"],
)
@pytest.mark.parametrize("name", ["tradingagents", "marketsenseai"])
def test_ratings_map_to_target_weights(demo, closes, name, rating, conviction, weight):
    if name == "marketsenseai" and rating in {"overweight", "underweight"}:
        pytest.skip("its scale has three steps")
    answer = RatingDecision(rating=rating, conviction=conviction, **VIEW)
    author = "portfolio_manager" if name == "tradingagents" else "manager"
    change, _ = asked(demo, name, author, answer, **held(40, closes[-1]))
    if weight is None:
        assert change == 0
        return
    target = Decimal(20) if weight == "half" else Decimal(str(weight)) * CAP * CASH / closes[-1]
    assert abs(40 + change - target) < 1


@pytest.mark.parametrize("position", [0, 7, -7])
@pytest.mark.parametrize(("side", "change"), [("long", 1), ("short", -1), ("keep", 0)])
def test_finmem_moves_by_one_share_without_bound(demo, closes, position, side, change):
    assert asked(demo, "finmem", "single_agent", direction(side), **held(position, closes[-1]))[0] == change


@pytest.mark.parametrize(
    ("side", "position", "sign"),
    [("long", 10, 1), ("short", 0, -1), ("short", -10, -1), ("short", 10, -1), ("flat", 10, 0), ("keep", 10, 0)],
)
def test_investorbench_is_all_in_and_flat_on_hold(demo, closes, side, position, sign):
    target = (sign * CAP * CASH / closes[-1]).to_integral_value(ROUND_DOWN)
    change, _ = asked(demo, "investorbench", "single_agent", direction(side), **held(position, closes[-1]))
    assert change == target - position


@pytest.mark.parametrize(
    ("style", "stop", "target", "share"),
    [("aggressive", 3, 6, 1), ("balanced", 2, 4, 1), ("conservative", 1.5, 2.5, 0.5)],
    ids=["aggressive", "balanced", "conservative"],
)
def test_tradinggroup_sets_stop_and_target_by_style_and_volatility(demo, closes, style, stop, target, share):
    said = StyleChoice(style=style, reason="So.", evidence=("px.close",))
    desk, _ = scripted_desk("tradinggroup", demo, trader=direction("long"), style=said)
    order = decision_of(desk, CLEAR, AS_OF).risk.asked[0]
    returns = [math.log(after / before) for before, after in zip(closes[-11:-1], closes[-10:], strict=True)]
    sigma, close = statistics.stdev(returns), float(closes[-1])
    assert float(order.stop_loss.stop_price) == pytest.approx(close * (1 - stop * sigma), abs=0.006)
    assert float(order.take_profit.limit_price) == pytest.approx(close * (1 + target * sigma), abs=0.006)
    assert abs(float(order.quantity) - share * float(CAP * CASH) / close) < 1


@pytest.mark.parametrize("reward", ["1.2", "1.8"])
def test_quantagent_brackets_its_entry_by_the_published_stop(demo, closes, reward):
    desk, _ = scripted_desk("quantagent", demo, decision=direction("short", reward=Decimal(reward)))
    order = decision_of(desk, CLEAR, AS_OF).risk.asked[0]
    distance = Decimal("0.0005") * closes[-1]
    assert order.order_class is OrderClass.BRACKET
    assert abs(order.stop_loss.stop_price - (closes[-1] + distance)) <= Decimal("0.005")
    assert abs(order.take_profit.limit_price - (closes[-1] - Decimal(reward) * distance)) <= Decimal("0.01")


@pytest.mark.parametrize(
    ("exposure", "factors"), [(0.5, (0.9, 0.95, 0.98, 1.05, 1.1)), (-0.5, (1.1, 1.05, 0.98, 0.95, 0.9))]
)
def test_finrl_scales_the_trade_by_the_news_score(demo, closes, exposure, factors):
    for score, factor in enumerate(factors, start=1):
        said = NewsScore(score=score, risk=3, reason="So.", evidence=("news.0",))
        answer = ExposureDecision(exposure=exposure, **VIEW)
        desk, _ = scripted_desk("finrl_deepseek", demo, trader=answer, scorer=lambda _, said=said: _cited(said, _))
        order = decision_of(desk, CLEAR, AS_OF).risk.asked[0]
        wanted = factor * abs(exposure) * float(CAP * CASH / closes[-1])
        assert abs(float(order.quantity) - wanted) < 1


def _cited(said, request):
    """Return the score with the first evidence of the prompt cited."""
    first = request.user.split("<evidence>\n[", 1)[1].split("]", 1)[0]
    return said.model_copy(update={"evidence": (first,)})


def test_sizes_are_those_of_the_default_limits():
    assert Limits().max_position == CAP
