from datetime import UTC, datetime

import pytest
from contracts.vendor import (
    SINCE,
    UNTIL,
    VendorContract,
    facts_of,
)
from openoutcry.domain.errors import ConfigError, InvalidData, SourceUnavailable
from openoutcry.market.folder.layout import DatasetKind
from openoutcry.market.vendors.http_client import HttpClient
from openoutcry.market.vendors.port import VendorRequest
from openoutcry.market.vendors.rss import Rss
from vendors.server import Request, Served, VendorServer

ASK = VendorRequest(DatasetKind.NEWS, "ACME", SINCE, UNTIL)
BOMB = b'<!DOCTYPE rss [<!ENTITY a "b">]><rss><channel><item><title>&a;</title></item></channel></rss>'


def item(title: str = "Acme wins", date: str = "Mon, 03 Feb 2025 07:30:00 -0500", **other: str) -> str:
    fields = {"title": title, "link": "https://example.com/1", "description": "A contract.", "pubDate": date, **other}
    return "<item>" + "".join(f"<{name}>{text}</{name}>" for name, text in fields.items() if text) + "</item>"


def rss(*items: str) -> Served:
    channel = f"<channel><title>News</title>{''.join(items)}</channel>"
    body = f'<?xml version="1.0" encoding="UTF-8"?><rss version="2.0">{channel}</rss>'
    return Served(body=body.encode(), headers={"content-type": "application/rss+xml"})


class TestRss(VendorContract):
    asks = (ASK,)

    def make(self, client: HttpClient, url: str) -> Rss:
        return Rss(client, "rss_wire", url + "/feed?s={ticker}")

    def serve(self, server: VendorServer) -> None:
        server.serve("/feed", rss(item(), item("Acme loses")))

    def serve_nothing(self, server: VendorServer) -> None:
        server.serve("/feed", rss())

    def serve_unknown(self, server: VendorServer) -> None:
        server.serve("/elsewhere", rss())

    def serve_drifted(self, server: VendorServer) -> None:
        server.serve("/feed", Served(body=b"<?xml version='1.0'?><opml><body/></opml>"))

    def serve_future(self, server: VendorServer) -> None:
        server.serve("/feed", rss(item(date="Mon, 05 May 2031 12:00:00 GMT"), item()))

    def test_what_is_dated_in_the_future_is_not_known_before(self, vendor: Rss, server: VendorServer) -> None:
        self.serve_future(server)
        (record,) = vendor.fetch(ASK)  # a feed tells what is new, so that what lies beyond the window is left out
        assert record.cells["published_at"] == "2025-02-03T12:30:00Z"

    def serve_absurd(self, server: VendorServer) -> None:
        server.serve("/feed", Served(body=BOMB))

    @pytest.mark.parametrize("body", [b"{}", b"<a/>", b"<rss></html>"])
    def test_a_document_of_another_kind_is_no_crash(self, vendor: Rss, server: VendorServer, body: bytes) -> None:
        server.fail(Served(body=body))
        with pytest.raises((InvalidData, SourceUnavailable)):
            vendor.fetch(ASK)


@pytest.fixture
def wire(client: HttpClient, server: VendorServer) -> Rss:
    return Rss(client, "rss_wire", server.url + "/feed?s={ticker}")


def test_an_item_is_dated_in_utc_and_freed_of_markup(wire: Rss, server: VendorServer) -> None:
    text = "&lt;p&gt;A &lt;b&gt;big&lt;/b&gt; contract&lt;script&gt;&lt;/p&gt;"
    server.serve("/feed", rss(item("Acme &amp; Co win", description=text, source="The Wire")))
    (record,) = wire.fetch(VendorRequest(DatasetKind.NEWS, "BRK.B", SINCE, UNTIL))
    assert record.cells == {
        "ticker": "BRK.B",
        "published_at": "2025-02-03T12:30:00Z",
        "title": "Acme & Co win",
        "summary": "A big contract",
        "source": "The Wire",
        "url": "https://example.com/1",
        "precision": "second",
    }
    assert server.requests[0].query == {"s": "BRK-B"}


