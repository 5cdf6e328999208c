"""Price evidence: last close, returns, volume and unusual moves."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ...domain.evidence import Evidence, EvidenceKind
from ...domain.ids import Symbol
from ...market.adjustment import AdjustedSeries
from ...market.price_history import PriceHistory, load_price_history
from ...market.view import MarketView
from .. import indicators
from ..numbers import plain_decimal
from .builder import EvidenceBuilder, SourceTable


@dataclass(frozen=True, slots=True)
class Indicator:
    """One figure of an adjusted series: evidence id, format string for the value, and formula."""

    name: str
    wording: str
    compute: Callable[[AdjustedSeries], float | None]


FIGURES = (
    Indicator("px.ret5", "total return over 5 sessions {:+.2%}", lambda s: indicators.total_return(s.close, 5)),
    Indicator("px.ret21", "total return over 21 sessions {:+.2%}", lambda s: indicators.total_return(s.close, 21)),
    Indicator("px.ret63", "total return over 63 sessions {:+.2%}", lambda s: indicators.total_return(s.close, 63)),
    Indicator("px.ret252", "total return over 252 sessions {:+.2%}", lambda s: indicators.total_return(s.close, 252)),
    Indicator("px.gap", "last open against the close before it {:+.2%}", lambda s: indicators.gap(s.open, s.close)),
    Indicator(
        "px.from_high252",
        "close against the highest high of 252 sessions {:+.2%}",
        lambda s: indicators.drawdown_from_high(s.close, s.high, 252),
    ),
    Indicator(
        "px.volume_ratio",
        "last volume {:.2f} times the mean of the 20 sessions before",
        lambda s: indicators.volume_ratio(s.volume),
    ),
    Indicator(
        "px.shock",
        "largest 1-session move of the last 5 sessions {:+.1f} daily sigmas",
        lambda s: indicators.largest_move(s.close),
    ),
)


def price_evidence(view: MarketView, symbol: Symbol) -> tuple[Evidence, ...]:
    """Return the px.* evidence of `symbol`; raises NoData if its bars are missing or stale."""
    history = load_price_history(view, symbol)
    builder = EvidenceBuilder(view, EvidenceKind.PRICE, SourceTable.PRICES).for_table(history)
    last = history.last
    close = builder.text(
        "px.close",
        last.known_at,
        f"raw close {plain_decimal(last.close)} a share in the session {last.session}",
        plain_decimal(last.close),
    )
    return (close, *compute_figures(builder, history, FIGURES))


def bars_table(view: MarketView, symbol: Symbol, count: int) -> Evidence:
    """Return up to the last `count` raw bars as one line of text; raises NoData if they are missing or stale."""
    bars = view.current_bars(symbol, count=count)
    rows = (
        " ".join(map(str, (bar.session, *map(plain_decimal, (bar.open, bar.high, bar.low, bar.close, bar.volume)))))
        for bar in bars
    )
    text = f"raw daily bars as traded, oldest first (date open high low close volume): {'; '.join(rows)}"
    known_at = max(bar.known_at for bar in bars)
    return (
        EvidenceBuilder(view, EvidenceKind.PRICE, SourceTable.PRICES)
        .for_table(*bars)
        .text(f"px.bars{count}", known_at, text)
    )


def compute_figures(
    builder: EvidenceBuilder, history: PriceHistory, figures: Sequence[Indicator]
) -> tuple[Evidence, ...]:
    """Return the evidence for those `figures` for which `history` is long enough."""
    return tuple(
        fact
        for figure in figures
        for fact in builder.number(figure.name, history.known_at, figure.wording, figure.compute(history.series))
    )
