"""Evidence of corporate actions: splits and dividends."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from decimal import Decimal

from ...domain.evidence import Evidence, EvidenceKind
from ...domain.ids import Symbol
from ...market.view import MarketView
from ..numbers import plain_decimal
from .builder import EvidenceBuilder, SourceTable

LOOK_BACK = 63
"""Look-back in sessions."""


def action_evidence(view: MarketView, symbol: Symbol) -> tuple[Evidence, ...]:
    """Return the splits and dividends of the last 63 sessions, oldest first; may be empty."""
    first = _first_session(view, symbol)
    splits = EvidenceBuilder(view, EvidenceKind.CORPORATE_ACTION, SourceTable.SPLITS)
    dividends = EvidenceBuilder(view, EvidenceKind.CORPORATE_ACTION, SourceTable.DIVIDENDS)
    found = [
        (
            split.ex_date,
            splits.for_table(split).text(
                f"act.split.{split.ex_date}",
                split.known_at,
                f"{plain_decimal(split.ratio)} new shares for one old share from {split.ex_date} on",
                plain_decimal(split.ratio),
            ),
        )
        for split in view.splits(symbol)
        if split.ex_date >= first
    ]
    recent = [each for each in view.dividends(symbol) if each.ex_date >= first]
    dividends = dividends.for_table(*recent)
    for ex_date, (amount, known_at) in _summed((each.ex_date, each.amount, each.known_at) for each in recent).items():
        text = f"dividend of {plain_decimal(amount)} a share, ex-date {ex_date}"
        found.append((ex_date, dividends.text(f"act.dividend.{ex_date}", known_at, text, plain_decimal(amount))))
    return tuple(fact for _, fact in sorted(found, key=lambda pair: (pair[0], pair[1].id)))


def _first_session(view: MarketView, symbol: Symbol) -> date:
    last = view.session(symbol)
    return view.calendar(symbol).between(last - timedelta(days=2 * LOOK_BACK), last)[-LOOK_BACK:][0]


def _summed(paid: Iterable[tuple[date, Decimal, datetime]]) -> dict[date, tuple[Decimal, datetime]]:
    """Return the total amount and the latest `known_at` by ex-date; dividends with the same ex-date are added."""
    days: defaultdict[date, list[tuple[Decimal, datetime]]] = defaultdict(list)
    for ex_date, amount, known_at in paid:
        days[ex_date].append((amount, known_at))
    return {
        day: (sum((amount for amount, _ in parts), Decimal(0)), max(known_at for _, known_at in parts))
        for day, parts in days.items()
    }
