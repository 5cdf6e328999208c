"""Drawing of candlesticks with matplotlib: the same values give the same bytes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from io import BytesIO
from pathlib import Path
from threading import Lock
from typing import Any

import numpy as np

from ...market.adjustment import AdjustedSeries, Floats
from .kinds import HEIGHT, WIDTH, check_chart_library

DPI = 100
LABEL_EVERY = 10
BODY = 0.7
UP, DOWN, PLAIN = "#1b7f4b", "#b3261e", "#3b5b92"
FONT = "DejaVuSans.ttf"


@dataclass(frozen=True, slots=True, eq=False)
class Line:
    """A line over consecutive bars; `start` is the number of the first one, `values` are prices."""

    start: int
    values: Floats


@dataclass(frozen=True, slots=True)
class FillMark:
    """A fill at the bar with a number, at a price of the chart's scale."""

    place: int
    price: float
    bought: bool


def render(candles: AdjustedSeries, lines: Sequence[Line] = (), marks: Sequence[FillMark] = ()) -> bytes:
    """Return the chart as a PNG file of WIDTH x HEIGHT pixels without time and name of the program.

    Settings of the user for matplotlib have no effect, and the font is that of the library. Raises ConfigError if the
    library is not installed.
    """
    check_chart_library()
    import matplotlib as mpl  # noqa: PLC0415 -- an optional extra
    from matplotlib.backends.backend_agg import FigureCanvasAgg  # noqa: PLC0415 -- as above
    from matplotlib.figure import Figure  # noqa: PLC0415 -- as above

    with _drawing_lock(), mpl.rc_context():  # the settings of the library belong to the whole process
        mpl.rcdefaults()
        figure = Figure(figsize=(WIDTH / DPI, HEIGHT / DPI), dpi=DPI)
        prices, volumes = figure.subplots(2, 1, sharex=True, gridspec_kw={"height_ratios": (4, 1), "hspace": 0.05})
        figure.subplots_adjust(left=0.08, right=0.98, top=0.98, bottom=0.06)
        _draw_candles(prices, volumes, candles)
        _draw_overlays(prices, lines, marks)
        _set_range(prices, candles, lines)
        _label(prices, volumes, candles.sessions)
        file = BytesIO()
        canvas: Any = FigureCanvasAgg(figure)
        canvas.print_png(file, metadata={"Software": None})
    return file.getvalue()


def _draw_candles(prices: Any, volumes: Any, candles: AdjustedSeries) -> None:
    places = np.arange(len(candles.sessions))
    colors = np.where(candles.close >= candles.open, UP, DOWN)
    prices.vlines(places, candles.low, candles.high, colors=colors, linewidth=1)
    bottom = np.minimum(candles.open, candles.close)
    height = np.abs(candles.close - candles.open)
    prices.bar(places, height, BODY, bottom, color=colors, edgecolor=colors, linewidth=1)
    prices.set_xlim(-1, len(places))
    volumes.bar(places, candles.volume, BODY, color=colors)


def _set_range(prices: Any, candles: AdjustedSeries, lines: Sequence[Line]) -> None:
    """Show the prices of all bars and lines with a margin of 5 %."""
    low = float(min(values.min() for values in (candles.low, *(line.values for line in lines))))
    high = float(max(values.max() for values in (candles.high, *(line.values for line in lines))))
    margin = 0.05 * ((high - low) or abs(high) or 1.0)
    prices.set_ylim(low - margin, high + margin)


def _draw_overlays(prices: Any, lines: Sequence[Line], marks: Sequence[FillMark]) -> None:
    for line in lines:
        prices.plot(np.arange(line.start, line.start + len(line.values)), line.values, color=PLAIN, linewidth=1.2)
    for mark in marks:
        shape, color = ("^", UP) if mark.bought else ("v", DOWN)
        prices.plot([mark.place], [mark.price], shape, color=color, markersize=12, markeredgecolor="black")


def _label(prices: Any, volumes: Any, sessions: Sequence[date]) -> None:
    import matplotlib as mpl  # noqa: PLC0415 -- an optional extra
    from matplotlib.font_manager import FontProperties  # noqa: PLC0415 -- as above

    font = FontProperties(fname=str(Path(mpl.get_data_path()) / "fonts" / "ttf" / FONT), size=9)
    places = range(0, len(sessions), LABEL_EVERY)
    volumes.set_xticks(list(places), [sessions[place].isoformat() for place in places])
    prices.grid(visible=True, color="#dddddd", linewidth=0.5)
    prices.set_axisbelow(True)
    volumes.set_ylabel("volume", fontproperties=font)
    prices.tick_params(axis="x", labelbottom=False)
    volumes.yaxis.get_offset_text().set_fontproperties(font)
    for axis in (prices.yaxis, volumes.xaxis, volumes.yaxis):
        for label in axis.get_ticklabels():
            label.set_fontproperties(font)


@cache
def _drawing_lock() -> Lock:
    return Lock()
