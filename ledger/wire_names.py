"""The names under which the journal stores events, their fields and the parts of their fields.

A stored name never changes: journals are chained by hashes over their text. A class may be renamed freely, since its
entry here keeps the stored name. A field that is renamed needs an entry in FIELD_NAMES.
"""

from collections.abc import Mapping
from dataclasses import fields
from functools import cache
from typing import Any

from . import events

EVENT_NAMES: Mapping[type[Any], str] = {
    events.AccountOpened: "AccountOpened",
    events.Listed: "Listed",
    events.Deposited: "Deposited",
    events.Accepted: "Accepted",
    events.Refused: "Refused",
    events.Replaced: "Replaced",
    events.Adjusted: "Adjusted",
    events.Activated: "Activated",
    events.Reduced: "Reduced",
    events.Triggered: "Triggered",
    events.Ratcheted: "Ratcheted",
    events.Canceled: "Canceled",
    events.Expired: "Expired",
    events.Filled: "Filled",
    events.BarClosed: "BarClosed",
    events.Settled: "Settled",
    events.DividendBooked: "DividendBooked",
    events.DividendPaid: "DividendPaid",
    events.SplitApplied: "SplitApplied",
    events.Delisted: "Delisted",
    events.Accrued: "Accrued",
    events.Charged: "Charged",
    events.MaintenanceCalled: "MaintenanceCalled",
    events.MaintenanceMet: "MaintenanceMet",
    events.Decided: "Decided",
    events.AccountHalted: "AccountHalted",
    events.AccountResumed: "AccountResumed",
}
"""The stored name of every event, under `type` in its row."""

FIELD_NAMES: Mapping[type[Any], Mapping[str, str]] = {}
"""The stored names of fields that are called otherwise in the code, by class and attribute."""


def event_name(event: object) -> str:
    """Return the stored name of an event; raises KeyError for what is none."""
    return EVENT_NAMES[type(event)]


@cache
def field_names(kind: Any) -> tuple[tuple[str, str], ...]:
    """Return the fields of a stored dataclass as pairs of attribute and stored name, in the order of declaration."""
    stored = FIELD_NAMES.get(kind, {})
    return tuple((field.name, stored.get(field.name, field.name)) for field in fields(kind))
