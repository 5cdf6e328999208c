"""Yahoo through the real library, which is led to a server of ours."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from math import prod
from pathlib import Path

import pytest
from contracts.vendor import SINCE, UNTIL, VendorContract
from hypothesis import assume, given
from hypothesis import strategies as st
from openoutcry.domain.errors import BadData, NoData, SourceUnavailable
from openoutcry.tools.folder.layout import Kind
from openoutcry.tools.vendors.client import Manners, Polite
from openoutcry.tools.vendors.port import Ask, Record, Vendor
from openoutcry.tools.vendors.yahoo import Yahoo, as_traded
from vendors import yahoo
from vendors.clock import Clock
from vendors.server import Served, VendorServer

MANNERS = Manners("tests", timeout=10, attempts=2, most_bytes=200_000, per_second=1e9)
HASTY = replace(MANNERS, timeout=0.1, attempts=1)
DAYS = ("2025-02-24", "2025-02-25", "2025-02-26", "2025-02-27", "2025-02-28")
BARS = [(day, 100.0 + n, 103.5 + n, 99.25 + n, 101.37 + n, 1000.0 * (n + 1)) for n, day in enumerate(DAYS)]
CHART, NEWS, SUMMARY, QUOTE = "/v8/finance/chart/{}", "/xhr/ncp", "/v10/finance/quoteSummary/{}", "/v7/finance/quote"


@pytest.fixture(scope="session")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The library keeps one cache folder for a whole process."""
    return tmp_path_factory.mktemp("yahoo")


@pytest.fixture
def vendor(server: VendorServer, clock: Clock, cache: Path) -> Yahoo:
    return Yahoo(MANNERS, now=clock.now, sleep=clock.sleep, cache=cache, base_url=server.url)


def hourly(day: str) -> list[yahoo.Bar]:
    return [(f"{day}T{hour}:30:00Z", 10.0, 11.0, 9.5, 10.25, 500.0) for hour in range(14, 21)]


def serve(server: VendorServer, clock: Clock, *, bars=BARS, coins=BARS, hours=None, **events) -> None:
    hours = hourly("2025-02-27") if hours is None else hours
    daily = yahoo.chart("ACME", bars, now=clock.now(), **events)
    intraday = yahoo.chart("ACME", hours, now=clock.now())
    server.serve(CHART.format("ACME"), lambda request: intraday if request.query["interval"] == "1h" else daily)
    spy = yahoo.chart("SPY", bars, now=clock.now())
    server.serve(CHART.format("SPY"), spy)
    coin = yahoo.chart("BTC-USD", coins, now=clock.now(), zone="UTC", kind="CRYPTOCURRENCY")
    server.serve(CHART.format("BTC-USD"), coin)
    server.serve(NEWS, yahoo.news(yahoo.item("2025-02-20T14:00:05Z"), yahoo.item("2025-03-02T10:00:00Z")))
    server.serve(SUMMARY.format("ACME"), yahoo.summary("ACME"))
    server.serve(QUOTE, yahoo.quote("ACME"))


def ask(kind: Kind, key: str = "ACME", since: datetime = SINCE, until: datetime = UNTIL) -> Ask:
    return Ask(kind, key, since, until)


