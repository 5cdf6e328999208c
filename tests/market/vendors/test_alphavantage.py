from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta

import pytest
from contracts.vendor import (
    SECRET,
    SINCE,
    UNTIL,
    VendorContract,
)
from openoutcry.domain.errors import NoData, SourceUnavailable
from openoutcry.market.folder.layout import DatasetKind
from openoutcry.market.vendors.alphavantage import AlphaVantage
from openoutcry.market.vendors.http_client import HttpClient
from openoutcry.market.vendors.port import VendorRequest
from vendors.server import VendorServer

KINDS = (DatasetKind.PRICES_DAILY, DatasetKind.SPLITS, DatasetKind.DIVIDENDS, DatasetKind.NEWS)
QUOTA = f"We have detected your API key as {SECRET.get_secret_value()} and our limit is 25 requests per day."


def bar(**other: str) -> dict[str, str]:
    return {
        "1. open": "141.1100",
        "2. high": "142.65",
        "3. low": "140.60",
        "4. close": "140.66",
        "5. volume": "3739739",
    } | other


def bars(days: Mapping[str, object]) -> dict[str, object]:
    meta = {"1. Information": "Daily Prices (open, high, low, close) and Volumes", "2. Symbol": "ACME"}
    return {"Meta Data": meta, "Time Series (Daily)": days}


def story(**other: object) -> dict[str, object]:
    return {
        "title": "Acme wins",
        "url": "https://example.com/1",
        "time_published": "20250203T123000",
        "authors": ["A. Writer"],
        "summary": "A contract.",
        "source": "Benzinga",
        "overall_sentiment_score": 0.2,
        "ticker_sentiment": [{"ticker": "ACME", "relevance_score": "0.9"}],
        **other,
    }


DIVIDEND = {
    "ex_dividend_date": "2025-02-10",
    "declaration_date": "2025-01-28",
    "record_date": "None",
    "payment_date": "2025-03-10",
    "amount": "1.67",
}
GOOD = {
    "TIME_SERIES_DAILY": bars({"2025-02-27": bar(), "2025-02-28": bar(), "2024-12-31": bar()}),
    "SPLITS": {"symbol": "ACME", "data": [{"effective_date": "2025-01-13", "split_factor": "4.0000"}]},
    "DIVIDENDS": {
        "symbol": "ACME",
        "data": [DIVIDEND, {**DIVIDEND, "ex_dividend_date": "2024-11-10", "payment_date": "None"}],
    },
    "NEWS_SENTIMENT": {"items": "2", "feed": [story(), story(time_published="20250203T1430")]},
    "SYMBOL_SEARCH": {"bestMatches": [{"1. symbol": "ACME", "2. name": "Acme"}]},
}
EMPTY = GOOD | {
    "TIME_SERIES_DAILY": bars({}),
    "SPLITS": {"symbol": "ACME", "data": []},
    "DIVIDENDS": {"symbol": "ACME", "data": []},
    "NEWS_SENTIMENT": {"items": "0", "feed": []},
}


def serve(server: VendorServer, answers: Mapping[str, object]) -> None:
    server.serve("/query", lambda request: answers[request.query["function"]])


class TestAlphaVantage(VendorContract):
    asks = tuple(VendorRequest(kind, "ACME", SINCE, UNTIL) for kind in KINDS)

    def make(self, client: HttpClient, url: str) -> AlphaVantage:
        return AlphaVantage(client, SECRET, base_url=url)

    def serve(self, server: VendorServer) -> None:
        serve(server, GOOD)

    def serve_nothing(self, server: VendorServer) -> None:
        serve(server, EMPTY)

    def serve_unknown(self, server: VendorServer) -> None:
        error = {"Error Message": "Invalid API call. Please retry or visit the documentation for TIME_SERIES_DAILY."}
        notice = {"Information": "Invalid inputs. Please refer to the API documentation."}
        nobody = {"bestMatches": [{"1. symbol": "ACMEX"}]}
        serve(server, EMPTY | {"TIME_SERIES_DAILY": error, "NEWS_SENTIMENT": notice, "SYMBOL_SEARCH": nobody})

    def serve_drifted(self, server: VendorServer) -> None:
        drifted = {"data": [{"date": "2025-01-13", "factor": "4"}], "feed": [{"headline": "Acme wins"}]}
        server.serve("/query", drifted | bars({"2025-02-27": {"open": "1"}}))

    def serve_future(self, server: VendorServer) -> None:
        server.serve("/query", {"feed": [story(time_published="20310505T120000")]})

    def serve_absurd(self, server: VendorServer) -> None:
        action = {**DIVIDEND, "effective_date": "2025-01-13", "split_factor": "-4", "amount": "NaN"}
        low_high = bars({"2025-02-27": bar(**{"2. high": "1"})})
        absurd = {"data": [action], "feed": [story(time_published="20259903T123000")], **low_high}
        server.serve("/query", absurd)


