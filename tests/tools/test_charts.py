"""Charts: the same bytes for the same bars, nothing after the view's time, and fills on the scale of the bars."""

import struct
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from leaking_source import LeakingSource
from openoutcry.domain.account import PastFill
from openoutcry.domain.errors import ConfigError, LookAheadError
from openoutcry.domain.ids import Symbol
from openoutcry.domain.market import Interval
from openoutcry.domain.orders import Action
from openoutcry.market.demo import demo_market
from openoutcry.market.view import MarketView
from openoutcry.tools.charts import kinds
from openoutcry.tools.charts.kinds import ChartKind

CALDR = Symbol("CALDR")
AS_OF = datetime(2025, 3, 3, 22, tzinfo=UTC)


@pytest.fixture
def draw():
    """Return the function that draws; skip without the library."""
    pytest.importorskip("matplotlib")
    from openoutcry.tools.charts.chart import draw_chart

    return draw_chart


def chunks(png):
    """Yield the kind and the data of each chunk of a PNG file."""
    place = 8
    while place < len(png):
        (length,) = struct.unpack(">I", png[place : place + 4])
        yield png[place + 4 : place + 8], png[place + 8 : place + 8 + length]
        place += length + 12


def test_equal_bars_give_equal_bytes_whatever_the_settings_and_the_later_market(draw, demo):
    import matplotlib as mpl

    first = draw(ChartKind.BOLLINGER, MarketView(demo, AS_OF), CALDR)
    with mpl.rc_context({"axes.facecolor": "red", "savefig.dpi": 50, "font.size": 30}):
        again = draw(ChartKind.BOLLINGER, MarketView(demo_market(last=AS_OF.date()), AS_OF), CALDR)
        assert mpl.rcParams["axes.facecolor"] == "red"
    assert again == first
    found = list(chunks(first.png))
    assert {kind for kind, _ in found} <= {b"IHDR", b"pHYs", b"IDAT", b"IEND"}  # neither text nor time
    assert struct.unpack(">II", found[0][1][:8]) == (first.width, first.height)


def test_a_bar_of_later_ends_the_run(draw, demo):
    with pytest.raises(LookAheadError):
        draw(ChartKind.PRICE, MarketView(LeakingSource(demo, "bars"), AS_OF), CALDR)


def test_fills_are_marked_within_the_chart_only(draw, demo):
    view = MarketView(demo, AS_OF)
    bars = view.bars(CALDR, count=90)
    fills = [
        PastFill(bars[0].session, Action.BUY, Decimal(1), bars[0].close),
        PastFill(bars[-20].session, Action.BUY, Decimal(2), bars[-20].close),
        PastFill(bars[-5].session, Action.SELL, Decimal(2), bars[-5].close),
    ]
    marked = draw(ChartKind.TRADES, view, CALDR, fills)
    assert "1 bought (triangles up), 1 sold (triangles down)" in marked.caption
    assert f"60 sessions from {bars[-60].session} to {date(2025, 3, 3)}" in marked.caption
    assert marked.sha256 != draw(ChartKind.TRADES, view, CALDR).sha256


def test_every_kind_is_another_picture(draw, demo):
    view = MarketView(demo, AS_OF)
    assert len({draw(kind, view, CALDR).sha256 for kind in ChartKind}) == len(ChartKind) - 1  # no fills, no marks


def test_the_first_session_of_a_symbol_has_a_chart_of_each_kind(draw, demo):
    first = demo.bars(CALDR, Interval.DAY, until=AS_OF, count=100_000)[0]
    view = MarketView(demo, first.known_at)
    for kind in ChartKind:
        assert f"1 session from {first.session}" in draw(kind, view, CALDR).caption


def test_a_price_before_a_split_is_marked_on_the_adjusted_scale(demo):
    from openoutcry.market.price_history import load_price_history
    from openoutcry.tools.charts.chart import _marks

    view = MarketView(demo, datetime(2025, 6, 30, 22, tzinfo=UTC))
    split = next(each for symbol in demo.symbols() for each in view.splits(symbol))
    history = load_price_history(MarketView(demo, datetime.combine(split.ex_date, AS_OF.timetz())), split.symbol)
    before = next(bar for bar in reversed(history.bars) if bar.session < split.ex_date)
    (mark,) = _marks(history, history.series.sessions, [PastFill(before.session, Action.BUY, Decimal(1), before.close)])
    assert mark.price == pytest.approx(float(before.close) / float(split.ratio), rel=0.02)  # a dividend may follow


def test_the_missing_library_is_named_with_its_extra(monkeypatch):
    monkeypatch.setattr(kinds, "find_spec", lambda _: None)
    with pytest.raises(ConfigError, match=r"matplotlib.*pip install 'openoutcry\[charts\]'"):
        kinds.check_chart_library()