class TestYahoo(VendorContract):
    asks = tuple(ask(kind, "BTC-USD" if kind is Kind.CRYPTO_DAILY else "ACME") for kind in sorted(Yahoo.kinds))

    @pytest.fixture(autouse=True)
    def _at(self, clock: Clock, cache: Path, hasty: Polite) -> None:
        self.clock, self.cache, self.hasty = clock, cache, hasty

    def make(self, client: Polite, url: str) -> Vendor:
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
        server.serve(SUMMARY.format("ACME"), summary)
        server.serve(QUOTE, {"quoteResponse": {"result": [], "error": None}})

    def serve_future(self, server: VendorServer) -> None:
        self.serve(server)
        server.serve(NEWS, yahoo.news(yahoo.item("2024-12-01T10:00:00Z"), yahoo.item("2031-05-05T00:00:00Z")))

    def serve_absurd(self, server: VendorServer) -> None:
        spoilt = [(*BARS[0][:2], -1.0, *BARS[0][3:]), *BARS[1:]]
        serve(server, self.clock, bars=spoilt, coins=[(*BARS[0][:5], -7.0), *BARS[1:]])
        server.serve(NEWS, yahoo.news(yahoo.item("the day before yesterday")))
        server.serve(SUMMARY.format("ACME"), yahoo.summary("ACME", marketCap=-5))

    def serve_nothing(self, server: VendorServer) -> None:
        for symbol in ("ACME", "BTC-USD"):
            nothing = Served.json(yahoo.refusal("chart", yahoo.NOTHING_THEN), 400)
            server.serve(CHART.format(symbol), nothing)
        server.serve(NEWS, yahoo.news(yahoo.item("2024-12-01T10:00:00Z"), yahoo.item("2025-03-02T10:00:00Z")))

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
            assert each.kind is Kind.PROFILE or not vendor.fetch(each), each.kind

    def test_an_unknown_key_is_told_from_silence(self, vendor: Vendor, server: VendorServer) -> None:
        """Yahoo has no words for news about a ticker that it does not know."""
        self.serve_unknown(server)
        for each in self.asks:
            with pytest.raises(SourceUnavailable if each.kind is Kind.NEWS else NoData, match=each.key):
                vendor.fetch(each)

    def test_a_passing_failure_is_outlived(self, vendor: Vendor, server: VendorServer, clock: Clock) -> None:
        """The library may swallow a failure of its own requests for cookies, so the data itself fails here."""
        daily = yahoo.chart("ACME", BARS, now=clock.now())
        server.serve(CHART.format("ACME"), Served(429, headers={"retry-after": "3"}), daily)
        assert len(vendor.fetch(ask(Kind.PRICES_DAILY))) == len(BARS)
        assert any(slept == pytest.approx(3) for slept in clock.slept)
        assert [request.path for request in server.requests].count(CHART.format("ACME")) == 2


def cells(records) -> list[dict[str, str]]:
    return [dict(record.cells) for record in records]


def closes(records) -> dict[str, Decimal]:
    return {record.cells["date"]: Decimal(record.cells["close"]) for record in records}


def test_bars_are_as_traded_on_both_sides_of_a_split_and_dividends_as_paid(vendor, server, clock) -> None:
    bars = [
        ("2025-02-24", 500.0, 505.0, 498.0, 499.0, 1e6),
        ("2025-02-25", 499.0, 505.77, 498.31, 499.23, 46907479.0),
        ("2025-02-26", 127.58, 131.0, 126.0, 129.04, 1e6),
    ]
    paid = [("2025-02-24", 0.82), ("2025-02-26", 0.205)]
    serve(server, clock, bars=bars, splits={"2025-02-26": (4, 1)}, dividends=paid)
    _, before, after = cells(vendor.fetch(ask(Kind.PRICES_DAILY)))
    assert before == {
        "ticker": "ACME", "date": "2025-02-25", "open": "499", "high": "505.77", "low": "498.31", "close": "499.23",
        "volume": "46907479",
    }  # fmt: skip
    assert after["close"] == "129.04"
    assert cells(vendor.fetch(ask(Kind.SPLITS))) == [{"ticker": "ACME", "ex_date": "2025-02-26", "ratio": "4"}]
    dividends = [(row["ex_date"], row["amount"]) for row in cells(vendor.fetch(ask(Kind.DIVIDENDS)))]
    assert dividends == [("2025-02-24", "0.82"), ("2025-02-26", "0.205")]


def test_a_split_after_the_window_is_still_taken_out(vendor, server, clock) -> None:
    """What Yahoo shows of January is divided by a split of February; the question is only about January."""
    bars = [("2025-01-30", 40.0, 42.0, 39.5, 41.17, 100.0), *(replace_price(bar, 10.29) for bar in BARS)]
    serve(server, clock, bars=bars, splits={"2025-02-24": (4, 1)})
    (bar,) = vendor.fetch(ask(Kind.PRICES_DAILY, until=datetime(2025, 1, 31, tzinfo=UTC)))
    assert bar.cells["close"] == "41.17"
    assert server.requests[-1].query["period2"] == str(int((clock.now() + timedelta(days=1)).timestamp()))


