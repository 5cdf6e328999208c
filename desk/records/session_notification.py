"""The message about one session of one account, as it is stored in the outbox and sent to programs."""

import json
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from pydantic import TypeAdapter

SCHEMA_NAME = "openoutcry.session-notification/1"


@dataclass(frozen=True, slots=True)
class SessionNotification:
    """What is reported about one session.

    Attributes:
        status: status of the session, such as `done`, `awaiting_approval`, `late`, `missed` or `failed`.
        currency: currency of `equity` and `change`.
        equity: equity after the session; None if it is unknown.
        change: change of equity since the session before; None if there is none.
        orders: number of orders that were submitted.
        fills: number of executions in the session.
        waiting_approvals: number of orders that wait for a person.
        findings: sentences about what was missing, late, limited or wrong.
        report: path of the session's report; None if none was written.
    """

    account: str
    session: date
    status: str
    currency: str = "USD"
    equity: Decimal | None = None
    change: Decimal | None = None
    orders: int = 0
    fills: int = 0
    waiting_approvals: int = 0
    findings: tuple[str, ...] = ()
    report: str | None = None

    @property
    def event_id(self) -> str:
        """Return the id of the event: the same account, session and status always have the same one."""
        return f"session/{self.account}/{self.session}/{self.status}"

    def to_json(self) -> str:
        """Return the message as a JSON object with schema and event id; amounts are strings of exact decimals."""
        body = {"schema": SCHEMA_NAME, "event_id": self.event_id, **_NOTIFICATION.dump_python(self, mode="json")}
        return json.dumps(body, ensure_ascii=False)


_NOTIFICATION: TypeAdapter[SessionNotification] = TypeAdapter(SessionNotification)


def read_notification(text: str) -> SessionNotification:
    """Return the message of a JSON text that `to_json` wrote; raises ValueError for any other text."""
    body = json.loads(text)
    given = {name: value for name, value in body.items() if name not in {"schema", "event_id"}}
    return _NOTIFICATION.validate_python(given)
