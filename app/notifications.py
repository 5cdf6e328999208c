"""Notifications about sessions: they are stored in the outbox first and sent afterwards, at least once per channel."""

import json
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime
from threading import Thread

from ..desk.records.notification_store import (
    FILE_NAME,
    DeliveryState,
    NotificationStore,
    QueuedNotification,
)
from ..desk.records.session_notification import SessionNotification, read_notification
from ..domain.errors import OpenOutcryError
from ..reports.notification_text import notification_text, notification_title, slack_text
from .notifications_section import ChannelKind, ChannelSettings, NotificationSettings, WebhookFormat
from .settings import Settings, home
from .webhook import send_webhook

LEASE_MARGIN_S = 30.0
"""Seconds by which a lease is longer than the timeout of its channel."""


@dataclass(frozen=True, slots=True)
class DeliveryReport:
    """The result of sending what is due: numbers of messages, and a sentence for each failure."""

    delivered: int = 0
    failed: int = 0
    given_up: int = 0
    notices: tuple[str, ...] = field(default=())


class Notifier:
    """Sends the messages of the outbox to the configured channels."""

    def __init__(
        self, store: NotificationStore, settings: NotificationSettings, *, monotonic: Callable[[], float] | None = None
    ) -> None:
        """`monotonic` returns seconds for time limits; by default it is the system's."""
        self._store, self._settings = store, settings
        self._channels = {each.name: each for each in settings.channels}
        self._monotonic = monotonic or time.monotonic

    def enqueue(self, message: SessionNotification) -> int:
        """Store a message for every channel and return the number of channels that did not have it yet.

        Call it before the session counts as done: it may be called again after an interruption. Raises ConfigError or
        StoreLocked if the outbox cannot be written.
        """
        body = message.to_json()
        return sum(
            self._store.enqueue(message.event_id, message.account, message.session, name, body)
            for name in self._channels
        )

    def deliver_due(self, now: datetime) -> DeliveryReport:
        """Send the messages that are due, per channel in the order of sessions, and return the result.

        After a failure, the channel is not used again in this call. A message costs at most the timeout of its channel,
        and the call at most `budget_s` of the settings. Neither a failing channel nor an outbox that cannot be used
        raises an error; the report has a notice instead.
        """
        end, states, notices = self._monotonic() + self._settings.budget_s, list[DeliveryState](), list[str]()
        try:
            self._deliver_all(now, end, states, notices)
        except OpenOutcryError as error:
            notices.append(str(error))
        return DeliveryReport(
            states.count(DeliveryState.DELIVERED),
            states.count(DeliveryState.PENDING),
            states.count(DeliveryState.GIVEN_UP),
            tuple(notices),
        )

    def send_test(self, name: str, message: SessionNotification) -> str:
        """Send a message to a channel at once, without the outbox; return the error, empty if it was received.

        A success removes the findings of the channel.
        """
        channel = self._channels[name]
        error = send_within(channel, message, message.to_json(), channel.timeout_s)
        if not error:
            self._store.clear_findings(name)
        return error

    def unknown_channels(self) -> Sequence[str]:
        """Return the channels that have pending messages and are not in the settings, sorted."""
        return sorted({each.channel for each in self._store.pending()} - set(self._channels))

    def _deliver_all(self, now: datetime, end: float, states: list[DeliveryState], notices: list[str]) -> None:
        open_channels = dict(self._channels)
        longest = max((each.timeout_s for each in open_channels.values()), default=0.0) + LEASE_MARGIN_S
        while open_channels and (left := end - self._monotonic()) > 0:
            claimed = self._store.claim(now, longest, 1, channels=tuple(open_channels))
            if not claimed:
                return
            error = _send(open_channels[claimed[0].channel], claimed[0], left)
            state = self._settle(claimed[0], now, error)
            if error:
                del open_channels[claimed[0].channel]
                notices.append(_notice(claimed[0], state, error))
            states.append(state)

    def _settle(self, queued: QueuedNotification, now: datetime, error: str) -> DeliveryState:
        if error:
            return self._store.failed(queued.id, now, error)
        self._store.delivered(queued.id)
        return DeliveryState.DELIVERED


def open_notification_store(settings: Settings) -> NotificationStore:
    """Open the outbox in the home folder."""
    return NotificationStore(home(settings) / FILE_NAME, max_attempts=settings.notifications.attempts)


def notify_session(settings: Settings, message: SessionNotification) -> None:
    """Store the message of a session in the outbox; nothing is sent. Without a channel, nothing is stored.

    Raises ConfigError or StoreLocked if the outbox cannot be written.
    """
    if settings.notifications.channels:
        with closing(open_notification_store(settings)) as store:
            Notifier(store, settings.notifications).enqueue(message)


def deliver_notifications(settings: Settings, now: datetime) -> DeliveryReport:
    """Send what is due; see `Notifier.deliver_due`. It raises no error of a channel or of the outbox."""
    if not settings.notifications.channels:
        return DeliveryReport()
    try:
        with closing(open_notification_store(settings)) as store:
            return Notifier(store, settings.notifications).deliver_due(now)
    except OpenOutcryError as error:
        return DeliveryReport(notices=(str(error),))


def send_within(channel: ChannelSettings, message: SessionNotification, body: str, timeout_s: float) -> str:
    """Send a message and return the error, empty if it was received; returns after `timeout_s` seconds at the latest.

    The sender is a thread: neither name resolution nor the package apprise has a time limit of its own.
    """
    result = [f"no reply within {timeout_s:g} s"]
    sender = Thread(target=_send_once, args=(channel, message, body, timeout_s, result), daemon=True)
    sender.start()
    sender.join(timeout_s)
    return result[-1]


def _send(channel: ChannelSettings, queued: QueuedNotification, left_s: float) -> str:
    try:
        message = read_notification(queued.body)
    except ValueError:
        return "the stored message cannot be read"
    return send_within(channel, message, queued.body, min(channel.timeout_s, left_s))


def _send_once(
    channel: ChannelSettings, message: SessionNotification, body: str, timeout_s: float, result: list[str]
) -> None:
    """Append the error of one attempt to `result`; an unexpected one by its kind only, since it may hold the URL."""
    try:
        _deliver(channel, message, body, timeout_s)
        result.append("")
    except OpenOutcryError as error:
        result.append(str(error))
    except Exception as error:  # noqa: BLE001 -- a channel must never end the session that it reports
        result.append(f"failed with {type(error).__name__}")


def _deliver(channel: ChannelSettings, message: SessionNotification, body: str, timeout_s: float) -> None:
    address = channel.address()
    if channel.kind is ChannelKind.APPRISE:
        from .apprise_channel import send_apprise

        send_apprise(address, notification_title(message), notification_text(message))
        return
    if channel.format is WebhookFormat.SLACK:
        body = json.dumps({"text": slack_text(notification_text(message)), "mrkdwn": False}, ensure_ascii=False)
    send_webhook(address, body.encode(), timeout_s=timeout_s, allow_http=channel.allow_http)


def _notice(queued: QueuedNotification, state: DeliveryState, error: str) -> str:
    what = f"notification {queued.event_id} to channel {queued.channel}"
    after = "given up" if state is DeliveryState.GIVEN_UP else "it will be sent again"
    return f"{what} failed: {error}; {after} (attempt {queued.attempts})"