def replace_price(bar: yahoo.Bar, price: float) -> yahoo.Bar:
    return (bar[0], price, price, price, price, bar[5])


def test_a_history_that_does_not_allow_for_a_split_yet_is_refused(vendor, server, clock) -> None:
    """On the morning of a split Yahoo lists it before it has divided the prices: everything would be off by 4."""
    bars = [("2025-02-25", 499.0, 500.0, 498.0, 499.0, 1.0), ("2025-02-26", 127.0, 131.0, 126.0, 129.0, 1.0)]
    late = yahoo.chart("ACME", bars, now=clock.now())
    event = yahoo.chart("ACME", bars, now=clock.now(), splits={"2025-02-26": (4, 1)})["chart"]["result"][0]["events"]
    late["chart"]["result"][0]["events"] = event
    server.serve(CHART.format("ACME"), late)
    with pytest.raises(BadData, match="split of 2025-02-26"):
        vendor.fetch(ask(Kind.PRICES_DAILY))


def test_a_split_that_no_bar_confirms_yet_is_refused(vendor, server, clock) -> None:
    clock.moment = datetime(2025, 2, 27, 13, tzinfo=UTC)
    serve(server, clock, bars=BARS[:3], splits={"2025-02-27": (4, 1)})
    with pytest.raises(BadData, match="split of 2025-02-27"):
        vendor.fetch(ask(Kind.PRICES_DAILY))
    serve(server, clock, bars=BARS[:3], splits={"2025-02-27": (1046, 1000)})  # a spin-off is taken on trust
    assert closes(vendor.fetch(ask(Kind.PRICES_DAILY)))["2025-02-26"] == Decimal("103.37")


@pytest.mark.parametrize(
    ("now", "last"),
    [
        (datetime(2025, 2, 28, 13, tzinfo=UTC), "2025-02-27"),  # before the open
        (datetime(2025, 2, 28, 20, 59, tzinfo=UTC), "2025-02-27"),  # a minute before the close
        (datetime(2025, 2, 28, 21, 10, tzinfo=UTC), "2025-02-27"),  # the auction may still be printed
        (datetime(2025, 2, 28, 21, 31, tzinfo=UTC), "2025-02-28"),
        (datetime(2025, 3, 1, 12, tzinfo=UTC), "2025-02-28"),  # a Saturday
    ],
)
def test_a_bar_of_a_session_that_goes_on_is_left_out(vendor, server, clock, now: datetime, last: str) -> None:
    """It would be taken for the whole session by whoever reads it after the close."""
    clock.moment = now
    serve(server, clock)
    assert max(closes(vendor.fetch(ask(Kind.PRICES_DAILY)))) == last


def test_hours_are_in_utc_complete_and_unadjusted(vendor, server, clock) -> None:
    clock.moment = datetime(2025, 2, 27, 17, 10, tzinfo=UTC)
    begun = hourly("2025-02-27")[:3]  # the third bar goes on until 17:30
    serve(server, clock, bars=[replace_price(bar, 10.0) for bar in BARS[:4]], hours=begun)
    rows = cells(vendor.fetch(ask(Kind.PRICES_HOURLY)))
    assert [row["ts_utc"] for row in rows] == ["2025-02-27T14:30:00Z", "2025-02-27T15:30:00Z"]
    assert rows[0]["close"] == "10.25"
    assert rows[0]["volume"] == "500"


def test_hours_of_long_ago_are_not_to_be_had(vendor, server, clock) -> None:
    with pytest.raises(SourceUnavailable, match="730 days"):
        vendor.fetch(
            ask(Kind.PRICES_HOURLY, since=datetime(2020, 1, 1, tzinfo=UTC), until=datetime(2020, 2, 1, tzinfo=UTC))
        )
    assert not server.requests


