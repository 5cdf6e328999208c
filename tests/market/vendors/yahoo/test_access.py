"""Yahoo through the real library, which is led to a server of ours: the contract, names, cookies, hosts."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import peewee
import pytest
from contracts.vendor import VendorContract
from openoutcry.domain.errors import InvalidData, NoData, SourceUnavailable
from openoutcry.market.folder.layout import DatasetKind
from openoutcry.market.vendors.http_client import HttpClient
from openoutcry.market.vendors.port import Vendor, VendorRow
from openoutcry.market.vendors.yahoo import Yahoo
from openoutcry.market.vendors.yahoo.yfinance_cache import COOKIES, use_cache
from vendors import yahoo
from vendors.clock import Clock
from vendors.server import Served, VendorServer
from vendors.yahoo import (
    BARS,
    CHART,
    MANNERS,
    NEWS,
    QUOTE,
    SUMMARY,
    ask,
    cells,
    serve,
)
from yfinance.cache import _CookieCache

HASTY = replace(MANNERS, timeout=0.1, attempts=1)


class TestYahoo(VendorContract):
    asks = tuple(ask(kind, "BTC-USD" if kind is DatasetKind.CRYPTO_DAILY else "ACME") for kind in sorted(Yahoo.kinds))

    @pytest.fixture(autouse=True)
    def _at(self, clock: Clock, cache: Path, hasty: HttpClient) -> None:
        self.clock, self.cache, self.hasty = clock, cache, hasty

    def make(self, client: HttpClient, url: str) -> Vendor:
        """The library has a client of its own, which only shares the manners."""
        manners = HASTY if client is self.hasty else MANNERS
        return Yahoo(manners, now=self.clock.now, sleep=self.clock.sleep, cache=self.cache, base_url=url)

    def serve(self, server: VendorServer) -> None:
        serve(server, self.clock, splits={"2025-02-26": (4, 1)}, dividends=[("2025-02-27", 0.25)])

    def serve_drifted(self, server: VendorServer) -> None:
        self.serve(server)
        drifted = yahoo.chart("ACME", BARS, now=self.clock.now())
        quote = drifted["chart"]["result"][0]["indicators"]["quote"][0]
        quote["closing"] = quote.pop("close")
        server.serve(CHART.format("ACME"), drifted)
        coin = yahoo.chart("BTC-USD", BARS, now=self.clock.now(), zone="UTC", kind="CRYPTOCURRENCY")
        coin["chart"]["result"][0]["meta"].pop("instrumentType")
        server.serve(CHART.format("BTC-USD"), coin)
        item = yahoo.item("2025-02-20T14:00:05Z")
        item["published"] = item.pop("pubDate")
        server.serve(NEWS, yahoo.news(item))
        summary = yahoo.summary("ACME")
        summary["quoteSummary"]["result"][0]["quoteType"] = {"fullName": "Acme Corporation"}
        for each in summary["quoteSummary"]["result"][0]["insiderTransactions"]["transactions"]:
            each["transactionDate"] = each.pop("startDate")
        server.serve(SUMMARY.format("ACME"), summary)
        server.serve(QUOTE, {"quoteResponse": {"result": [], "error": None}})

    def serve_future(self, server: VendorServer) -> None:
        self.serve(server)
        server.serve(NEWS, yahoo.news(yahoo.item("2024-12-01T10:00:00Z"), yahoo.item("2031-05-05T00:00:00Z")))

    def serve_absurd(self, server: VendorServer) -> None:
        spoilt = [(*BARS[0][:2], -1.0, *BARS[0][3:]), *BARS[1:]]
        serve(server, self.clock, bars=spoilt, coins=[(*BARS[0][:5], -7.0), *BARS[1:]])
        server.serve(NEWS, yahoo.news(yahoo.item("the day before yesterday")))
        server.serve(
            SUMMARY.format("ACME"),
            yahoo.summary("ACME", [yahoo.transaction("2025-02-24", "Sale at price 0.00 per share.")], marketCap=-5),
        )

    def serve_nothing(self, server: VendorServer) -> None:
        for symbol in ("ACME", "BTC-USD"):
            nothing = Served.json(yahoo.refusal("chart", yahoo.NOTHING_THEN), 400)
            server.serve(CHART.format(symbol), nothing)
        server.serve(NEWS, yahoo.news(yahoo.item("2024-12-01T10:00:00Z"), yahoo.item("2025-03-02T10:00:00Z")))
        server.serve(SUMMARY.format("ACME"), yahoo.summary("ACME", yahoo.INSIDERS[2:]))

    def serve_unknown(self, server: VendorServer) -> None:
        for symbol in ("ACME", "BTC-USD"):
            server.serve(CHART.format(symbol), Served.json(yahoo.refusal("chart", yahoo.NOT_FOUND), 404))
        server.serve(NEWS, yahoo.news())
        unknown = {"code": "Not Found", "description": "Quote not found for symbol: ACME"}
        server.serve(SUMMARY.format("ACME"), Served.json(yahoo.refusal("quoteSummary", unknown), 404))

    def test_nothing_in_the_window_is_an_empty_answer(self, vendor: Vendor, server: VendorServer) -> None:
        """A profile is of now, whatever the window."""
        self.serve_nothing(server)
        for each in self.asks:
            assert each.kind is DatasetKind.PROFILE or not vendor.fetch(each), each.kind

    def test_an_unknown_key_is_not_an_empty_answer(self, vendor: Vendor, server: VendorServer) -> None:
        """Yahoo has no words for news about a ticker that it does not know."""
        self.serve_unknown(server)
        for each in self.asks:
            with pytest.raises(SourceUnavailable if each.kind is DatasetKind.NEWS else NoData, match=each.key):
                vendor.fetch(each)

    def test_a_passing_failure_is_outlived(self, vendor: Vendor, server: VendorServer, clock: Clock) -> None:
        """The library may swallow a failure of its own requests for cookies, so the data itself fails here."""
        daily = yahoo.chart("ACME", BARS, now=clock.now())
        server.serve(CHART.format("ACME"), Served(429, headers={"retry-after": "3"}), daily)
        assert len(vendor.fetch(ask(DatasetKind.PRICES_DAILY))) == len(BARS)
        assert any(slept == pytest.approx(3) for slept in clock.slept)
        assert [request.path for request in server.requests].count(CHART.format("ACME")) == 2


def test_a_pair_is_no_stock_and_a_stock_no_pair(vendor, server, clock) -> None:
    serve(server, clock)
    with pytest.raises(NoData, match="crypto pair"):
        vendor.fetch(ask(DatasetKind.PRICES_DAILY, "BTC-USD"))
    server.serve(CHART.format("ACME-USD"), yahoo.chart("ACME-USD", BARS, now=clock.now()))
    with pytest.raises(NoData, match="crypto pair"):
        vendor.fetch(ask(DatasetKind.CRYPTO_DAILY, "ACME"))


@pytest.mark.parametrize(
    ("key", "asked"),
    [("BRK.B", "BRK-B"), ("BF.B", "BF-B"), ("VOD.L", "VOD.L"), ("SHOP.TO", "SHOP.TO"), ("^VIX", "^VIX")],
)
def test_class_shares_are_spelled_as_yahoo_does_and_exchanges_left_alone(vendor, server, clock, key, asked) -> None:
    server.serve(CHART.format(asked.replace("^", "%5E")), yahoo.chart(asked, BARS, now=clock.now()))
    server.serve(CHART.format(asked), yahoo.chart(asked, BARS, now=clock.now()))
    assert {record.cells["ticker"] for record in vendor.fetch(ask(DatasetKind.PRICES_DAILY, key))} == {key}


@pytest.mark.parametrize("key", ["", "..", "A/../B", "ACME?x=1", "a b", "US0378331005", "A" * 16])
def test_what_can_be_no_ticker_is_never_asked(vendor, server, key: str) -> None:
    with pytest.raises(NoData):
        vendor.fetch(ask(DatasetKind.PRICES_DAILY, key))
    assert not server.requests


def test_an_answer_about_another_symbol_is_refused(vendor, server, clock) -> None:
    server.serve(CHART.format("FB"), yahoo.chart("META", BARS, now=clock.now()))
    with pytest.raises(InvalidData, match="META"):
        vendor.fetch(ask(DatasetKind.PRICES_DAILY, "FB"))


def test_the_probe_does_not_take_nothing_for_an_answer(vendor, server) -> None:
    server.serve(CHART.format("SPY"), Served.json(yahoo.refusal("chart", yahoo.NOTHING_THEN), 400))
    with pytest.raises(SourceUnavailable, match="SPY"):
        vendor.check()


def test_a_crumb_that_is_out_of_date_is_renewed_once(vendor, server, clock) -> None:
    serve(server, clock)
    stale = Served.json(
        {"finance": {"result": None, "error": {"code": "Unauthorized", "description": "Invalid Crumb"}}}, 401
    )
    server.serve(SUMMARY.format("ACME"), stale, yahoo.summary("ACME"))
    assert vendor.fetch(ask(DatasetKind.PROFILE))
    server.serve(SUMMARY.format("ACME"), stale)
    with pytest.raises(SourceUnavailable, match="401"):
        vendor.fetch(ask(DatasetKind.PROFILE))


def test_the_library_is_silent_and_writes_only_where_it_is_told(vendor, server, tmp_path_factory, capfd) -> None:
    """The first folder that a process is given stays in use, whichever test gave it."""
    from yfinance import cache as library_cache

    server.serve(CHART.format("ACME"), Served.json(yahoo.refusal("chart", yahoo.NOT_FOUND), 404))
    with pytest.raises(NoData):
        vendor.fetch(ask(DatasetKind.PRICES_DAILY))
    assert capfd.readouterr() == ("", "")
    managers = (library_cache._TzDBManager, library_cache._CookieDBManager, library_cache._ISINDBManager)
    (folder,) = {Path(manager.get_location()) for manager in managers}
    assert folder.is_relative_to(tmp_path_factory.getbasetemp())
    assert not list(folder.glob("tkr-tz.db"))


@pytest.mark.parametrize(("failures", "answers"), [(1, True), (2, False)], ids=["once", "always"])
def test_a_cookie_that_another_process_stores_meanwhile_costs_no_answer(
    vendor, server, clock, monkeypatch, failures, answers
) -> None:
    serve(server, clock)
    error, lookup, failed = peewee.IntegrityError("UNIQUE constraint failed"), _CookieCache.lookup, []

    def stored_meanwhile(self, strategy):
        if len(failed) < failures:
            failed.append(strategy)
            raise error
        return lookup(self, strategy)

    monkeypatch.setattr(_CookieCache, "lookup", stored_meanwhile)
    if answers:
        assert cells(vendor.fetch(ask(DatasetKind.PRICES_DAILY)))
        return
    with pytest.raises(SourceUnavailable, match=r"cannot use its cache .* \(UNIQUE constraint failed\); clear it"):
        vendor.fetch(ask(DatasetKind.PRICES_DAILY))


@pytest.fixture
def _same_cache_afterwards(cache) -> Iterator[None]:
    yield
    use_cache(cache)


@pytest.mark.usefixtures("_same_cache_afterwards")
def test_a_file_that_another_process_reads_is_opened(tmp_path) -> None:
    """A new file cannot be given a write-ahead log while another process reads it; the file has its log by then."""
    folder = tmp_path / "new" / "cache"
    use_cache(folder)
    with closing(sqlite3.connect(folder / COOKIES, isolation_level=None)) as reader:
        reader.execute("BEGIN")
        assert reader.execute("SELECT count(*) FROM sqlite_master").fetchone() == (0,)
        assert _CookieCache().lookup("curlCffi") is None


def test_a_damaged_file_is_named_with_its_folder(tmp_path) -> None:
    (tmp_path / COOKIES).write_text("no database " * 100)
    with pytest.raises(SourceUnavailable, match=f"cannot use its cache {tmp_path} "):
        use_cache(tmp_path)


def test_every_host_of_yahoo_is_led_to_the_server(vendor, server, clock) -> None:
    """Curl asks beside Python's own sockets, so no guard of the tests would notice a request that went outside."""
    from openoutcry.market.vendors.yahoo.session import YahooSession

    session = YahooSession(MANNERS, now=clock.now, sleep=clock.sleep, base_url=server.url + "/proxy/")
    for host in ("fc.yahoo.com", "guce.yahoo.com", "query1.finance.yahoo.com", "finance.yahoo.com"):
        session.get(f"https://{host}/path?a=1", timeout=1)
    assert [(request.path, request.query) for request in server.requests] == [("/proxy/path", {"a": "1"})] * 4
    session.close()


