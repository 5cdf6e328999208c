"""What a market source may have beside the port, read from the source itself and through one that delegates to it."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from openoutcry.domain.ids import Symbol
from openoutcry.domain.market import DelistingRecord, RenameRecord
from openoutcry.market.delegating_source import DelegatingSource
from openoutcry.market.source_capabilities import (
    DelistingSource,
    RenameSource,
    ServerTimeSource,
    delistings_of,
    renames_of,
    server_time_of,
)
from openoutcry.market.whole_currency import WholeCurrencySource

KNOWN = datetime(2025, 3, 7, 21, tzinfo=UTC)
STATED = datetime(2025, 3, 10, 9, tzinfo=UTC)
OLD = Symbol("OLD.L")


class Bare:
    """A source with the attributes that a delegating source copies, and without any capability."""

    name, synthetic = "bare", False


class Capable(Bare):
    """A source with every capability."""

    def server_time(self):
        return STATED

    def delistings(self, symbol, *, until):
        return [DelistingRecord(symbol, date(2025, 3, 6), Decimal(50), KNOWN)] if until >= KNOWN else []

    def renames(self, symbol, *, until):
        return [RenameRecord(symbol, Symbol("NEW.L"), date(2025, 3, 6), KNOWN)] if until >= KNOWN else []


@pytest.mark.parametrize("wrap", [lambda source: source, DelegatingSource], ids=["itself", "delegating"])
def test_a_source_states_what_it_has_and_nothing_otherwise(wrap):
    capable, bare = wrap(Capable()), wrap(Bare())
    assert (server_time_of(capable), server_time_of(bare)) == (STATED, None)
    assert [record.day for record in delistings_of(capable, OLD, KNOWN)] == [date(2025, 3, 6)]
    assert [record.new for record in renames_of(capable, OLD, KNOWN)] == ["NEW.L"]
    assert (delistings_of(bare, OLD, KNOWN), renames_of(bare, OLD, KNOWN)) == ((), ())
    assert not delistings_of(capable, OLD, STATED.replace(day=6))


def test_a_price_of_a_delisting_is_in_the_whole_currency():
    (record,) = WholeCurrencySource(Capable(), by_profile=False).delistings(OLD, until=KNOWN)
    assert record.price == Decimal("0.50")
    assert WholeCurrencySource(Bare(), by_profile=False).delistings(OLD, until=KNOWN) == ()


def test_a_capability_is_recognised_by_its_method():
    capabilities = (ServerTimeSource, DelistingSource, RenameSource)
    assert [isinstance(Capable(), each) for each in capabilities] == [True] * 3
    assert [isinstance(Bare(), each) for each in capabilities] == [False] * 3