def test_a_coin_is_a_dollar_pair_whose_day_ends_at_midnight_utc(vendor, server, clock) -> None:
    clock.moment = datetime(2025, 2, 28, 23, 58, tzinfo=UTC)
    serve(server, clock, coins=[(day, 90000.5, 96000.0, 89000.0, 95000.0, 38e9) for day in DAYS])
    rows = cells(vendor.fetch(ask(Kind.CRYPTO_DAILY, "BTC")))
    assert rows[-1]["date"] == "2025-02-27"
    assert rows[-1]["ticker"] == "BTC"
    assert rows[-1]["volume"] == "400000"  # coins: 38e9 dollars at 95000


def test_a_pair_is_no_stock_and_a_stock_no_pair(vendor, server, clock) -> None:
    serve(server, clock)
    with pytest.raises(NoData, match="crypto pair"):
        vendor.fetch(ask(Kind.PRICES_DAILY, "BTC-USD"))
    server.serve(CHART.format("ACME-USD"), yahoo.chart("ACME-USD", BARS, now=clock.now()))
    with pytest.raises(NoData, match="crypto pair"):
        vendor.fetch(ask(Kind.CRYPTO_DAILY, "ACME"))


@pytest.mark.parametrize(
    ("key", "asked"),
    [("BRK.B", "BRK-B"), ("BF.B", "BF-B"), ("VOD.L", "VOD.L"), ("SHOP.TO", "SHOP.TO"), ("^VIX", "^VIX")],
)
def test_class_shares_are_spelled_as_yahoo_does_and_exchanges_left_alone(vendor, server, clock, key, asked) -> None:
    server.serve(CHART.format(asked.replace("^", "%5E")), yahoo.chart(asked, BARS, now=clock.now()))
    server.serve(CHART.format(asked), yahoo.chart(asked, BARS, now=clock.now()))
    assert {record.cells["ticker"] for record in vendor.fetch(ask(Kind.PRICES_DAILY, key))} == {key}


@pytest.mark.parametrize("key", ["", "..", "A/../B", "ACME?x=1", "a b", "US0378331005", "A" * 16])
def test_what_can_be_no_ticker_is_never_asked(vendor, server, key: str) -> None:
    with pytest.raises(NoData):
        vendor.fetch(ask(Kind.PRICES_DAILY, key))
    assert not server.requests


def test_an_answer_about_another_symbol_is_refused(vendor, server, clock) -> None:
    server.serve(CHART.format("FB"), yahoo.chart("META", BARS, now=clock.now()))
    with pytest.raises(BadData, match="META"):
        vendor.fetch(ask(Kind.PRICES_DAILY, "FB"))


def test_an_empty_chart_is_an_outage_unless_yahoo_says_that_trading_was_over(vendor, server, clock) -> None:
    empty = yahoo.chart("ACME", [], now=clock.now())
    result = empty["chart"]["result"][0]
    result.pop("timestamp")
    result["indicators"] = {"quote": [{}], "adjclose": [{}]}
    server.serve(CHART.format("ACME"), empty)
    with pytest.raises(SourceUnavailable, match="ACME"):
        vendor.fetch(ask(Kind.PRICES_DAILY))
    result["meta"]["regularMarketTime"] = int(datetime(2024, 6, 1, tzinfo=UTC).timestamp())
    assert not vendor.fetch(ask(Kind.PRICES_DAILY))


@pytest.mark.parametrize(("place", "value"), [(1, 1e300), (2, 1e30), (3, -0.5), (4, 0.0), (5, -3.0), (4, 180.0)])
def test_bars_that_cannot_be_are_refused(vendor, server, clock, place: int, value: float) -> None:
    document = yahoo.chart("ACME", BARS, now=clock.now())
    name = ("open", "high", "low", "close", "volume")[place - 1]
    document["chart"]["result"][0]["indicators"]["quote"][0][name][2] = value
    server.serve(CHART.format("ACME"), document)
    with pytest.raises(BadData, match="ACME"):
        vendor.fetch(ask(Kind.PRICES_DAILY))