def test_a_midnight_is_a_day(wire: Rss, server: VendorServer) -> None:
    server.serve("/feed", rss(item(date="Mon, 03 Feb 2025 00:00:00 GMT")))
    assert facts_of(wire.fetch(ASK))[0].known_at == datetime(2025, 2, 4, tzinfo=UTC)


@pytest.mark.parametrize("date", ["", "yesterday", "Mon, 99 Feb 2025 00:00:00 GMT"])
def test_an_item_without_a_date_is_undated(wire: Rss, server: VendorServer, date: str) -> None:
    server.serve("/feed", rss(item(date=date), item("Acme loses")))
    undated, dated = wire.fetch(ASK)
    assert (undated.dated, undated.cells["published_at"], dated.dated) == (False, "", True)


def test_a_description_stands_for_a_missing_title(wire: Rss, server: VendorServer) -> None:
    server.serve("/feed", rss(item("", description="Acme hires " + "x" * 5000)))
    (record,) = wire.fetch(ASK)
    assert record.cells["title"].startswith("Acme hires xxx")
    assert (len(record.cells["title"]), len(record.cells["summary"])) == (500, 2000)
    server.serve("/feed", rss(item("", description="")))
    with pytest.raises(InvalidData, match="neither a title"):
        wire.fetch(ASK)


ATOM = b"""<?xml version="1.0"?><feed xmlns="http://www.w3.org/2005/Atom"><title>T</title><entry>
<title type="html">Acme wins</title><link rel="self" href="https://example.com/self"/><link href="https://example.com/1"/>
<updated>2025-02-05T00:00:01Z</updated><published>2025-02-03T12:30:00+00:00</published><content>Long.</content></entry></feed>"""
RDF = b"""<?xml version="1.0"?><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/"
xmlns:dc="http://purl.org/dc/elements/1.1/"><channel/><item><title>Acme wins</title><link>https://example.com/1</link>
<description>Long.</description><dc:date>2025-02-03T07:30:00-05:00</dc:date></item></rdf:RDF>"""


@pytest.mark.parametrize("body", [ATOM, RDF])
def test_atom_and_rdf_say_the_same(wire: Rss, server: VendorServer, body: bytes) -> None:
    server.serve("/feed", Served(body=body))
    (record,) = wire.fetch(ASK)
    cells = record.cells
    told = (cells["title"], cells["published_at"], cells["url"], cells["summary"])
    assert told == ("Acme wins", "2025-02-03T12:30:00Z", "https://example.com/1", "Long.")


def test_a_feed_that_did_not_change_is_not_sent_again(wire: Rss, server: VendorServer) -> None:
    def answer(request: Request) -> Served:
        if request.headers.get("if-none-match") == '"1"':
            return Served(304)
        return Served(body=rss(item()).body, headers={"etag": '"1"'})

    server.serve("/feed", answer)
    assert wire.fetch(ASK) == wire.fetch(ASK) != []
    assert [request.headers.get("if-none-match") for request in server.requests] == [None, '"1"']


def test_a_window_before_the_feed_begins_is_not_empty_but_unknown(wire: Rss, server: VendorServer) -> None:
    server.serve("/feed", rss(item(date="Mon, 03 Mar 2025 07:30:00 GMT")))
    with pytest.raises(SourceUnavailable, match="has items only since 2025-03-03"):
        wire.fetch(ASK)
    later = VendorRequest(DatasetKind.NEWS, "ACME", SINCE, datetime(2025, 3, 5, tzinfo=UTC))
    assert len(wire.fetch(later)) == 1


@pytest.mark.parametrize(
    ("name", "template"), [("Wire", "https://a/{ticker}"), ("a-b", "https://a/{ticker}"), ("a", "https://a/")]
)
def test_a_feed_without_name_or_place_is_a_mistake_of_the_operator(
    client: HttpClient, name: str, template: str
) -> None:
    with pytest.raises(ConfigError, match="needs a lower-case name"):
        Rss(client, name, template)
