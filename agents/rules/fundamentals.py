"""The fundamentals rule: earnings drift first, then growth, value and quality.

Drift: standardised unexpected earnings (Foster, Olsen & Shevlin 1984) move prices for about a quarter after they are
known (Bernard & Thomas 1989); the reading fades linearly to nothing over 60 sessions.
Value: earnings yield (Basu 1977). Quality: return on equity less leverage (Asness, Frazzini & Pedersen 2019).
Drift weighs most because it is earned within the desk's horizon of a month; growth, value and quality pay over years.
"""

from ...domain.abstention import Abstention
from ...domain.outputs import Report
from ..context import AgentContext
from .signals import (
    Signal,
    report_from,
    squash,
    values,
)

DRIFT_SESSIONS = 60.0
FAIR_EARNINGS_YIELD, FAIR_RETURN_ON_EQUITY, FAIR_GROWTH = 0.05, 0.12, 0.05


def fundamentals(context: AgentContext) -> Report | Abstention:
    """Return a report on statements and ratios."""
    return report_from("fundamentals", fundamentals_signals(context))


def fundamentals_signals(context: AgentContext) -> tuple[Signal, ...]:
    """Return the signals of earnings drift, growth, value and quality for which there is evidence."""
    return tuple(s for s in (_drift(context), _growth(context), _value(context), _quality(context)) if s)


def _drift(context: AgentContext) -> Signal | None:
    found = values(context, "fund.sue", "fund.days_since_filing")
    if found is None:
        return None
    surprise, age = found
    fresh = max(0.0, 1 - age / DRIFT_SESSIONS)
    text = f"Earnings surprise {surprise:+.1f} deviations, known for {age:.0f} sessions."
    return Signal(
        squash(surprise / 1.5) * fresh, 0.7, text, context.existing_ids(("fund.sue", "fund.days_since_filing"))
    )


def _growth(context: AgentContext) -> Signal | None:
    found = values(context, "fund.revenue_yoy")
    if found is None:
        return None
    text = f"Revenue {found[0]:+.1%} on the year."
    return Signal(squash((found[0] - FAIR_GROWTH) / 0.2), 0.1, text, context.existing_ids(("fund.revenue_yoy",)))


def _value(context: AgentContext) -> Signal | None:
    found = values(context, "fund.earnings_yield")
    if found is None:
        return None
    text = f"Earnings yield {found[0]:.1%}."
    return Signal(
        squash((found[0] - FAIR_EARNINGS_YIELD) / 0.05), 0.1, text, context.existing_ids(("fund.earnings_yield",))
    )


def _quality(context: AgentContext) -> Signal | None:
    found = values(context, "fund.roe", "fund.debt_to_equity")
    if found is None:
        return None
    profitability, leverage = found
    score = squash((profitability - FAIR_RETURN_ON_EQUITY) / 0.15 - max(0.0, leverage - 1) / 4)
    text = f"Return on equity {profitability:.0%}, debt {leverage:.1f} times equity."
    return Signal(score, 0.1, text, context.existing_ids(("fund.roe", "fund.debt_to_equity")))
