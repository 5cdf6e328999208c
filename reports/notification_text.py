"""The text of a session's message for chat services: plain, bounded, without markup from data."""

from ..desk.records.session_notification import SessionNotification
from ..domain.text import strip_control

MAX_FINDINGS = 5
LONGEST_FINDING = 200
LONGEST_TEXT = 3_000


def notification_title(message: SessionNotification) -> str:
    """Return one line with account, session and status."""
    return _line(f"{message.account}, session {message.session}: {message.status.replace('_', ' ')}")


def notification_text(message: SessionNotification) -> str:
    """Return the message as lines of plain text, at most LONGEST_TEXT characters."""
    lines = [notification_title(message)]
    if message.equity is not None:
        change = "" if message.change is None else f" ({message.change:+,} {message.currency})"
        lines.append(f"Equity {message.equity:,} {message.currency}{change}")
    lines.append(f"Orders {message.orders}, fills {message.fills}")
    if message.waiting_approvals:
        lines.append(f"Orders waiting for approval: {message.waiting_approvals}")
    lines += [f"- {_line(each)}" for each in message.findings[:MAX_FINDINGS]]
    if (more := len(message.findings) - MAX_FINDINGS) > 0:
        lines.append(f"- and {more} more")
    if message.report is not None:
        lines.append(f"Report: {_line(message.report)}")
    return _cut("\n".join(lines), LONGEST_TEXT)


def slack_text(text: str) -> str:
    """Return `text` with the three characters escaped that Slack gives a meaning: &, < and >."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _line(text: str) -> str:
    return _cut(" ".join(strip_control(text).split()), LONGEST_FINDING)


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - 1]}…"
