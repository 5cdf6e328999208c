"""Stored names do not depend on Python names: a renamed class writes and reads the same bytes."""

from typing import get_args

from openoutcry.ledger.book.codec import _writer, read_event, write_event
from openoutcry.ledger.book.wire_names import EVENT_NAMES, field_names
from openoutcry.ledger.model.events import Deposited, Event

STORED = {
    "AccountHalted": ["reason"],
    "AccountOpened": ["account", "currency", "rules"],
    "AccountReducing": ["reason"],
    "AccountResumed": ["reason"],
    "Accepted": ["terms", "first_bar", "reserved", "held", "stop"],
    "Accrued": ["kind", "symbol", "session", "micro", "amount"],
    "Activated": ["order_id", "quantity", "first_bar", "reserved"],
    "Adjusted": ["order_id", "quantity", "filled", "limit", "stop", "trail"],
    "BarClosed": ["bar", "start", "session", "last", "marks"],
    "CancelProposed": [
        *("proposal_id", "orders", "symbol", "action", "run_id", "reference", "band_bps", "session", "expires"),
    ],
    "Canceled": ["order_id", "reason"],
    "Charged": ["kind", "symbol", "session", "amount", "residue"],
    "Decided": ["run_id", "symbol", "outcome"],
    "Delisted": ["symbol", "day", "price", "value", "unknown"],
    "Deposited": ["reference", "amount"],
    "DividendBooked": ["symbol", "ex_date", "pay_date", "quantity", "amount", "payment"],
    "DividendPaid": ["symbol", "ex_date", "session", "payment"],
    "Expired": ["order_id"],
    "Filled": [
        *("fill_id", "order_id", "bar", "session", "quantity", "price", "reference", "model", "value", "commission"),
        *("settles", "ambiguous", "low", "high"),
    ],
    "Listed": ["instrument"],
    "MaintenanceCalled": ["session", "amount", "deadline"],
    "MaintenanceMet": ["session"],
    "OrderApproved": ["order_id", "by", "at", "reason"],
    "OrderProposed": ["terms", "exits", "reference", "band_bps", "session", "expires"],
    "ProposalDenied": ["order_id", "by", "at", "reason"],
    "ProposalLapsed": ["order_id", "reason"],
    "Ratcheted": ["order_id", "stop"],
    "Quarantined": ["symbol", "session", "reason"],
    "Released": ["symbol", "session"],
    "Renamed": ["symbol", "new", "session", "orders"],
    "Reduced": ["order_id", "quantity", "reserved"],
    "Refused": ["terms", "exits", "reason"],
    "Replaced": ["order_id", "quantity", "limit", "stop", "trail", "reserved", "first_bar"],
    "Settled": ["session"],
    "SplitApplied": ["symbol", "ex_date", "numerator", "denominator", "in_lieu", "mark", "sold"],
    "Triggered": ["order_id", "ambiguous"],
}
"""Every event and its fields as journals on disk spell them."""


def test_events_and_fields_are_stored_under_the_names_that_journals_on_disk_have():
    written = {EVENT_NAMES[kind]: [stored for _, stored in field_names(kind)] for kind in get_args(Event)}
    assert written == STORED


def test_every_event_has_its_own_stored_name():
    assert set(EVENT_NAMES) == set(get_args(Event))
    assert len(set(EVENT_NAMES.values())) == len(EVENT_NAMES)


def test_a_class_that_is_renamed_writes_and_reads_the_same_text():
    before = write_event(Deposited("first", 100))
    name = Deposited.__name__
    try:
        Deposited.__name__ = "CashDeposited"
        _writer.cache_clear()
        assert write_event(Deposited("first", 100)) == before == '{"amount":100,"reference":"first","type":"Deposited"}'
        assert read_event(before) == Deposited("first", 100)
    finally:
        Deposited.__name__ = name


def test_a_field_that_is_called_otherwise_in_the_code_keeps_its_stored_name(monkeypatch):
    monkeypatch.setattr("openoutcry.ledger.book.wire_names.FIELD_NAMES", {Deposited: {"reference": "ref"}})
    field_names.cache_clear()
    try:
        assert ("reference", "ref") in field_names(Deposited)
    finally:
        monkeypatch.undo()
        field_names.cache_clear()