def test_dividends_in_another_currency_are_refused(vendor, server, clock) -> None:
    document = yahoo.chart("ACME", BARS, dividends=[("2025-02-26", 0.2)], now=clock.now())
    (event,) = document["chart"]["result"][0]["events"]["dividends"].values()
    event["currency"] = "EUR"
    server.serve(CHART.format("ACME"), document)
    with pytest.raises(BadData, match="another currency"):
        vendor.fetch(ask(Kind.DIVIDENDS))
    assert vendor.fetch(ask(Kind.PRICES_DAILY))


def test_the_probe_does_not_take_nothing_for_an_answer(vendor, server) -> None:
    server.serve(CHART.format("SPY"), Served.json(yahoo.refusal("chart", yahoo.NOTHING_THEN), 400))
    with pytest.raises(SourceUnavailable, match="SPY"):
        vendor.probe()


RATIOS = ["1.5", "2", "3", "4", "7", "10", "20", "0.1", "0.125", "1.046"]


@given(st.integers(1, 5_000_000), st.lists(st.sampled_from(RATIOS), max_size=4))
def test_cents_come_out_as_cents_whatever_the_splits(cents: int, ratios: list[str]) -> None:
    traded, growth = Decimal(cents) / 100, prod(map(Decimal, ratios), start=Decimal(1))
    seen = yahoo.stored(float(traded) / float(growth), adjusted=growth != 1)
    assume(growth <= 1000 and seen > 0)
    assert as_traded.price(seen, growth) == traded


def test_rows_without_prices_are_left_out(vendor, server, clock) -> None:
    document = yahoo.chart("ACME", BARS, now=clock.now())
    quote = document["chart"]["result"][0]["indicators"]["quote"][0]
    quote["close"][2] = None
    quote["volume"][3] = None
    server.serve(CHART.format("ACME"), document)
    rows = {row["date"]: row["volume"] for row in cells(vendor.fetch(ask(Kind.PRICES_DAILY)))}
    assert sorted(rows) == [DAYS[0], DAYS[1], DAYS[3], DAYS[4]]
    assert rows[DAYS[3]] == "0"


def test_news_is_only_the_newest(vendor, server, clock) -> None:
    serve(server, clock)
    (row,) = cells(vendor.fetch(ask(Kind.NEWS)))
    assert row == {
        "ticker": "ACME", "published_at": "2025-02-20T14:00:05Z", "title": "ACME ships",
        "summary": "More anvils than ever.", "source": "Wire", "url": "https://wire.example/acme",
        "precision": "second",
    }  # fmt: skip
    with pytest.raises(SourceUnavailable, match="newest"):
        vendor.fetch(ask(Kind.NEWS, until=datetime(2025, 1, 2, tzinfo=UTC)))
    server.serve(NEWS, yahoo.news())
    with pytest.raises(SourceUnavailable, match="no news at all"):
        vendor.fetch(ask(Kind.NEWS))


def test_a_profile_is_of_now(vendor, server, clock) -> None:
    serve(server, clock)
    (record,) = vendor.fetch(ask(Kind.PROFILE))
    assert not record.dated
    assert record == Record(
        Kind.PROFILE,
        {
            "ticker": "ACME", "name": "Acme Corporation", "sector": "Industrials", "industry": "Tools",
            "country": "United States", "currency": "USD", "exchange": "NasdaqGS", "summary": "Makes anvils.",
            "shares_outstanding": "1000000", "market_cap": "25000000",
        },
        dated=False,
    )  # fmt: skip


def test_a_crumb_that_is_out_of_date_is_renewed_once(vendor, server, clock) -> None:
    serve(server, clock)
    stale = Served.json(
        {"finance": {"result": None, "error": {"code": "Unauthorized", "description": "Invalid Crumb"}}}, 401
    )
    server.serve(SUMMARY.format("ACME"), stale, yahoo.summary("ACME"))
    assert vendor.fetch(ask(Kind.PROFILE))
    server.serve(SUMMARY.format("ACME"), stale)
    with pytest.raises(SourceUnavailable, match="401"):
        vendor.fetch(ask(Kind.PROFILE))


