"""The surprise of a fact: the move of the first session that closed after it, in daily deviations."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from openoutcry.desk.learning.surprise import SurpriseCalculator
from openoutcry.domain.ids import Symbol
from openoutcry.domain.trading_calendar import trading_calendar
from openoutcry.market.view import MarketView

XNYS = trading_calendar("XNYS")
HALDM = Symbol("HALDM")
MONDAY, TUESDAY = date(2025, 2, 10), date(2025, 2, 11)
"""Closes 179.08 and 177.44, a fall of 0.9158 %."""


@pytest.fixture
def surprises(demo):
    view = MarketView(demo, XNYS.close(date(2025, 2, 12)))
    return SurpriseCalculator.read(view, HALDM, Decimal("0.02"))


def test_a_fact_belongs_to_the_session_that_closes_after_it(surprises):
    fall = pytest.approx((179.08 - 177.44) / 179.08 / 0.02, abs=1e-4)
    assert surprises.on(XNYS.close(MONDAY)) == fall
    assert surprises.on(XNYS.close(TUESDAY) - timedelta(seconds=1)) == fall
    assert surprises.on(XNYS.close(TUESDAY)) == pytest.approx((177.44 - 176.44) / 177.44 / 0.02, abs=1e-4)


def test_there_is_no_surprise_without_the_session_or_the_volatility(surprises, demo):
    assert surprises.on(XNYS.close(date(2025, 2, 12))) == 0
    view = MarketView(demo, XNYS.close(date(2025, 2, 12)))
    assert SurpriseCalculator.read(view, HALDM, None).on(XNYS.close(MONDAY)) == 0
