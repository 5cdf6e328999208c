"""The checks of `doctor` on notifications: messages that were given up or wait, and a test message with --notify."""

from collections.abc import Iterator
from contextlib import closing

from ...app.clock import now
from ...app.notifications import Notifier, open_notification_store
from ...app.settings import Settings
from ...desk.records.notification_store import FILE_NAME, NotificationStore
from ...desk.records.session_notification import SessionNotification
from ...domain.errors import OpenOutcryError
from .doctor_checks import CheckOutcome, CheckResult

NOTIFICATIONS = "notifications"
NO_CHANNEL = "add a section [[notifications.channels]] to the settings"
TEST_MESSAGE = "This is a test message of `openoutcry doctor --notify`."


def notification_checks(settings: Settings) -> Iterator[CheckResult]:
    """Yield the state of the outbox, and each message that was given up."""
    if not settings.notifications.channels and not (settings.home / FILE_NAME).exists():
        yield CheckResult(NOTIFICATIONS, CheckOutcome.SKIPPED, "no channel is set", NO_CHANNEL)
        return
    try:
        with closing(open_notification_store(settings)) as store:
            yield from _outbox(settings, store)
    except OpenOutcryError as error:
        cause, _, remedy = str(error).partition("; ")
        yield CheckResult(NOTIFICATIONS, CheckOutcome.FAILED, cause, remedy or "see the message")


def channel_checks(settings: Settings) -> Iterator[CheckResult]:
    """Send a test message to every channel and yield the results."""
    names = [each.name for each in settings.notifications.channels]
    if not names:
        yield CheckResult(NOTIFICATIONS, CheckOutcome.SKIPPED, "no channel is set", NO_CHANNEL)
        return
    message = SessionNotification("test", now().date(), "test", findings=(TEST_MESSAGE,))
    with closing(open_notification_store(settings)) as store:
        sender = Notifier(store, settings.notifications)
        for name in names:
            error = sender.send_test(name, message)
            outcome = CheckOutcome.FAILED if error else CheckOutcome.OK
            said, remedy = error or "the test message was received", "correct the channel" if error else ""
            yield CheckResult(f"channel {name}", outcome, said, remedy)


def _outbox(settings: Settings, store: NotificationStore) -> Iterator[CheckResult]:
    waiting = store.pending()
    failing = [each for each in waiting if each.error]
    said = f"{len(settings.notifications.channels)} channel(s), {len(waiting)} message(s) wait"
    if failing:
        said += f"; last error of {failing[0].channel}: {failing[0].error}"
    outcome = CheckOutcome.WARNING if failing else CheckOutcome.OK
    remedy = "correct the channel, and run `openoutcry doctor --notify`"
    yield CheckResult(NOTIFICATIONS, outcome, said, remedy if failing else "")
    for name in Notifier(store, settings.notifications).unknown_channels():
        count = sum(each.channel == name for each in waiting)
        missing = f"{count} message(s) wait for a channel that is not in the settings"
        yield CheckResult(f"channel {name}", CheckOutcome.WARNING, missing, "add the channel again")
    for each in store.findings():
        lost = f"{each.event_id} was given up after {each.attempts} attempt(s): {each.error}"
        yield CheckResult(f"channel {each.channel}", CheckOutcome.WARNING, lost, remedy)
