"""The checks of `doctor` on schedulers: the age of each account's last heartbeat."""

from collections.abc import Iterator

from ...app.schedule_status import ScheduleStatus, schedule_status
from ...app.settings import Settings
from ...domain.errors import OpenOutcryError
from .doctor_checks import CheckOutcome, CheckResult

OLD_S = 600
"""Age in seconds from which a heartbeat counts as missing; a running scheduler has one every half minute."""


def scheduler_checks(settings: Settings) -> Iterator[CheckResult]:
    """Yield the state of the scheduler of every account in the settings."""
    for entry in settings.paper:
        try:
            yield _scheduler(entry.account, schedule_status(settings, entry.account))
        except OpenOutcryError as error:
            cause, _, remedy = str(error).partition("; ")
            yield CheckResult(f"scheduler {entry.account}", CheckOutcome.FAILED, cause, remedy or "see the message")


def _scheduler(account: str, found: ScheduleStatus) -> CheckResult:
    what, start = f"scheduler {account}", "start `openoutcry paper serve`"
    if found.heartbeat_age_s is None:
        return CheckResult(what, CheckOutcome.WARNING, "it never ran", start)
    fire = "none" if found.next_fire is None else f"{found.next_fire:%Y-%m-%d %H:%M} UTC"
    said = (
        f"{found.scheduler}, last heartbeat {found.heartbeat_age_s} s ago, next session {fire}, {found.missed} missed"
    )
    if found.error:
        return CheckResult(what, CheckOutcome.WARNING, f"{said}; last error: {found.error}", "see the error")
    fine = found.heartbeat_age_s <= OLD_S or found.scheduler == "stopped"
    return CheckResult(what, CheckOutcome.OK if fine else CheckOutcome.WARNING, said, "" if fine else start)
