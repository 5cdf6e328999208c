"""Returns since a session, by closes that a test writes: 100 + n of the share, 200 + n of the market on session n."""

from datetime import date, timedelta
from decimal import Decimal
from math import log, sqrt
from statistics import stdev

import pytest
from openoutcry.desk.learning.returns import ReturnCalculator, price_return
from openoutcry.domain.ids import Symbol
from openoutcry.domain.trading_calendar import trading_calendar
from openoutcry.market.folder import open_folder
from openoutcry.market.view import MarketView

XNYS = trading_calendar("XNYS")
SHARE, MARKET = Symbol("ACME"), Symbol("SPY")
DAYS = XNYS.between(date(2025, 1, 2), date(2025, 2, 14))
HALTED, LISTED = 10, 2
"""The session in which the share does not trade, and the first one of the market proxy."""


@pytest.fixture(scope="module")
def source(tmp_path_factory):
    rows = ["ticker,date,open,high,low,close,volume"]
    for place, day in enumerate(DAYS):
        closes = {SHARE: place != HALTED and 100 + place, MARKET: place >= LISTED and 200 + place}
        rows += [f"{symbol},{day},{close},{close},{close},{close},1000" for symbol, close in closes.items() if close]
    folder = tmp_path_factory.mktemp("returns")
    (folder / "prices_daily.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    return open_folder(folder)


@pytest.fixture(scope="module")
def calculator(source):
    return ReturnCalculator.read(MarketView(source, XNYS.close(DAYS[-1])), SHARE)


def test_an_outcome_is_the_log_return_over_its_sessions_beyond_the_market_in_deviations(calculator):
    found = calculator.outcome(DAYS[3], 5, 0.02)
    total = log(108 / 103)
    assert (found.sessions, found.known_at, found.against_market) == (5, XNYS.close(DAYS[8]), True)
    assert found.total == pytest.approx(total)
    assert found.excess == pytest.approx(total - log(208 / 203))
    assert found.z_score == pytest.approx(found.excess / (0.02 * sqrt(5)))


def test_there_is_no_outcome_before_its_last_close_without_a_volatility_or_before_the_bars(calculator):
    assert calculator.outcome(DAYS[-5], 5, 0.02) is None
    assert calculator.outcome(DAYS[-6], 5, 0.02).known_at == XNYS.close(DAYS[-1])
    assert calculator.outcome(DAYS[3], 5, 0.0) is None
    assert calculator.outcome(XNYS.previous(DAYS[0]), 5, 0.02) is None


def test_without_the_market_the_excess_is_the_return(calculator, source):
    before = calculator.outcome(DAYS[0], 5, 0.02)
    assert (before.excess, before.against_market) == (before.total, False)
    assert before.total == pytest.approx(log(105 / 100))
    itself = ReturnCalculator.read(MarketView(source, XNYS.close(DAYS[-1])), MARKET).outcome(DAYS[3], 5, 0.02)
    assert (itself.excess, itself.against_market) == (itself.total, False)


def test_a_session_without_a_bar_has_the_close_before_it(calculator):
    assert calculator.outcome(DAYS[HALTED], 1, 0.02).total == pytest.approx(log(111 / 109))


def test_the_daily_volatility_needs_twenty_returns(source):
    enough, few = (ReturnCalculator.read(MarketView(source, XNYS.close(DAYS[last])), MARKET) for last in (22, 21))
    moves = [log((203 + place) / (202 + place)) for place in range(20)]
    assert (enough.daily_volatility, few.daily_volatility) == (pytest.approx(stdev(moves)), 0)


def test_the_sessions_after_a_session_are_those_that_were_complete(calculator):
    end = XNYS.close(DAYS[5])
    assert calculator.sessions_in(DAYS[3], end) == 2
    assert calculator.sessions_in(DAYS[3], end - timedelta(minutes=1)) == 1


def test_a_price_return_is_simple_and_rounded(source):
    view = MarketView(source, XNYS.close(DAYS[-1]))
    last = 100 + len(DAYS) - 1
    expected = (Decimal(last) / Decimal(103) - 1).quantize(Decimal("0.000001"))
    assert price_return(view, SHARE, XNYS.close(DAYS[3])) == expected
    assert price_return(view, SHARE, XNYS.close(DAYS[4]) - timedelta(minutes=1)) == expected
    assert price_return(view, SHARE, XNYS.close(DAYS[0]) - timedelta(minutes=1)) is None
