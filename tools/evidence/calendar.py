"""Calendar evidence: month end and next filing."""

from datetime import date, datetime, timedelta
from itertools import pairwise
from statistics import median

from ...domain.evidence import Evidence, EvidenceKind
from ...domain.ids import Symbol
from ...market.view import MarketView
from ..fundamentals.statements import StatementHistory, read_statements
from .builder import EvidenceBuilder, SourceTable
from .statements import estimate_suffix

FIFTY_TWO_WEEKS = timedelta(weeks=52)
SAME_SEASON = timedelta(days=45)
LONGEST_DELAY = timedelta(days=60)
"""A statement overdue for longer is no longer expected: the filer or the source has stopped."""


def calendar_evidence(view: MarketView, symbol: Symbol) -> tuple[Evidence, ...]:
    """Return the sessions left in the month, and those to the next statement if its date can be estimated."""
    builder = EvidenceBuilder(view, EvidenceKind.CALENDAR, SourceTable.CALENDAR)
    return (_month_end(builder, symbol), *_next_filing(builder, symbol))


def _month_end(builder: EvidenceBuilder, symbol: Symbol) -> Evidence:
    calendar, today = builder.view.calendar(symbol), builder.view.session(symbol)
    next_month = (today.replace(day=1) + timedelta(days=32)).replace(day=1)
    left = len(calendar.between(today, next_month - timedelta(days=1))) - 1
    (fact,) = builder.number("cal.month_end", calendar.close(today), "{:.0f} sessions left in the month", left)
    return fact


def _next_filing(builder: EvidenceBuilder, symbol: Symbol) -> tuple[Evidence, ...]:
    history = read_statements(builder.view, symbol)
    if history is None or (expected := expected_filing_date(history)) is None:
        return ()
    today = builder.view.session(symbol)
    if today - expected > LONGEST_DELAY:
        return ()
    calendar = builder.view.calendar(symbol)
    sessions = len(calendar.between(calendar.next(today), expected))
    statements = [statement for end in history.ends for statement in history.at(end)]
    mark = estimate_suffix(any(statement.estimated for statement in statements))
    wording = f"{{:.0f}} sessions to the next statement, expected about {expected} from the filer's rhythm{mark}"
    known_at = max(statement.known_at for statement in statements)
    return builder.number("cal.sessions_to_next_filing", known_at, wording, sessions)


def expected_filing_date(history: StatementHistory) -> date | None:
    """Return the expected date of the next statement, or None with fewer than three gaps between statements.

    It is 52 weeks after the statement of the same season a year before became known. Without one, it is the latest
    statement plus the median gap between statements.
    """
    known = [history.first_known(end) for end in history.ends]
    gap = _median_gap(known)
    if gap is None:
        return None
    by_gap = known[-1] + gap
    seasons = [timestamp + FIFTY_TWO_WEEKS for timestamp in known[:-1]]
    nearest = min(seasons, key=lambda moment: abs(moment - by_gap))
    return (nearest if abs(nearest - by_gap) <= SAME_SEASON else by_gap).date()


def _median_gap(known: list[datetime]) -> timedelta | None:
    recent = known[-9:]
    gaps = [(after - before).total_seconds() for before, after in pairwise(recent)]
    return timedelta(seconds=median(gaps)) if len(gaps) >= 3 else None