def test_news_is_only_the_newest(vendor, server, clock) -> None:
    serve(server, clock)
    (row,) = cells(vendor.fetch(ask(DatasetKind.NEWS)))
    assert row == {
        "ticker": "ACME", "published_at": "2025-02-20T14:00:05Z", "title": "ACME ships",
        "summary": "More anvils than ever.", "source": "Wire", "url": "https://wire.example/acme",
        "precision": "second",
    }  # fmt: skip
    with pytest.raises(SourceUnavailable, match="only recent news"):
        vendor.fetch(ask(DatasetKind.NEWS, until=datetime(2025, 1, 2, tzinfo=UTC)))
    server.serve(NEWS, yahoo.news())
    with pytest.raises(SourceUnavailable, match="returned no news"):
        vendor.fetch(ask(DatasetKind.NEWS))


def test_a_profile_is_of_now(vendor, server, clock) -> None:
    serve(server, clock)
    (record,) = vendor.fetch(ask(DatasetKind.PROFILE))
    assert not record.dated
    assert record == VendorRow(
        DatasetKind.PROFILE,
        {
            "ticker": "ACME", "name": "Acme Corporation", "sector": "Industrials", "industry": "Tools",
            "country": "United States", "currency": "USD", "exchange": "NasdaqGS", "summary": "Makes anvils.",
            "shares_outstanding": "1000000", "market_cap": "25000000",
        },
        dated=False,
    )  # fmt: skip
