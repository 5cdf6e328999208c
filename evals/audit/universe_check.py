"""The check that the universe is what could have been chosen when the window began."""

from ...domain.market import Interval
from ...domain.trading_calendar import trading_calendar
from ...reports.experiment_view import CheckView
from ..checks import CheckVerdict, verdict_view
from ..experiment import IndexUniverse, ProtocolUniverse
from .subject import AuditSubject

UNIVERSE = "universe as of the start"
MOST_NAMED = 5


def universe_at_start(subject: AuditSubject) -> CheckView:
    """Warn of a list that leaves out names that ended in the window; fail for an index of a day after its begin."""
    plan = subject.plan
    universe, first = plan.file.experiment.universe, plan.sessions[0]
    if isinstance(universe, IndexUniverse) and universe.as_of > first:
        detail = f"The members are those of {universe.as_of}, after the first session {first}."
        return verdict_view(UNIVERSE, CheckVerdict.FAILED, detail)
    ended = _ended(subject)
    chosen = isinstance(universe, IndexUniverse | ProtocolUniverse)
    if ended and not chosen:
        named = ", ".join(ended[:MOST_NAMED]) + (f" and {len(ended) - MOST_NAMED} more" if ended[MOST_NAMED:] else "")
        detail = f"The list leaves out names of the market that traded at the start and ended in the window: {named}."
        return verdict_view(UNIVERSE, CheckVerdict.WARNING, detail)
    detail = f"All {len(plan.symbols)} names traded on {first}; no other name of the market ended in the window."
    return verdict_view(UNIVERSE, CheckVerdict.PASSED, detail if not ended else f"All names traded on {first}.")


def _ended(subject: AuditSubject) -> list[str]:
    """Return the names of the market, outside the universe, with a bar on the first session and none on the last."""
    market, sessions, found = subject.market(subject.arms[0]), subject.plan.sessions, list[str]()
    for symbol in market.symbols():
        if symbol in subject.plan.symbols:
            continue
        calendar = trading_calendar(market.calendar_name(symbol))
        bars = market.bars(symbol, Interval.DAY, until=calendar.close(sessions[-1]), count=len(sessions))
        days = {bar.session for bar in bars}
        if sessions[0] in days and sessions[-1] not in days:
            found.append(str(symbol))
    return found