def test_the_library_is_silent_and_writes_only_where_it_is_told(vendor, server, clock, cache, capfd) -> None:
    from yfinance import cache as library_cache

    server.serve(CHART.format("ACME"), Served.json(yahoo.refusal("chart", yahoo.NOT_FOUND), 404))
    with pytest.raises(NoData):
        vendor.fetch(ask(Kind.PRICES_DAILY))
    assert capfd.readouterr() == ("", "")
    managers = (library_cache._TzDBManager, library_cache._CookieDBManager, library_cache._ISINDBManager)
    assert {manager.get_location() for manager in managers} == {str(cache)}
    assert not list(cache.glob("tkr-tz.db"))


def test_every_host_of_yahoo_is_led_to_the_server(vendor, server, clock) -> None:
    """Curl asks beside Python's own sockets, so no guard of the tests would notice a request that went outside."""
    from openoutcry.tools.vendors.yahoo.session import YahooSession

    session = YahooSession(MANNERS, now=clock.now, sleep=clock.sleep, base_url=server.url + "/proxy/")
    for host in ("fc.yahoo.com", "guce.yahoo.com", "query1.finance.yahoo.com", "finance.yahoo.com"):
        session.get(f"https://{host}/path?a=1", timeout=1)
    assert [(request.path, request.query) for request in server.requests] == [("/proxy/path", {"a": "1"})] * 4
    session.close()


@pytest.fixture
def unadjusted(real_market: Path) -> dict[str, list[yahoo.Bar]]:
    import csv
    import gzip

    rows: dict[str, list[yahoo.Bar]] = {"AAPL": [], "NVDA": [], "IBM": []}
    with gzip.open(real_market / "prices_daily.csv.gz", "rt") as file:
        for row in csv.DictReader(file):
            if row["ticker"] in rows and row["date"] >= "2001-01-01":
                prices = (float(row[name]) for name in ("open", "high", "low", "close", "volume"))
                rows[row["ticker"]].append((row["date"], *prices))
    return rows


@pytest.mark.parametrize("ticker", ["AAPL", "NVDA", "IBM"])
def test_real_rows_come_back_to_the_cent(real_market: Path, unadjusted, server, clock, cache, ticker: str) -> None:
    """What Yahoo makes of a quarter of a century of real bars and splits is taken back to those bars."""
    clock.moment = datetime(2025, 7, 1, 12, tzinfo=UTC)
    manners = replace(MANNERS, most_bytes=10_000_000, timeout=10)
    vendor = Yahoo(manners, now=clock.now, sleep=clock.sleep, cache=cache, base_url=server.url)
    lines = [line.split(",") for line in (real_market / "splits.csv").read_text().splitlines()[1:]]
    splits = {day: (float(ratio) * 1000, 1000) for name, day, ratio, *_ in lines if name == ticker and day > "2001"}
    lines = [line.split(",") for line in (real_market / "dividends.csv").read_text().splitlines()[1:]]
    paid = [(day, float(amount)) for name, day, amount, *_ in lines if name == ticker and day > "2001-01-02"]
    bars = unadjusted[ticker]
    document = yahoo.chart(ticker, bars, splits=splits, dividends=paid, now=clock.now())
    server.serve(CHART.format(ticker), document)
    everything = ask(Kind.PRICES_DAILY, ticker, datetime(2001, 1, 1, tzinfo=UTC), clock.now())
    found = {record.cells["date"]: record.cells for record in vendor.fetch(everything)}
    assert len(found) == len(bars)
    names = ("open", "high", "low", "close")
    for day, *prices, volume in bars:
        for name, price in zip(names, prices, strict=True):
            gap = abs(Decimal(found[day][name]) - Decimal(str(price)))
            # Yahoo's six decimals, times 480 in the case of NVDA, are all that is left of a tenth of a cent
            assert gap == 0 or (gap < Decimal("0.0003") and round(price, 2) != price), (day, name)
        assert Decimal(found[day]["volume"]) == round(volume), day
    dividends = vendor.fetch(replace(everything, kind=Kind.DIVIDENDS))
    assert {record.cells["ex_date"]: Decimal(record.cells["amount"]) for record in dividends} == {
        day: Decimal(str(amount)) for day, amount in paid
    }
