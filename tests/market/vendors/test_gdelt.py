from datetime import UTC, datetime, timedelta

import pytest
from contracts.vendor import (
    SINCE,
    UNTIL,
    VendorContract,
    facts_of,
)
from openoutcry.domain.errors import NoData, SourceUnavailable
from openoutcry.market.folder.layout import DatasetKind
from openoutcry.market.vendors.gdelt import Gdelt, searchable
from openoutcry.market.vendors.http_client import HttpClient
from openoutcry.market.vendors.port import VendorRequest
from vendors.clock import Clock
from vendors.server import Request, Served, VendorServer

PATH = "/api/v2/doc/doc"
ASK = VendorRequest(DatasetKind.NEWS, "ACME", SINCE, UNTIL)
NAMES = {"ACME": "Acme Widgets, Inc."}


def article(seen: str = "20250203T123000Z", **other: object) -> dict[str, object]:
    return {
        "url": "https://example.com/a",
        "url_mobile": "",
        "title": "Acme Widgets opens a plant",
        "seendate": seen,
        "socialimage": "",
        "domain": "example.com",
        "language": "English",
        "sourcecountry": "United States",
        **other,
    }


class TestGdelt(VendorContract):
    asks = (ASK,)

    def make(self, client: HttpClient, url: str) -> Gdelt:
        return Gdelt(client, names=NAMES.get, base_url=url)

    def serve(self, server: VendorServer) -> None:
        server.serve(PATH, {"articles": [article(), article("20250204T080000Z", title="Acme Widgets plans")]})

    def serve_nothing(self, server: VendorServer) -> None:
        server.serve(PATH, {})

    def serve_unknown(self, server: VendorServer) -> None:
        server.fail(Served(500))  # an unknown company is an error before any request

    def test_an_unknown_key_is_not_an_empty_answer(self, client: HttpClient, server: VendorServer) -> None:
        self.serve_unknown(server)
        with pytest.raises(NoData, match="no company name is known for ACME"):
            Gdelt(client, names={}.get, base_url=server.url).fetch(ASK)
        assert not server.requests

    def serve_drifted(self, server: VendorServer) -> None:
        server.serve(PATH, {"articles": [{"title": "Acme", "when": "20250203T123000Z"}]})

    def serve_future(self, server: VendorServer) -> None:
        server.serve(PATH, {"articles": [article("20310505T120000Z")]})

    def serve_absurd(self, server: VendorServer) -> None:
        server.serve(PATH, {"articles": [article("20251399T123000Z")]})


@pytest.fixture
def gdelt(client: HttpClient, server: VendorServer) -> Gdelt:
    return Gdelt(client, names=NAMES.get, base_url=server.url)


def test_the_company_is_searched_by_name_in_one_language(gdelt: Gdelt, server: VendorServer, clock: Clock) -> None:
    server.serve(PATH, {"articles": [article(), article(language="Spanish", title="Acme Widgets abre")]})
    records = gdelt.fetch(ASK)
    assert len(records) == 1
    assert facts_of(records)[0].known_at == datetime(2025, 2, 3, 13, tzinfo=UTC)  # the hour must have passed
    query = server.requests[0].query
    assert query["query"] == '"Acme Widgets" sourcelang:english'
    assert (query["startdatetime"], query["enddatetime"]) == ("20250101000000", "20250301000000")
    assert (query["mode"], query["format"], query["maxrecords"], query["sort"]) == (
        "artlist",
        "json",
        "250",
        "datedesc",
    )


def test_long_lists_are_read_backwards_in_time(gdelt: Gdelt, server: VendorServer, clock: Clock) -> None:
    end = datetime(2025, 3, 1, tzinfo=UTC)
    seen = [end - timedelta(hours=number) for number in range(600)]

    def answer(request: Request) -> dict[str, object]:
        until = datetime.strptime(request.query["enddatetime"], "%Y%m%d%H%M%S").replace(tzinfo=UTC)
        page = [moment for moment in seen if moment <= until][:250]
        return {"articles": [article(f"{moment:%Y%m%dT%H%M%SZ}", title=f"Acme {moment}") for moment in page]}

    server.serve(PATH, answer)
    assert len(gdelt.fetch(ASK)) == 600
    assert len(server.requests) == 3
    assert sum(clock.slept) == pytest.approx(2 * 7.5)  # one question every five seconds is allowed


def test_a_sentence_is_no_answer(gdelt: Gdelt, server: VendorServer) -> None:
    server.serve(PATH, Served(body=b"Please limit requests to one every 5 seconds or contact us."))
    with pytest.raises(SourceUnavailable, match="not JSON"):
        gdelt.fetch(ASK)


@pytest.mark.parametrize(
    ("name", "searched"),
    [
        ("Apple Inc.", "Apple"),
        ("Berkshire Hathaway Inc. Class B", "Berkshire Hathaway Inc. Class B"),
        ("JPMorgan Chase & Co.", "JPMorgan Chase"),
        ("The Coca-Cola Company", "The Coca-Cola"),
        ('Acme" OR sourcecountry:us (x)', "Acme OR sourcecountry us x"),
        ("Alphabet Holdings Group plc", "Alphabet"),
        ("X", ""),
        ("", ""),
    ],
)
def test_names_are_searched_without_legal_form_and_operators(name: str, searched: str) -> None:
    assert searchable(name) == searched
