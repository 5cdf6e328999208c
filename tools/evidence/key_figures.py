"""The figures of a quote page: market value, P/E, dividend and yield, highest and lowest price of 52 weeks."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal

from ...domain.evidence import Evidence, EvidenceKind
from ...domain.ids import EvidenceId, Symbol
from ...domain.market import Dividend
from ...market.adjustment import adjust_bars
from ...market.price_history import PriceHistory, load_price_history
from ...market.view import MarketView
from ..fundamentals.statements import read_statements
from ..numbers import format_amount, plain_decimal, round_significant
from .builder import EvidenceBuilder, SourceTable
from .company import profile_evidence
from .ratios import ratio_evidence
from .statements import estimate_suffix

WEEKS_52 = timedelta(weeks=52)
TOLERANCE = timedelta(days=7)
"""How much later than 52 weeks ago the first bar may be."""
YEAR, QUARTER = timedelta(days=365), timedelta(days=100)
"""Look-back of the dividend yield, and of the quarterly dividend: a quarter and some days of delay."""
FIGURES = {
    "fund.market_cap": "market value",
    "fund.pe_ttm": "price to earnings of 12 months",
    "fund.dividend_quarter": "quarterly dividend",
    "fund.dividend_yield": "dividend yield of 12 months",
    "px.high_52w": "highest price of 52 weeks",
    "px.low_52w": "lowest price of 52 weeks",
}


def key_figures(view: MarketView, symbol: Symbol) -> tuple[Evidence, ...]:
    """Return the figures that can be derived, and fund.not_available with the names of the others.

    The market value is the raw close times the diluted shares of the latest statement; without a statement it is that
    of the profile. Dividends are on the split basis of the last session. The prices of 52 weeks are adjusted for splits
    only, and are absent if the history is shorter. Raises NoData without current bars.
    """
    history = load_price_history(view, symbol)
    found = (*_company(view, symbol, history), *_dividends(view, symbol, history), *_range(view, symbol, history))
    known = {item.id for item in found}
    absent = [words for name, words in FIGURES.items() if name not in known]
    if not absent:
        return found
    builder = EvidenceBuilder(view, EvidenceKind.RATIO, SourceTable.FUNDAMENTALS)
    return (
        *found,
        builder.text("fund.not_available", history.last.known_at, f"not available: {', '.join(absent)}"),
    )


def _company(view: MarketView, symbol: Symbol, history: PriceHistory) -> Iterator[Evidence]:
    statements, name = read_statements(view, symbol), "fund.market_cap"
    shares = statements.latest_shares() if statements else None
    if statements is not None and shares is not None:
        value, known_at = history.last.close * shares.value, max(history.last.known_at, shares.known_at)
        builder = EvidenceBuilder(view, EvidenceKind.RATIO, SourceTable.FUNDAMENTALS).for_table(statements)
        text = f"market value {format_amount(value)}{estimate_suffix(shares.estimated)}"
        yield builder.text(name, known_at, text, round_significant(value))
    else:
        for item in profile_evidence(view, symbol):
            if item.id == "prof.market_cap":
                yield replace(item, id=EvidenceId(name))
    yield from (item for item in ratio_evidence(view, symbol) if item.id == "fund.pe_ttm")


@dataclass(frozen=True, slots=True)
class _Paid:
    """A dividend per share on the split basis of the last session, in quote currency."""

    ex_date: date
    amount: Decimal


def _dividends(view: MarketView, symbol: Symbol, history: PriceHistory) -> Iterator[Evidence]:
    last = history.last
    recent = [each for each in view.dividends(symbol) if last.session - YEAR < each.ex_date <= last.session]
    if not recent:
        return
    builder = EvidenceBuilder(view, EvidenceKind.RATIO, SourceTable.DIVIDENDS).for_table(*recent)
    known_at = max(history.known_at, *(each.known_at for each in recent))
    paid = _paid(view, symbol, recent, last.session)
    newest = paid[-1].ex_date
    if newest > last.session - QUARTER:
        amount = sum((each.amount for each in paid if each.ex_date == newest), Decimal(0))
        text = f"quarterly dividend {plain_decimal(amount)} a share, ex-date {newest}"
        yield builder.text("fund.dividend_quarter", known_at, text, round_significant(amount))
    rate = sum((each.amount for each in paid), Decimal(0)) / last.close
    yield from builder.number("fund.dividend_yield", known_at, "dividend yield of 12 months {:.2%}", rate)


def _paid(view: MarketView, symbol: Symbol, dividends: Sequence[Dividend], last: date) -> list[_Paid]:
    splits, paid = view.splits(symbol), list[_Paid]()
    for each in sorted(dividends, key=lambda dividend: dividend.ex_date):
        amount = each.amount
        for split in splits:
            if each.ex_date < split.ex_date <= last:
                amount /= split.ratio
        paid.append(_Paid(each.ex_date, amount))
    return paid


def _range(view: MarketView, symbol: Symbol, history: PriceHistory) -> Iterator[Evidence]:
    start = history.last.session - WEEKS_52
    if history.bars[0].session > start + TOLERANCE:
        return
    series = adjust_bars(history.bars, view.splits(symbol), ())
    first = next(place for place, session in enumerate(series.sessions) if session > start)
    builder = EvidenceBuilder(view, EvidenceKind.PRICE, SourceTable.PRICES).for_table(history)
    top, low = float(series.high[first:].max()), float(series.low[first:].min())
    yield from builder.number("px.high_52w", history.known_at, "highest price of 52 weeks {}", top)
    yield from builder.number("px.low_52w", history.known_at, "lowest price of 52 weeks {}", low)
