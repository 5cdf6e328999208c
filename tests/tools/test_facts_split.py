"""The quote on the day of a split, before its first bar is complete."""

from datetime import UTC, datetime
from decimal import Decimal

from openoutcry.domain.ids import Symbol
from openoutcry.market.view import MarketView
from openoutcry.tools.quote import build_quote

CALDR = Symbol("CALDR")


def test_the_quote_is_in_the_shares_that_trade_next(demo):
    """CALDR split three for one on 2021-08-02; its last bar before is of 2021-07-30."""
    evening = build_quote(MarketView(demo, datetime(2021, 7, 30, 21, tzinfo=UTC)), CALDR)
    morning = build_quote(MarketView(demo, datetime(2021, 8, 2, 15, tzinfo=UTC)), CALDR)
    assert morning.session == evening.session
    assert morning.last_close == (evening.last_close / 3).quantize(Decimal("0.01"))
    assert abs(morning.average_volume / evening.average_volume - 3) < Decimal("0.001")
    assert abs(morning.atr * 3 / evening.atr - 1) < Decimal("0.001")
