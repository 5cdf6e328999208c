"""What is known of the sessions and the scheduler of an account."""

from contextlib import closing
from dataclasses import dataclass
from datetime import datetime

from ..desk.records.session_status import SessionStatus
from .clock import now
from .factories import open_sessions
from .settings import Settings


@dataclass(frozen=True, slots=True)
class ScheduleStatus:
    """The sessions and the scheduler of an account.

    Attributes:
        last_session, last_status, last_note: of the newest session; empty if there was none.
        done, missed, late, failed: numbers of sessions.
        scheduler: state of the last heartbeat; empty without a scheduler.
        heartbeat, heartbeat_age_s: time of the last heartbeat, and its age in seconds.
        next_fire: when the scheduler begins the next session.
        error: the last error of the scheduler.
    """

    last_session: str = ""
    last_status: str = ""
    last_note: str = ""
    done: int = 0
    missed: int = 0
    late: int = 0
    failed: int = 0
    scheduler: str = ""
    heartbeat: datetime | None = None
    heartbeat_age_s: int | None = None
    next_fire: datetime | None = None
    error: str = ""


def schedule_status(settings: Settings, account: str) -> ScheduleStatus:
    """Return the status of an account's sessions; without a session store, nothing is created."""
    if not (settings.home / "sessions.db").exists():
        return ScheduleStatus()
    with closing(open_sessions(settings)) as store:
        newest, counts, beat = store.rows(account, limit=1), store.counts(account), store.heartbeat(account)
    return ScheduleStatus(
        last_session=str(newest[0].session) if newest else "",
        last_status=newest[0].status if newest else "",
        last_note=newest[0].note if newest else "",
        done=counts.get(SessionStatus.DONE, 0),
        missed=counts.get(SessionStatus.MISSED, 0),
        late=counts.get(SessionStatus.LATE, 0),
        failed=counts.get(SessionStatus.FAILED, 0),
        scheduler=beat.state if beat else "",
        heartbeat=beat.at if beat else None,
        heartbeat_age_s=round((now() - beat.at).total_seconds()) if beat else None,
        next_fire=beat.next_fire if beat else None,
        error=beat.error if beat else "",
    )
