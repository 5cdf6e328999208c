"""When a session is decided: the moment that decisions are made for, and the window in which they can be made."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from ..domain.trading_calendar import ALWAYS, TradingCalendar

BAR_DELAY = timedelta(minutes=30)
"""Time after a close until daily bars are expected to be complete."""
BEFORE_OPEN = timedelta(minutes=60)
DEADLINE = timedelta(minutes=10)
"""Time before the open at which orders for that open must have been submitted."""


class When(StrEnum):
    """When an account is decided for: after the close of a session, or before the open of the next one."""

    AFTER_CLOSE = "after-close"
    BEFORE_OPEN = "before-open"


@dataclass(frozen=True, slots=True)
class SessionTimes:
    """The times of the decisions that follow a completed session.

    Attributes:
        session: the completed session, which the account is settled up to.
        as_of: the moment that the decisions are made for.
        earliest: the first moment at which they can be made.
        deadline: the moment from which their orders could no longer reach their first bar.
    """

    session: date
    as_of: datetime
    earliest: datetime
    deadline: datetime


def session_times(sessions: TradingCalendar, session: date, when: When) -> SessionTimes:
    """Return the times of the decisions that follow `session`; raises ConfigError if it is not a session.

    Orders are meant for the next open. On a 24/7 calendar the next bar starts at the moment of the close, so that the
    first bar that starts after a decision is one session later.
    """
    close, target = sessions.close(session), first_open(sessions, session)
    deadline = target - DEADLINE
    if when is When.BEFORE_OPEN:
        as_of = target - BEFORE_OPEN
        return SessionTimes(session, as_of, as_of, deadline)
    return SessionTimes(session, close, close + BAR_DELAY, deadline)


def first_open(sessions: TradingCalendar, session: date) -> datetime:
    """Return the open of the first bar that orders of the decisions after `session` are eligible for."""
    following = sessions.next(session)
    return sessions.open(sessions.next(following) if sessions.name == ALWAYS else following)


def due_session(sessions: TradingCalendar, now: datetime, when: When) -> date:
    """Return the last session whose decisions could begin at or before `now`."""
    session = sessions.last_completed(now)
    return session if session_times(sessions, session, when).earliest <= now else sessions.previous(session)


def next_fire(sessions: TradingCalendar, now: datetime, when: When) -> datetime:
    """Return the first moment after `now` at which the decisions of a session can begin."""
    session = due_session(sessions, now, when)
    while (earliest := session_times(sessions, session, when).earliest) <= now:
        session = sessions.next(session)
    return earliest
