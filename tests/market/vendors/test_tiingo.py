import pytest
from contracts.vendor import (
    SECRET,
    SINCE,
    UNTIL,
    VendorContract,
)
from openoutcry.domain.errors import SourceUnavailable
from openoutcry.market.folder.layout import DatasetKind
from openoutcry.market.vendors.http_client import HttpClient
from openoutcry.market.vendors.port import VendorRequest
from openoutcry.market.vendors.tiingo import Tiingo
from vendors.server import Request, Served, VendorServer

PRICES, NEWS, META = "/tiingo/daily/brk-b/prices", "/tiingo/news", "/tiingo/daily/brk-b"
KINDS = (DatasetKind.PRICES_DAILY, DatasetKind.SPLITS, DatasetKind.DIVIDENDS, DatasetKind.NEWS)


def day(date: str, dividend: float = 0.0, split: float = 1.0, **other: object) -> dict[str, object]:
    """A documented day; the adjusted figures know later splits."""
    raw = {"open": 100.0, "high": 104.5, "low": 99.25, "close": 103, "volume": 53103912}
    adjusted = {f"adj{name.capitalize()}": 25.0 for name in raw}
    return {"date": f"{date}T00:00:00.000Z", **raw, **adjusted, "divCash": dividend, "splitFactor": split, **other}


def story(**other: object) -> dict[str, object]:
    return {
        "id": 1,
        "title": "Berkshire buys a railway",
        "url": "https://example.com/1",
        "description": "It paid in cash.",
        "publishedDate": "2025-02-03T07:30:00-05:00",
        "crawlDate": "2025-02-03T12:31:00+00:00",
        "source": "example.com",
        "tickers": ["brk-b"],
        "tags": [],
        **other,
    }


class TestTiingo(VendorContract):
    asks = tuple(VendorRequest(kind, "BRK.B", SINCE, UNTIL) for kind in KINDS)

    def make(self, client: HttpClient, url: str) -> Tiingo:
        return Tiingo(client, SECRET, base_url=url)

    def serve(self, server: VendorServer) -> None:
        server.serve(PRICES, [day("2025-01-03"), day("2025-01-06", 0.25), day("2025-01-07", split=4.0)])
        server.serve(NEWS, [story(), story(title="Another one")])
        server.serve("/api/test", {"message": "You successfully sent a request"})

    def serve_nothing(self, server: VendorServer) -> None:
        server.serve(PRICES, [])
        server.serve(NEWS, [])
        server.serve(META, {"ticker": "BRK-B", "name": "Berkshire"})

    def serve_unknown(self, server: VendorServer) -> None:
        gone = Served.json({"detail": "Error: Ticker 'BRK-B' not found"}, status=404)
        server.serve(PRICES, gone)
        server.serve(NEWS, [])
        server.serve(META, gone)

    def serve_drifted(self, server: VendorServer) -> None:
        server.serve(PRICES, [{"day": "2025-01-03", "price": 1}])
        server.serve(NEWS, [{"headline": "Berkshire buys"}])

    def serve_future(self, server: VendorServer) -> None:
        server.serve(NEWS, [story(publishedDate="2031-05-05T12:00:00Z")])

    def serve_absurd(self, server: VendorServer) -> None:
        server.serve(PRICES, [day("2025-01-03", dividend=-1, split=-4, high=1)])
        server.serve(NEWS, [story(publishedDate="9999-12-31T23:59:59+00:00")])


@pytest.fixture
def tiingo(client: HttpClient, server: VendorServer) -> Tiingo:
    TestTiingo().serve(server)
    return Tiingo(client, SECRET, base_url=server.url)


def test_prices_are_raw_and_actions_stand_beside_them(tiingo: Tiingo, server: VendorServer) -> None:
    bars, splits, dividends, news = (tiingo.fetch(VendorRequest(kind, "BRK.B", SINCE, UNTIL)) for kind in KINDS)
    assert bars[0].cells == {
        "ticker": "BRK.B",
        "date": "2025-01-03",
        "open": "100",
        "high": "104.5",
        "low": "99.25",
        "close": "103",
        "volume": "53103912",
    }
    assert [record.cells for record in splits] == [{"ticker": "BRK.B", "ex_date": "2025-01-07", "ratio": "4"}]
    assert [record.cells for record in dividends] == [{"ticker": "BRK.B", "ex_date": "2025-01-06", "amount": "0.25"}]
    assert news[0].cells["published_at"] == "2025-02-03T12:30:00Z"
    assert server.requests[0].headers["authorization"] == f"Token {SECRET.get_secret_value()}"
    assert server.requests[0].query == {"startDate": "2025-01-01", "endDate": "2025-03-01", "format": "json"}


def test_news_is_read_to_its_end(tiingo: Tiingo, server: VendorServer) -> None:
    stories = [story(title=f"story {number}") for number in range(2300)]
    server.serve(NEWS, lambda request: stories[(start := int(request.query["offset"])) : start + 1000])
    assert len(tiingo.fetch(VendorRequest(DatasetKind.NEWS, "BRK.B", SINCE, UNTIL))) == 2300


def test_news_for_paying_keys_says_so(tiingo: Tiingo, server: VendorServer) -> None:
    def answer(request: Request) -> Served:
        return Served.json({"detail": "You do not have permission to access the News API"}, status=403)

    server.serve(NEWS, answer)
    with pytest.raises(SourceUnavailable, match="403"):
        tiingo.fetch(VendorRequest(DatasetKind.NEWS, "BRK.B", SINCE, UNTIL))