@pytest.fixture
def alpha(client: HttpClient, server: VendorServer) -> AlphaVantage:
    serve(server, GOOD)
    return AlphaVantage(client, SECRET, base_url=server.url)


def test_rows_are_raw_and_within_the_window(alpha: AlphaVantage, server: VendorServer) -> None:
    found, splits, dividends, news = (alpha.fetch(VendorRequest(kind, "BRK.B", SINCE, UNTIL)) for kind in KINDS)
    assert [record.cells["date"] for record in found] == ["2025-02-27", "2025-02-28"]
    assert found[0].cells["open"] == "141.11"
    assert splits[0].cells == {"ticker": "BRK.B", "ex_date": "2025-01-13", "ratio": "4"}
    assert [record.cells.get("pay_date") for record in dividends] == ["2025-03-10", None]
    assert [record.cells["precision"] for record in news] == ["second", "minute"]
    assert news[1].cells["published_at"] == "2025-02-03T14:30:00Z"
    assert {request.query.get("symbol", "BRK-B") for request in server.requests} == {"BRK-B"}
    assert server.requests[0].query["outputsize"] == "compact"


@pytest.mark.parametrize("notice", ["Information", "Note"])
def test_a_spent_allowance_is_no_answer_and_the_key_in_it_is_not_repeated(
    alpha: AlphaVantage, server: VendorServer, notice: str
) -> None:
    server.serve("/query", {notice: QUOTA})
    for kind in KINDS:
        with pytest.raises(SourceUnavailable, match=r"API key as \*\*\* and") as caught:
            alpha.fetch(VendorRequest(kind, "ACME", SINCE, UNTIL))
        assert SECRET.get_secret_value() not in str(caught.value)


def test_a_wrong_key_is_no_unknown_ticker(alpha: AlphaVantage, server: VendorServer) -> None:
    server.serve("/query", {"Error Message": "the parameter apikey is invalid or missing."})
    with pytest.raises(SourceUnavailable, match="rejects the key"):
        alpha.fetch(VendorRequest(DatasetKind.NEWS, "ACME", SINCE, UNTIL))


def test_a_window_that_the_key_does_not_cover_is_not_half_filled(
    alpha: AlphaVantage, client: HttpClient, server: VendorServer
) -> None:
    days = [date(2025, 2, 28) - timedelta(days=age) for age in range(100)]
    serve(server, GOOD | {"TIME_SERIES_DAILY": bars({day.isoformat(): bar() for day in days})})
    early = VendorRequest(DatasetKind.PRICES_DAILY, "ACME", datetime(2024, 6, 3, tzinfo=UTC), UNTIL)
    with pytest.raises(SourceUnavailable, match="only sessions since 2024-11-21"):
        alpha.fetch(early)
    assert len(alpha.fetch(VendorRequest(DatasetKind.PRICES_DAILY, "ACME", SINCE, UNTIL))) == 59
    assert len(AlphaVantage(client, SECRET, base_url=server.url, full=True).fetch(early)) == 100
    assert server.requests[-1].query["outputsize"] == "full"


def test_news_is_read_on_from_its_last_time(alpha: AlphaVantage, server: VendorServer) -> None:
    start = datetime(2025, 2, 1, tzinfo=UTC)
    times = [f"{start + timedelta(minutes=number):%Y%m%dT%H%M%S}" for number in range(1500)]

    def answer(request: object) -> dict[str, object]:
        since = request.query["time_from"]  # type: ignore[attr-defined]
        return {"feed": [story(time_published=moment, title=moment) for moment in times if moment >= since][:1000]}

    server.serve("/query", answer)
    assert len(alpha.fetch(VendorRequest(DatasetKind.NEWS, "ACME", SINCE, UNTIL))) == 1500


def test_nothing_about_nobody_is_told_from_nothing(alpha: AlphaVantage, server: VendorServer) -> None:
    serve(server, EMPTY | {"SYMBOL_SEARCH": {"bestMatches": []}})
    with pytest.raises(NoData, match="alphavantage does not know ACME"):
        alpha.fetch(VendorRequest(DatasetKind.DIVIDENDS, "ACME", SINCE, UNTIL))
