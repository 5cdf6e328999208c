from datetime import UTC, datetime

import pytest
from contracts.vendor import (
    SECRET,
    SINCE,
    UNTIL,
    VendorContract,
    facts_of,
)
from openoutcry.domain.errors import InvalidData, SourceUnavailable
from openoutcry.market.folder.layout import DatasetKind
from openoutcry.market.metrics import Metric, normalize_metrics
from openoutcry.market.vendors.http_client import HttpClient
from openoutcry.market.vendors.massive import Massive
from openoutcry.market.vendors.port import VendorRequest
from vendors.server import Request, VendorServer

BARS = "/v2/aggs/ticker/ACME/range/1/day/2025-01-01/2025-03-01"
SPLITS, DIVIDENDS, NEWS, STATEMENTS = (
    "/stocks/v1/splits",
    "/stocks/v1/dividends",
    "/v2/reference/news",
    "/vX/reference/financials",
)
ALL = (BARS, SPLITS, DIVIDENDS, NEWS, STATEMENTS)
KINDS = (
    DatasetKind.PRICES_DAILY,
    DatasetKind.SPLITS,
    DatasetKind.DIVIDENDS,
    DatasetKind.NEWS,
    DatasetKind.FUNDAMENTALS,
)


def page(*results: object, **other: object) -> dict[str, object]:
    return {"status": "OK", "request_id": "1", "results": list(results), **other}


def bar(**other: object) -> dict[str, object]:
    # 2025-01-03 00:00 in New York
    return {
        "c": 75.0875,
        "h": 75.15,
        "l": 73.7975,
        "n": 1,
        "o": 74.06,
        "t": 1735880400000,
        "v": 1.35647456e8,
        "vw": 74.6,
        **other,
    }


def dividend(**other: object) -> dict[str, object]:
    return {
        "cash_amount": 0.26,
        "currency": "USD",
        "distribution_type": "recurring",
        "ex_dividend_date": "2025-02-10",
        "frequency": 4,
        "pay_date": "2025-02-13",
        "split_adjusted_cash_amount": 0.065,
        "ticker": "ACME",
        **other,
    }


def split(**other: object) -> dict[str, object]:
    return {
        "adjustment_type": "forward_split",
        "execution_date": "2025-01-13",
        "split_from": 2,
        "split_to": 3,
        "ticker": "ACME",
        **other,
    }


def story(**other: object) -> dict[str, object]:
    return {
        "id": "x",
        "title": "Acme wins",
        "description": "A contract.",
        "article_url": "https://example.com/1",
        "published_utc": "2025-02-03T12:30:00Z",
        "publisher": {"name": "Investing.com", "homepage_url": "https://example.com"},
        "tickers": ["ACME"],
        **other,
    }


def statement(**other: object) -> dict[str, object]:
    return {
        "cik": "0000320193",
        "tickers": ["ACME"],
        "start_date": "2024-09-29",
        "end_date": "2024-12-28",
        "filing_date": "2025-01-31",
        "acceptance_datetime": "2025-01-31T11:01:27Z",
        "timeframe": "quarterly",
        "fiscal_period": "Q1",
        "financials": {
            "income_statement": {
                "revenues": {"value": 1.243e11, "unit": "USD", "label": "Revenues", "order": 100},
                "diluted_earnings_per_share": {"value": 2.4, "unit": "USD / shares", "label": "", "order": 4300},
                "note": {"label": "no figure"},
            },
            "balance_sheet": {"equity": {"value": 66758000000, "unit": "USD"}},
        },
        **other,
    }


class TestMassive(VendorContract):
    asks = tuple(VendorRequest(kind, "ACME", SINCE, UNTIL) for kind in KINDS)

    def make(self, client: HttpClient, url: str) -> Massive:
        return Massive(client, SECRET, base_url=url)

    def serve(self, server: VendorServer) -> None:
        server.serve(BARS, page(bar(), bar(t=1736139600000), adjusted=False, resultsCount=2, status="DELAYED"))
        server.serve(SPLITS, page(split()))
        server.serve(DIVIDENDS, page(dividend()))
        server.serve(NEWS, page(story(), story(title="Acme loses", publisher={})))
        server.serve(STATEMENTS, page(statement(), statement(timeframe="ttm"), statement(timeframe="annual")))
        server.serve("/v3/reference/tickers/AAPL", {"status": "OK", "results": {"ticker": "AAPL"}})

    def serve_nothing(self, server: VendorServer) -> None:
        for path in ALL:
            server.serve(path, page())
        server.serve(BARS, {"status": "OK", "queryCount": 0, "resultsCount": 0, "adjusted": False})
        server.serve("/v3/reference/tickers/ACME", {"status": "OK", "results": {"ticker": "ACME"}})

    def serve_unknown(self, server: VendorServer) -> None:
        for path in ALL:
            server.serve(path, page())

    def serve_drifted(self, server: VendorServer) -> None:
        for path in ALL:
            server.serve(path, page({"close": 1, "timeframe": "annual", "headline": "x"}))

    def serve_future(self, server: VendorServer) -> None:
        server.serve(NEWS, page(story(published_utc="2031-05-05T12:00:00Z")))

    def serve_absurd(self, server: VendorServer) -> None:
        server.serve(BARS, page(bar(l=-1)))
        server.serve(SPLITS, page(split(split_from=0)))
        server.serve(DIVIDENDS, page(dividend(cash_amount=0)))
        server.serve(NEWS, page(story(published_utc="0001-01-01T00:00:00Z")))
        server.serve(STATEMENTS, page(statement(financials={"income_statement": {"revenues": {"value": "1e300"}}})))


