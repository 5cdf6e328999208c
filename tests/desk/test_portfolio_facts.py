"""Facts for the limits of a whole account: what was known at the moment, and clusters of correlated symbols."""

from datetime import date, timedelta

import numpy as np
import pytest
from openoutcry.desk.portfolio_facts import correlation_clusters, portfolio_facts
from openoutcry.domain.ids import Symbol
from openoutcry.domain.market import Profile
from openoutcry.domain.trading_calendar import trading_calendar
from openoutcry.market.demo import demo_market
from openoutcry.market.view import MarketView
from openoutcry.risk.portfolio_limits import PortfolioLimits

CLOSE = trading_calendar("XNYS").close(date(2025, 3, 3))


def curves(**returns):
    days = [date(2025, 1, 1) + timedelta(days=place) for place in range(61)]
    return {
        Symbol(name): dict(zip(days, np.cumprod([1.0, *(1 + np.array(each))]).tolist(), strict=True))
        for name, each in returns.items()
    }


def test_correlated_symbols_are_one_cluster_through_a_common_neighbour():
    draw = np.random.default_rng(1)
    common, other = draw.normal(0, 0.01, 60), draw.normal(0, 0.01, 60)
    noise = [draw.normal(0, 0.002, 60) for _ in range(3)]
    found = correlation_clusters(
        curves(A=common + noise[0], B=common, C=common + noise[1], D=other, E=-common, F=np.zeros(60)), 0.9
    )
    assert found == (frozenset("ABC"),)


@pytest.mark.parametrize("names", [[], ["A"]])
def test_fewer_than_two_symbols_have_no_cluster(names):
    assert correlation_clusters(curves(**{name: np.full(60, 0.01) for name in names}), 0.5) == ()


class WithSectors:
    """The demo market, with a profile for every company but one."""

    def __init__(self, inner):
        self._inner = inner

    def __getattr__(self, name):
        return getattr(self._inner, name)

    def profile(self, symbol, *, until):
        if symbol == "VEXIL":
            return None
        return Profile(symbol, "A", "Tech", "Chips", "US", "USD", "XNYS", None, None, "", until - timedelta(days=9))


def test_later_data_changes_no_fact():
    symbols = [Symbol(name) for name in ("CALDR", "GRUND", "VEXIL", "NOSUCH")]
    early, late = (
        portfolio_facts(MarketView(WithSectors(demo_market(last=last)), CLOSE), symbols, PortfolioLimits())
        for last in (date(2025, 3, 3), date(2025, 6, 30))
    )
    assert early == late
    assert set(early.prices) == {"CALDR", "GRUND", "VEXIL"}
    assert early.sectors == {"CALDR": "Tech", "GRUND": "Tech"}
    known = MarketView(demo_market(last=date(2025, 6, 30)), CLOSE).bars(symbols[0], count=1)
    assert early.prices[symbols[0]] == known[-1].close
