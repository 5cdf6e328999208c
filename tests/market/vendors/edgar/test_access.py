"""EDGAR over real HTTP: the contract of a vendor, and how the office wants to be asked."""

from dataclasses import replace

import pytest
from contracts.vendor import SINCE, UNTIL, VendorContract
from openoutcry.domain.errors import InvalidData, NoData, SourceUnavailable
from openoutcry.market.folder.layout import DatasetKind
from openoutcry.market.vendors.edgar import Edgar
from openoutcry.market.vendors.http_client import HttpClient
from openoutcry.market.vendors.port import Vendor, VendorRequest
from vendors import edgar
from vendors.clock import Clock
from vendors.edgar import (
    EVENING,
    QUARTER,
    SALES,
    ask,
    books,
    filing,
    serve,
    serve_document,
)
from vendors.server import VendorServer


class TestEdgar(VendorContract):
    asks = (
        VendorRequest(DatasetKind.FILING_TEXTS, "ACME", SINCE, UNTIL),
        VendorRequest(DatasetKind.FUNDAMENTALS, "ACME", SINCE, UNTIL),
    )

    @pytest.fixture(autouse=True)
    def _at(self, clock: Clock) -> None:
        self.clock = clock

    def make(self, client: HttpClient, url: str) -> Vendor:
        return Edgar(client, contact="desk@example.org", now=self.clock.now, base_url=url)

    def serve(self, server: VendorServer) -> None:
        serve(server, filing(1, "10-Q", "2025-02-27", EVENING), tags=books())
        serve_document(server, 1, QUARTER)

    def serve_nothing(self, server: VendorServer) -> None:
        serve(server, filing(1, "4", "2025-02-27", EVENING))

    def serve_unknown(self, server: VendorServer) -> None:
        server.serve(edgar.TICKERS, edgar.tickers(EMCA=edgar.CIK))

    def serve_drifted(self, server: VendorServer) -> None:
        self.serve(server)
        listed = edgar.submissions(filing(1, "10-Q", "2025-02-27", EVENING))
        listed["filings"]["recent"]["acceptance"] = listed["filings"]["recent"].pop("acceptanceDateTime")
        server.serve(edgar.SUBMISSIONS, listed)

    def serve_future(self, server: VendorServer) -> None:
        self.serve(server)

    def serve_absurd(self, server: VendorServer) -> None:
        spoilt = books()
        spoilt[SALES][0] |= {"start": "2025-10-01"}
        serve(server, filing(1, "10-Q", "2025-02-31", EVENING), tags=spoilt)


@pytest.mark.parametrize("contact", [None, "", "me", "dé@example.org", "a@example.org\nX-Evil: 1"])
def test_without_an_address_nothing_is_asked(server, client, clock, contact) -> None:
    vendor = Edgar(client, contact=contact, now=clock.now, base_url=server.url)
    for question in (vendor.check, lambda: vendor.fetch(ask())):
        with pytest.raises(SourceUnavailable, match="OPENOUTCRY_CONTACT"):
            question()
    assert not server.requests


def test_every_request_says_who_asks(vendor, server) -> None:
    serve(server, filing(1, "10-Q", "2025-02-27", EVENING), tags=books())
    serve_document(server, 1, QUARTER)
    vendor.fetch(ask())
    vendor.fetch(ask(DatasetKind.FILING_TEXTS))
    assert {request.headers["user-agent"] for request in server.requests} == {"OpenOutcry desk@example.org"}
    assert [request.path for request in server.requests].count(edgar.TICKERS) == 1


def test_no_more_than_ten_requests_a_second(vendor, server, clock) -> None:
    serve(server)
    before, asked = clock.now(), len(server.requests)
    for _ in range(10):
        vendor.fetch(ask())
    seconds = (clock.now() - before).total_seconds()
    assert (len(server.requests) - asked) / seconds < 10


@pytest.mark.parametrize("name", ["../../etc/passwd", "http://10.0.0.1/x", "a?b", ""])
def test_a_name_that_leads_elsewhere_is_refused(vendor, server, name: str) -> None:
    serve(server, tags=books(), pages=[(name, "2010-01-01", "2015-12-31")])
    with pytest.raises(InvalidData, match="invalid file name"):
        vendor.fetch(ask())
    serve(server, filing(1, "8-K", "2025-02-26", EVENING, document=f"{name}/x.htm"))
    with pytest.raises(InvalidData, match="invalid file name"):
        vendor.fetch(ask(DatasetKind.FILING_TEXTS))


def test_class_shares_renamed_and_reused_tickers(vendor, server, client, clock) -> None:
    serve(server, filing(1, "10-Q", "2025-02-26", EVENING), tags=books())
    server.serve(edgar.TICKERS, edgar.tickers(**{"BRK-B": edgar.CIK, "FB": 99}))
    assert vendor.fetch(ask(key="BRK.B"))
    with pytest.raises(NoData, match="current ticker"):
        vendor.fetch(ask(key="ACME"))
    told = Edgar(client, contact="desk@example.org", now=clock.now, ciks={"FB": edgar.CIK}, base_url=server.url)
    assert {record.cells["ticker"] for record in told.fetch(ask(key="FB"))} == {"FB"}


def test_the_list_of_tickers_is_read_again_after_a_day(vendor, server, clock) -> None:
    server.serve(edgar.TICKERS, edgar.tickers(EMCA=edgar.CIK), edgar.tickers())
    for _ in range(2):
        with pytest.raises(NoData):
            vendor.fetch(ask())
    clock.sleep(90_000)
    server.serve(edgar.SUBMISSIONS, edgar.submissions())
    server.serve(edgar.FACTS, edgar.facts({}))
    assert not vendor.fetch(replace(ask(), key="acme"))
