"""The names under which the journal stores events and fields.

A stored name never changes, because the hash chain covers it. A class may be renamed, since its entry in EVENT_NAMES
keeps the stored name. A renamed field needs an entry in FIELD_NAMES.
"""

from collections.abc import Mapping
from dataclasses import fields
from functools import cache
from typing import Any

from ..model import events, order_events, proposal_events

EVENT_NAMES: Mapping[type[Any], str] = {
    events.AccountOpened: "AccountOpened",
    events.InstrumentListed: "Listed",
    events.Deposited: "Deposited",
    order_events.OrderAccepted: "Accepted",
    order_events.OrderRefusal: "Refused",
    order_events.OrderReplaced: "Replaced",
    order_events.OrderAdjusted: "Adjusted",
    order_events.OrderActivated: "Activated",
    order_events.OrderReduced: "Reduced",
    order_events.StopTriggered: "Triggered",
    order_events.TrailingStopMoved: "Ratcheted",
    order_events.OrderCanceled: "Canceled",
    order_events.OrderExpired: "Expired",
    order_events.OrderFilled: "Filled",
    events.BarClosed: "BarClosed",
    events.CashSettled: "Settled",
    events.DividendBooked: "DividendBooked",
    events.DividendPaid: "DividendPaid",
    events.SplitApplied: "SplitApplied",
    events.Delisted: "Delisted",
    events.SymbolRenamed: "Renamed",
    events.SymbolQuarantined: "Quarantined",
    events.SymbolReleased: "Released",
    events.Accrued: "Accrued",
    events.AccrualCharged: "Charged",
    events.MarginCallIssued: "MaintenanceCalled",
    events.MarginCallMet: "MaintenanceMet",
    events.DecisionRecorded: "Decided",
    events.AccountHalted: "AccountHalted",
    events.AccountReducing: "AccountReducing",
    events.AccountResumed: "AccountResumed",
    proposal_events.OrderProposed: "OrderProposed",
    proposal_events.CancelProposed: "CancelProposed",
    proposal_events.OrderApproved: "OrderApproved",
    proposal_events.ProposalDenied: "ProposalDenied",
    proposal_events.ProposalLapsed: "ProposalLapsed",
}
"""The stored name of every event type, under the key `type`."""

FIELD_NAMES: Mapping[type[Any], Mapping[str, str]] = {}
"""The stored names of renamed fields, by class and attribute."""


def event_name(event: object) -> str:
    """Return the stored name of an event; raises KeyError for any other object."""
    return EVENT_NAMES[type(event)]


@cache
def field_names(kind: Any) -> tuple[tuple[str, str], ...]:
    """Return the fields of a stored dataclass as pairs of attribute and stored name, in declaration order."""
    stored = FIELD_NAMES.get(kind, {})
    return tuple((field.name, stored.get(field.name, field.name)) for field in fields(kind))
