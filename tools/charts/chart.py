"""A chart of one symbol from a point-in-time view, as a picture."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from ...domain.account import PastFill
from ...domain.ids import Symbol
from ...domain.picture import Picture
from ...market.adjustment import AdjustedSeries, Floats
from ...market.price_history import PriceHistory, load_price_history
from ...market.view import MarketView
from .drawing import FillMark, Line, render
from .kinds import HEIGHT, SESSIONS, WIDTH, ChartKind

BAND_SESSIONS = 20
BAND_WIDTH = 2.0


@dataclass(frozen=True, slots=True)
class _Overlay:
    """What a chart shows beside the candlesticks, and the sentence of its caption."""

    lines: tuple[Line, ...] = ()
    marks: tuple[FillMark, ...] = ()
    sentence: str = ""


def draw_chart(kind: ChartKind, view: MarketView, symbol: Symbol, fills: Sequence[PastFill] = ()) -> Picture:
    """Return a chart of the last sessions before the time of the view, prices adjusted for splits and dividends.

    The same bars and fills give the same bytes with the same version of the library. Fills of other sessions than those
    of the chart are left out. The caption names the symbol, the picture does not.

    Raises:
        NoData: there are no current bars.
        ConfigError: the library that draws charts is not installed.
        LookAheadError: the source serves a bar of later than the time of the view.
    """
    key, inputs = ("chart", kind, symbol), (view.as_of, tuple(fills))
    return view.derived(key, inputs, lambda: _drawn(kind, symbol, load_price_history(view, symbol), fills))


def _drawn(kind: ChartKind, symbol: Symbol, history: PriceHistory, fills: Sequence[PastFill]) -> Picture:
    series, sessions = history.series, history.series.sessions[-SESSIONS:]
    shown = slice(len(series) - len(sessions), None)
    columns = (series.open, series.high, series.low, series.close, series.volume)
    candles = AdjustedSeries(sessions, *(column[shown] for column in columns))
    overlay = _overlay(kind, history, candles, fills)
    length = "1 session" if len(sessions) == 1 else f"{len(sessions)} sessions"
    caption = (
        f"Chart of {symbol}: daily candlesticks with volume, {length} from {sessions[0]} to "
        f"{sessions[-1]}, prices adjusted for splits and dividends.{overlay.sentence}"
    )
    return Picture(kind.value, symbol, caption, render(candles, overlay.lines, overlay.marks), WIDTH, HEIGHT)


def _overlay(kind: ChartKind, history: PriceHistory, candles: AdjustedSeries, fills: Sequence[PastFill]) -> _Overlay:
    match kind:
        case ChartKind.BOLLINGER:
            lines = _bands(history.series.close, len(candles.sessions))
            sentence = f" Lines: mean of {BAND_SESSIONS} closes, and {BAND_WIDTH:g} standard deviations around it."
            return _Overlay(lines, sentence=sentence if lines else "")
        case ChartKind.TREND:
            lines = tuple(_fitted(values) for values in (candles.high, candles.low) if len(values) > 1)
            return _Overlay(lines, sentence=" Lines: least squares through the highs and through the lows.")
        case ChartKind.TRADES:
            marks = _marks(history, candles.sessions, fills)
            bought = sum(mark.bought for mark in marks)
            sentence = f" Own fills: {bought} bought (triangles up), {len(marks) - bought} sold (triangles down)."
            return _Overlay(marks=marks, sentence=sentence)
        case ChartKind.PRICE:
            return _Overlay()


def _bands(close: Floats, count: int) -> tuple[Line, ...]:
    """Return mean, upper and lower Bollinger band of the last `count` closes; none with fewer than 20 closes.

    The deviation is that of the population (Bollinger, Bollinger on Bollinger Bands, 2001).
    """
    if len(close) < BAND_SESSIONS:
        return ()
    windows = np.lib.stride_tricks.sliding_window_view(close, BAND_SESSIONS)
    mean, spread = windows.mean(axis=1)[-count:], BAND_WIDTH * windows.std(axis=1)[-count:]
    start = count - len(mean)
    return tuple(Line(start, values) for values in (mean, mean + spread, mean - spread))


def _fitted(values: Floats) -> Line:
    places = np.arange(len(values), dtype=np.float64)
    centred = places - places.mean()
    slope = float((centred * values).sum() / (centred**2).sum())
    return Line(0, values.mean() + slope * centred)


def _marks(history: PriceHistory, sessions: Sequence[date], fills: Sequence[PastFill]) -> tuple[FillMark, ...]:
    """Return the fills within the chart, their prices on the adjusted scale of its bars."""
    place = {session: number for number, session in enumerate(sessions)}
    offset = len(history.series) - len(sessions)
    found = list[FillMark]()
    for fill in fills:
        if fill.session in place:
            number = place[fill.session]
            bar = history.bars[offset + number]
            factor = float(history.series.close[offset + number]) / float(bar.close)
            found.append(FillMark(number, float(fill.price) * factor, fill.action.sign > 0))
    return tuple(found)
