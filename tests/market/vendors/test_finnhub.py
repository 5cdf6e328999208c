import pytest
from contracts.vendor import (
    SECRET,
    SINCE,
    UNTIL,
    VendorContract,
)
from openoutcry.domain.errors import SourceUnavailable
from openoutcry.market.folder.layout import DatasetKind
from openoutcry.market.vendors.finnhub import Finnhub
from openoutcry.market.vendors.http_client import HttpClient
from openoutcry.market.vendors.port import VendorRequest
from vendors.server import Served, VendorServer

NEWS, SPLITS, DIVIDENDS, PROFILE = "/company-news", "/stock/split", "/stock/dividend", "/stock/profile2"


def story(**other: object) -> dict[str, object]:
    return {
        "category": "company",
        "datetime": 1738585800,
        "headline": "Acme raises guidance",
        "id": 7,
        "image": "",
        "related": "ACME",
        "source": "Reuters",
        "summary": "",
        "url": "https://example.com/7",
        **other,
    }


def split(**other: object) -> dict[str, object]:
    return {"symbol": "ACME", "date": "2025-01-13", "fromFactor": 1, "toFactor": 4, **other}


def dividend(**other: object) -> dict[str, object]:
    return {
        "symbol": "ACME",
        "date": "2025-02-07",
        "amount": 0.77,
        "adjustedAmount": 0.19,
        "payDate": "2025-02-14",
        "recordDate": "2025-02-10",
        "declarationDate": "2025-01-30",
        "currency": "USD",
        "freq": "4",
        **other,
    }


class TestFinnhub(VendorContract):
    asks = tuple(
        VendorRequest(kind, "ACME", SINCE, UNTIL)
        for kind in (DatasetKind.NEWS, DatasetKind.SPLITS, DatasetKind.DIVIDENDS)
    )

    def make(self, client: HttpClient, url: str) -> Finnhub:
        return Finnhub(client, SECRET, base_url=url)

    def serve(self, server: VendorServer) -> None:
        server.serve(NEWS, [story(), story(headline="Acme hires", datetime=1738672200)])
        server.serve(SPLITS, [split()])
        server.serve(DIVIDENDS, [dividend()])
        server.serve(PROFILE, {"ticker": "AAPL", "name": "Apple Inc"})

    def serve_nothing(self, server: VendorServer) -> None:
        for path in (NEWS, SPLITS, DIVIDENDS):
            server.serve(path, [])
        server.serve(PROFILE, {"ticker": "ACME", "name": "Acme"})

    def serve_unknown(self, server: VendorServer) -> None:
        self.serve_nothing(server)
        server.serve(PROFILE, {})

    def serve_drifted(self, server: VendorServer) -> None:
        for path in (NEWS, SPLITS, DIVIDENDS):
            server.serve(path, [{"when": 1738585800, "title": "Acme raises guidance", "factor": 4, "cash": 1}])

    def serve_future(self, server: VendorServer) -> None:
        server.serve(NEWS, [story(datetime=1935748800)])

    def serve_absurd(self, server: VendorServer) -> None:
        server.serve(NEWS, [story(datetime=1738585800000)])
        server.serve(SPLITS, [split(toFactor=0)])
        server.serve(DIVIDENDS, [dividend(amount="many")])


@pytest.fixture
def finnhub(client: HttpClient, server: VendorServer) -> Finnhub:
    TestFinnhub().serve(server)
    return Finnhub(client, SECRET, base_url=server.url)


def test_news_is_asked_week_by_week_and_comes_once(finnhub: Finnhub, server: VendorServer) -> None:
    records = finnhub.fetch(VendorRequest(DatasetKind.NEWS, "BRK-B", SINCE, UNTIL))
    assert [record.cells["published_at"] for record in records] == ["2025-02-03T12:30:00Z", "2025-02-04T12:30:00Z"]
    asked = [(request.query["from"], request.query["to"]) for request in server.requests]
    assert (asked[0], asked[-1], len(asked)) == (("2025-01-01", "2025-01-07"), ("2025-02-26", "2025-03-01"), 9)
    assert server.requests[0].query["symbol"] == "BRK.B"
    assert server.requests[0].headers["x-finnhub-token"] == SECRET.get_secret_value()


def test_actions_are_as_paid(finnhub: Finnhub) -> None:
    (paid,) = finnhub.fetch(VendorRequest(DatasetKind.DIVIDENDS, "ACME", SINCE, UNTIL))
    expected = {"ticker": "ACME", "ex_date": "2025-02-07", "amount": "0.77", "pay_date": "2025-02-14"}
    assert paid.cells == expected
    (made,) = finnhub.fetch(VendorRequest(DatasetKind.SPLITS, "ACME", SINCE, UNTIL))
    assert made.cells["ratio"] == "4"


def test_two_dividends_of_a_day_are_one_sum(finnhub: Finnhub, server: VendorServer) -> None:
    server.serve(DIVIDENDS, [dividend(), dividend(amount=1.23, payDate="2025-03-14")])
    (paid,) = finnhub.fetch(VendorRequest(DatasetKind.DIVIDENDS, "ACME", SINCE, UNTIL))
    assert (paid.cells["amount"], paid.cells["pay_date"]) == ("2", "2025-03-14")


def test_what_a_free_key_may_not_see_is_said(finnhub: Finnhub, server: VendorServer) -> None:
    server.serve(SPLITS, Served.json({"error": "You don't have access to this resource."}, status=403))
    with pytest.raises(SourceUnavailable, match="not allowed with this key"):
        finnhub.fetch(VendorRequest(DatasetKind.SPLITS, "ACME", SINCE, UNTIL))