@pytest.fixture
def massive(client: HttpClient, server: VendorServer) -> Massive:
    TestMassive().serve(server)
    return Massive(client, SECRET, base_url=server.url)


def ask(kind: DatasetKind) -> VendorRequest:
    return VendorRequest(kind, "ACME", SINCE, UNTIL)


def test_bars_are_raw_and_dated_by_new_york(massive: Massive, server: VendorServer) -> None:
    first, second = massive.fetch(ask(DatasetKind.PRICES_DAILY))
    assert (first.cells["date"], second.cells["date"]) == ("2025-01-03", "2025-01-06")
    assert (first.cells["close"], first.cells["volume"]) == ("75.0875", "135647456")
    assert server.requests[0].query["adjusted"] == "false"
    assert server.requests[0].headers["authorization"] == f"Bearer {SECRET.get_secret_value()}"
    server.serve(BARS, page(bar(), adjusted=True))
    with pytest.raises(InvalidData, match="adjusted"):
        massive.fetch(ask(DatasetKind.PRICES_DAILY))


def test_actions_are_as_paid_and_exact(massive: Massive, server: VendorServer) -> None:
    (paid,) = massive.fetch(ask(DatasetKind.DIVIDENDS))
    assert paid.cells == {"ticker": "ACME", "ex_date": "2025-02-10", "amount": "0.26", "pay_date": "2025-02-13"}
    (made,) = massive.fetch(ask(DatasetKind.SPLITS))
    assert made.cells["ratio"] == "1.5"
    server.serve(DIVIDENDS, page(dividend(currency="CAD")))
    with pytest.raises(InvalidData, match="CAD"):
        massive.fetch(ask(DatasetKind.DIVIDENDS))


def test_a_statement_is_known_when_it_was_accepted(massive: Massive, server: VendorServer) -> None:
    records = massive.fetch(ask(DatasetKind.FUNDAMENTALS))
    assert [record.cells["timeframe"] for record in records] == ["quarterly", "annual"]  # a trailing year is derived
    filing, _ = facts_of(records)
    assert filing.known_at == datetime(2025, 1, 31, 16, 1, 27, tzinfo=UTC)  # by New York's clock, for all one can tell
    figures = normalize_metrics(filing.metrics)
    assert (figures[Metric.REVENUE], str(figures[Metric.EPS])) == (124300000000, "2.4")
    assert figures[Metric.EQUITY] == 66758000000
    server.serve(STATEMENTS, page(statement(filing_date=None, acceptance_datetime=None)))
    (derived,) = massive.fetch(ask(DatasetKind.FUNDAMENTALS))
    assert not derived.dated


def test_a_filer_whose_stamps_can_only_be_utc_is_read_so(massive: Massive, server: VendorServer) -> None:
    """EDGAR takes nothing at one in the night: that stamp shows which clock all of them are by."""
    late = statement(end_date="2024-09-28", filing_date="2024-11-01", acceptance_datetime="2024-11-01T01:30:00Z")
    server.serve(STATEMENTS, page(statement(), late))
    filing, evening = facts_of(massive.fetch(ask(DatasetKind.FUNDAMENTALS)))
    assert filing.known_at == datetime(2025, 1, 31, 11, 1, 27, tzinfo=UTC)
    assert evening.known_at == datetime(2024, 11, 1, 10, 0, tzinfo=UTC)  # shown at six on the day that it counts for


def test_pages_are_followed_on_our_own_host_only(massive: Massive, server: VendorServer) -> None:
    def answer(request: Request) -> dict[str, object]:
        if request.query.get("cursor") == "abc":
            return page(story(title="second page"))
        return page(story(), next_url="https://evil.example/v2/reference/news?cursor=abc&apiKey=zzz")

    server.serve(NEWS, answer)
    assert [record.cells["title"] for record in massive.fetch(ask(DatasetKind.NEWS))] == ["Acme wins", "second page"]
    assert server.requests[1].query == {"cursor": "abc"}


def test_pages_without_end_are_given_up(massive: Massive, server: VendorServer) -> None:
    server.serve(SPLITS, page(split(), next_url=f"{server.url}{SPLITS}?cursor=abc"))
    with pytest.raises(SourceUnavailable, match="more than 200 pages"):
        massive.fetch(ask(DatasetKind.SPLITS))
