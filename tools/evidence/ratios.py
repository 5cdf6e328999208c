"""Ratio evidence: valuation, growth, quality and reaction to the latest statement."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from ...domain.errors import NoData
from ...domain.evidence import Evidence, EvidenceKind
from ...domain.ids import Symbol
from ...market.metrics import Metric
from ...market.price_history import PriceHistory, load_price_history
from ...market.view import MarketView
from ..fundamentals.statements import Amount, StatementHistory, read_statements
from .builder import EvidenceBuilder, SourceTable
from .statements import estimate_suffix

Entry = tuple[str, str, Amount | None]
"""Evidence id, format string for the value, and the amount if available."""


def ratio_evidence(view: MarketView, symbol: Symbol) -> tuple[Evidence, ...]:
    """Return the fund.* ratios that can be derived; empty without statements. Price ratios need current bars."""
    if (history := read_statements(view, symbol)) is None:
        return ()
    books = _Fundamentals(view, symbol, history, _tape(view, symbol))
    builder = EvidenceBuilder(view, EvidenceKind.RATIO, SourceTable.FUNDAMENTALS).for_table(history)
    entries = (*books.valuation(), *books.growth(), *books.quality(), *books.news())
    return tuple(
        fact
        for name, wording, amount in entries
        if amount
        for fact in builder.number(name, amount.known_at, wording + estimate_suffix(amount.estimated), amount.value)
    )


def _tape(view: MarketView, symbol: Symbol) -> PriceHistory | None:
    try:
        return load_price_history(view, symbol)
    except NoData:
        return None


@dataclass(frozen=True, slots=True)
class _Fundamentals:
    """Statements of one filer with its price history."""

    view: MarketView
    symbol: Symbol
    history: StatementHistory
    tape: PriceHistory | None

    def valuation(self) -> Iterator[Entry]:
        """Yield valuation ratios; market value is the raw close times the latest diluted share count."""
        history, end = self.history, self.history.ends[-1]
        eps, value = history.trailing_year(Metric.EPS), self._market_value()
        yield "fund.pe_ttm", "price to earnings of 12 months {:.1f}", _ratio(self._close(), _positive(eps))
        sales, equity = history.trailing_year(Metric.REVENUE), history.balance(Metric.EQUITY, end)
        yield "fund.ps_ttm", "price to sales of 12 months {:.2f}", _ratio(value, _positive(sales))
        yield "fund.pb", "price to book {:.2f}", _ratio(value, _positive(equity))
        yield "fund.earnings_yield", "earnings yield of 12 months {:+.2%}", _ratio(eps, self._close())

    def growth(self) -> Iterator[Entry]:
        """Yield the latest quarter against the same quarter a year before; None if the latter was not positive."""
        wording = "{} of the quarter to {} against a year before {{:+.1%}}"
        end = self.history.ends[-1]
        for name, metric, words in (
            ("fund.revenue_yoy", Metric.REVENUE, "revenue"),
            ("fund.eps_yoy", Metric.EPS, "diluted EPS"),
        ):
            pair = self.history.year_ago(metric, end)
            yield name, wording.format(words, end), _change(pair)
        yield "fund.sue", "earnings surprise to the seasonal random walk {:+.2f} sigmas", self.history.surprise()

    def quality(self) -> Iterator[Entry]:
        """Yield margins of the last twelve months, return on equity and debt to equity of the latest statement."""
        history, end = self.history, self.history.ends[-1]
        sales = _positive(history.trailing_year(Metric.REVENUE))
        income, gross = history.trailing_year(Metric.NET_INCOME), history.trailing_year(Metric.GROSS_PROFIT)
        equity = _positive(history.balance(Metric.EQUITY, end))
        yield "fund.net_margin", "net margin of 12 months {:+.1%}", _ratio(income, sales)
        yield "fund.gross_margin", "gross margin of 12 months {:+.1%}", _ratio(gross, sales)
        yield "fund.roe", "net income of 12 months to equity {:+.1%}", _ratio(income, equity)
        yield "fund.debt_to_equity", "debt to equity {:.2f}", _ratio(history.balance(Metric.DEBT, end), equity)

    def news(self) -> Iterator[Entry]:
        """Yield the sessions since the latest statement became known, and the return of the first one.

        The return is omitted if the filing date is assumed, because it could be that of another session.
        """
        end = self.history.ends[-1]
        known = self.history.first_known(end)
        estimated = any(statement.estimated for statement in self.history.at(end))
        calendar, today = self.view.calendar(self.symbol), self.view.session(self.symbol)
        before = calendar.last_completed(known)
        age = Decimal(len(calendar.between(calendar.next(before), today)))
        yield "fund.days_since_filing", "latest statement known for {:.0f} sessions", Amount(age, known, estimated)
        if not estimated:
            wording = "return over the first session after the latest statement became known {:+.2%}"
            yield "fund.reaction", wording, self._return(before, calendar.next(before))

    def _close(self) -> Amount | None:
        return Amount(self.tape.last.close, self.tape.last.known_at, estimated=False) if self.tape else None

    def _market_value(self) -> Amount | None:
        close, shares = self._close(), self.history.latest_shares()
        return close.times(shares) if close and shares else None

    def _return(self, before: date, after: date) -> Amount | None:
        """Return the total return from the close of `before` to the close of `after`; None if either has no bar."""
        if not self.tape or not {before, after} <= set(sessions := self.tape.series.sessions):
            return None
        close = self.tape.series.close
        change = float(close[sessions.index(after)] / close[sessions.index(before)] - 1)
        return Amount(Decimal(repr(change)), self.tape.known_at, estimated=False)


def _positive(amount: Amount | None) -> Amount | None:
    return amount if amount and amount.value > 0 else None


def _ratio(above: Amount | None, below: Amount | None) -> Amount | None:
    return above.over(below) if above and below and below.value else None


def _change(pair: tuple[Amount, Amount] | None) -> Amount | None:
    if pair is None or pair[1].value <= 0:
        return None
    now, then = pair
    return (now - then).over(then)
