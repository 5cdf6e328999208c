"""Desks over a book that weigh by mean and variance: the weights are optimal, and too small a book abstains."""

from decimal import Decimal

import numpy as np
import pytest
from desk_transcript import BOOK, decided, first_citable, transcript
from openoutcry.desk.proposal_facts import expected_returns
from openoutcry.domain.account import Account
from openoutcry.domain.decision import Outcome
from openoutcry.domain.decision_outputs import DirectionDecision, ExposureDecision
from openoutcry.domain.outputs import Report, Stance
from openoutcry.domain.proposal import Direction, ExposureProposal
from openoutcry.graph.desk_config import load_desk
from openoutcry.market.adjustment import adjust_bars
from openoutcry.market.view import MarketView
from openoutcry.tools.quote import build_quote
from scripted_answers import AS_OF

EXPOSURES = dict(zip(BOOK, (0.8, -0.2, 0.4), strict=True))


def report(request):
    return Report(
        summary=f"said by {request.role}", stance=Stance.BULLISH, confidence=0.6, evidence=first_citable(request)
    )


def about(request):
    return next(symbol for symbol in BOOK if f"Decide on {symbol} " in request.user)


def view_of(request):
    return {"horizon_sessions": 5, "summary": "s", "invalidation": "x", "evidence": first_citable(request)}


SCRIPT = {
    "Report": report,
    "ExposureDecision": lambda r: ExposureDecision(exposure=EXPOSURES[about(r)], **view_of(r)),
    "DirectionDecision": lambda r: DirectionDecision(
        direction=Direction.LONG, confidence=0.7, reward_to_risk=None, stop=None, **view_of(r)
    ),
}


def closes(demo, count):
    view = MarketView(demo, AS_OF)
    return np.array(
        [
            adjust_bars(view.bars(s, count=count), view.splits(s), view.dividends(s)).close[-count:].tolist()
            for s in BOOK
        ]
    ).T


def asked_weights(demo, decisions, equity):
    """Return the weights that were wanted before the limits."""
    found = {}
    for decision in decisions:
        close = float(build_quote(MarketView(demo, AS_OF), decision.ticker).last_close)
        cut = [clamp for clamp in decision.risk.clamps if clamp.limit == "max_position"]
        shares = cut[0].asked if cut else sum(order.quantity for order in decision.risk.asked)
        found[decision.ticker] = float(shares) * close / equity
    return np.array([found[symbol] for symbol in BOOK])


def test_views_are_exposures_times_a_tenth_of_the_daily_volatility(demo):
    quotes = {symbol: build_quote(MarketView(demo, AS_OF), symbol) for symbol in BOOK}
    proposals = [ExposureProposal(symbol, Decimal(str(value))) for symbol, value in EXPOSURES.items()]
    found = expected_returns(proposals, load_desk("sentiment_mv").proposal_rules, quotes)
    for symbol, value in EXPOSURES.items():
        assert float(found[symbol]) == pytest.approx(value * 0.1 * float(quotes[symbol].daily_volatility))


def test_sentiment_weights_are_at_least_as_good_as_every_feasible_grid_point(demo):
    decisions, _ = decided(demo, "sentiment_mv", SCRIPT, account=Account("t", Decimal(10**7)))
    returns = closes(demo, 180)
    returns = returns[1:] / returns[:-1] - 1
    sigma = [float(build_quote(MarketView(demo, AS_OF), s).daily_volatility) for s in BOOK]
    mean = returns.mean(axis=0)
    mean = 0.9 * mean + 0.1 * mean.mean() + np.array([0.1 * EXPOSURES[s] * v for s, v in zip(BOOK, sigma, strict=True)])
    sample = np.cov(returns, rowvar=False)
    cov = 0.9 * sample + 0.1 * np.eye(3) * np.trace(sample) / 3
    turnover = 0.8

    def value(w):
        return mean @ w - 2 * w @ cov @ w

    weights = asked_weights(demo, decisions, 1e7)
    assert (weights >= 0).all()
    assert (weights <= 0.4 + 1e-6).all()
    assert weights.sum() == pytest.approx(turnover, abs=1e-3)  # from an empty book, 0.8 of the way
    steps = np.linspace(0, 0.4, 41)
    points = [np.array([a, b, 1 - a - b]) for a in steps for b in steps if 0 <= 1 - a - b <= 0.4]
    best = max(value(w) for w in points)
    assert value(weights / turnover) >= best - 1e-4


@pytest.mark.parametrize("desk", ["sentiment_mv", "fincon_portfolio"])
@pytest.mark.parametrize("count", [1, 2])
def test_a_book_that_is_too_small_abstains_clearly_or_trades(demo, desk, count):
    decisions, _ = decided(demo, desk, SCRIPT, symbols=BOOK[:count])
    if (desk, count) == ("fincon_portfolio", 2):
        assert all(each.abstention is None for each in decisions)
        return
    assert all(each.outcome is Outcome.ABSTAIN for each in decisions)
    said = {each.abstention.reason for each in decisions}
    assert any("symbols" in reason for reason in said)


def test_a_manager_for_each_stock_sees_the_analysts_of_that_stock(demo):
    decisions, model = decided(demo, "fincon_portfolio", SCRIPT)
    assert all(each.abstention is None for each in decisions)
    managers = [line for line in transcript(model).splitlines() if line.startswith("manager")]
    assert len(managers) == len(BOOK)
    assert all("['filings_reader', 'fundamentals', 'news', 'technical']" in line for line in managers[:1])
    others = [each.user for each in model.asked if each.role == "manager"]
    assert all(sum(f"Decide on {symbol} " in text for symbol in BOOK) == 1 for text in others)
