"""Statement evidence: the latest statement and trailing twelve-month sums."""

from datetime import date

from ...domain.evidence import Evidence, EvidenceKind
from ...domain.ids import Symbol
from ...domain.market import Timeframe
from ...market.metrics import Metric
from ...market.view import MarketView
from ..fundamentals.statements import Amount, StatementHistory, read_statements
from ..numbers import format_amount, round_significant
from .builder import EvidenceBuilder, SourceTable

STALE_DAYS = 200

TRAILING = (
    ("fund.revenue_ttm", Metric.REVENUE, "revenue"),
    ("fund.net_income_ttm", Metric.NET_INCOME, "net income"),
    ("fund.eps_ttm", Metric.EPS, "diluted earnings per share"),
    ("fund.cfo_ttm", Metric.CFO, "operating cash flow"),
)
BALANCE = (("fund.equity", Metric.EQUITY, "shareholders' equity"), ("fund.debt", Metric.DEBT, "debt"))


def statement_evidence(view: MarketView, symbol: Symbol) -> tuple[Evidence, ...]:
    """Return fund.period and the amounts that can be derived; empty without filings."""
    if (history := read_statements(view, symbol)) is None:
        return ()
    builder, end = (
        EvidenceBuilder(view, EvidenceKind.STATEMENT, SourceTable.FUNDAMENTALS).for_table(history),
        history.ends[-1],
    )
    trailing = (
        (name, f"{words}, 12 months to {end}", history.trailing_year(metric)) for name, metric, words in TRAILING
    )
    balance = ((name, f"{words} on {end}", history.balance(metric, end)) for name, metric, words in BALANCE)
    return (
        _period(builder, history),
        *(_sum(builder, name, words, amount) for name, words, amount in (*trailing, *balance) if amount),
    )


def estimate_suffix(estimated: bool) -> str:
    """Return the suffix for figures with an assumed filing date."""
    return " (filing date assumed)" if estimated else ""


def _sum(builder: EvidenceBuilder, name: str, words: str, amount: Amount) -> Evidence:
    value = round_significant(amount.value)
    text = f"{words}: {format_amount(value)} in reporting currency{estimate_suffix(amount.estimated)}"
    return builder.text(name, amount.known_at, text, value)


def _period(builder: EvidenceBuilder, history: StatementHistory) -> Evidence:
    end = history.ends[-1]
    newest = history.at(end)[-1]
    span = "year" if newest.timeframe is Timeframe.ANNUAL else "quarter"
    known = history.first_known(end)
    text = f"latest statement: {span} to {end}, known {known:%Y-%m-%d %H:%M} UTC{estimate_suffix(newest.estimated)}"
    known_at = max(statement.known_at for statement in history.at(end))
    return builder.text("fund.period", known_at, text + _age(builder.view.as_of.date(), end))


def _age(today: date, end: date) -> str:
    days = (today - end).days
    return f"; stale: {days} days old" if days > STALE_DAYS else ""
