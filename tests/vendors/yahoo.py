"""Answers of Yahoo Finance, in the shape that yfinance 1.7 reads (its chart v8, quoteSummary v10 and ncp endpoints).

Prices are given as traded; `chart` does to them what Yahoo does: it divides by the ratios of later splits, rounds to
six decimals, and stores in single precision.
"""

import struct
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from math import prod
from zoneinfo import ZoneInfo

from contracts.vendor import SINCE, UNTIL
from openoutcry.market.folder.layout import DatasetKind
from openoutcry.market.vendors.http_client import HttpPolicy
from openoutcry.market.vendors.port import VendorRequest

from .clock import Clock
from .server import VendorServer

Bar = tuple[str, float, float, float, float, float]
MANNERS = HttpPolicy("tests", timeout=10, attempts=2, max_bytes=200_000, per_second=1e9)
DAYS = ("2025-02-24", "2025-02-25", "2025-02-26", "2025-02-27", "2025-02-28")
BARS = [(day, 100.0 + n, 103.5 + n, 99.25 + n, 101.37 + n, 1000.0 * (n + 1)) for n, day in enumerate(DAYS)]
CHART, NEWS, SUMMARY, QUOTE = "/v8/finance/chart/{}", "/xhr/ncp", "/v10/finance/quoteSummary/{}", "/v7/finance/quote"
NOT_FOUND = {"code": "Not Found", "description": "No data found, symbol may be delisted"}
NOTHING_THEN = {
    "code": "Bad Request",
    "description": "Data doesn't exist for startDate = 1735689600, endDate = 1740787200",
}


def refusal(part: str, error: Mapping[str, str]) -> dict[str, object]:
    """Return how Yahoo refuses: `part` is `chart` or `quoteSummary`."""
    return {part: {"result": None, "error": error}}


@dataclass(frozen=True)
class _Tape:
    """Where and when a symbol trades, and the splits that Yahoo takes out of its prices."""

    zone: str
    opens: time
    ends: time
    splits: Mapping[str, tuple[float, float]]

    def growth(self, day: date) -> float:
        """Return how many shares have become of one share of `day`."""
        return prod(top / bottom for ex, (top, bottom) in self.splits.items() if date.fromisoformat(ex) > day)

    def start(self, moment: str) -> datetime:
        """Return the start of a bar whose first cell is a date, or for hourly ones a moment."""
        if len(moment) > len("2025-01-02"):
            return datetime.fromisoformat(moment).astimezone(UTC)
        return datetime.fromtimestamp(self.at(moment), UTC)

    def day(self, start: datetime) -> date:
        return start.astimezone(ZoneInfo(self.zone)).date()

    def at(self, day: str, clock: time | None = None) -> int:
        """Return the second of a day at which trading opens, or at `clock`."""
        return int(datetime.combine(date.fromisoformat(day), clock or self.opens, ZoneInfo(self.zone)).timestamp())

    def period(self, day: date) -> dict[str, object]:
        """Return the trading hours of a day."""
        start, end = self.at(str(day)), self.at(str(day), self.ends)
        return {"timezone": "EST", "start": start, "end": end, "gmtoffset": -18000}


def chart(
    symbol: str,
    bars: Sequence[Bar],
    *,
    splits: Mapping[str, tuple[float, float]] | None = None,
    dividends: Iterable[tuple[str, float]] = (),
    now: datetime,
    zone: str = "America/New_York",
    kind: str = "EQUITY",
) -> dict[str, object]:
    """Return the chart of bars whose first cell is a date, or for hourly ones a moment in UTC."""
    hours = (time(0), time(23, 59)) if kind == "CRYPTOCURRENCY" else (time(9, 30), time(16))
    tape = _Tape(zone, *hours, splits or {})
    starts = [tape.start(moment) for moment, *_ in bars]
    columns = _columns(tape, bars, starts)
    result = {
        "meta": {"symbol": symbol, "instrumentType": kind} | _meta(tape, starts, now),
        "timestamp": [int(start.timestamp()) for start in starts],
        "events": _events(tape, dividends),
        "indicators": {"quote": [columns], "adjclose": [{"adjclose": columns["close"]}]},
    }
    return {"chart": {"result": [result], "error": None}}


def _columns(tape: _Tape, bars: Sequence[Bar], starts: Sequence[datetime]) -> dict[str, list[float]]:
    """Return prices and volumes with the splits after each bar taken out."""
    grown = [tape.growth(tape.day(start)) for start in starts]
    columns: dict[str, list[float]] = {
        name: [stored(bar[place] / growth, adjusted=growth != 1) for bar, growth in zip(bars, grown, strict=True)]
        for place, name in enumerate(("open", "high", "low", "close"), 1)
    }
    columns["volume"] = [round(bar[5] * growth) for bar, growth in zip(bars, grown, strict=True)]
    return columns


def _meta(tape: _Tape, starts: Sequence[datetime], now: datetime) -> dict[str, object]:
    today = tape.day(now)
    last = max(starts, default=tape.start(str(today - timedelta(days=1))))
    return {
        "currency": "USD",
        "exchangeName": "NMS",
        "fullExchangeName": "NasdaqGS",
        "firstTradeDate": 345479400,
        "regularMarketTime": int(last.timestamp()),
        "hasPrePostMarketData": True,
        "gmtoffset": -18000,
        "timezone": "EST",
        "exchangeTimezoneName": tape.zone,
        "regularMarketPrice": 1.0,
        "priceHint": 2,
        "currentTradingPeriod": dict.fromkeys(("pre", "regular", "post"), tape.period(today)),
        "tradingPeriods": [[tape.period(day)] for day in sorted({tape.day(start) for start in starts})],
        "dataGranularity": "1d",
        "range": "",
        "validRanges": ["1d", "5d", "1mo", "max"],
    }


def _events(tape: _Tape, dividends: Iterable[tuple[str, float]]) -> dict[str, object]:
    """Return dividends and splits under their second; what there is none of is left out."""
    paid = {
        str(tape.at(day)): {"amount": round(amount / tape.growth(date.fromisoformat(day)), 6), "date": tape.at(day)}
        for day, amount in dividends
    }
    split = {
        str(tape.at(day)): {
            "date": tape.at(day),
            "numerator": top,
            "denominator": bottom,
            "splitRatio": f"{top:g}:{bottom:g}",
        }
        for day, (top, bottom) in tape.splits.items()
    }
    return ({"dividends": paid} if paid else {}) | ({"splits": split} if split else {})


def news(*items: Mapping[str, object]) -> dict[str, object]:
    """Return the stream of headlines."""
    return {"data": {"tickerStream": {"stream": [{"id": str(n), "content": item} for n, item in enumerate(items)]}}}


def item(published: str, title: str = "ACME ships") -> dict[str, object]:
    """Return one headline."""
    return {
        "contentType": "STORY",
        "title": title,
        "summary": "More anvils than\never.",
        "pubDate": published,
        "displayTime": published,
        "provider": {"displayName": "Wire", "url": "https://wire.example/"},
        "canonicalUrl": {"url": "https://wire.example/acme", "site": "finance"},
        "clickThroughUrl": None,
    }


def transaction(day: str, text: str, **changed: object) -> dict[str, object]:
    """Return one transaction of an insider; a field that is None is left out, as Yahoo does."""
    fields = {
        "filerName": "Wile E. Coyote",
        "filerRelation": "Chief Executive Officer",
        "transactionText": text,
        "moneyText": "",
        "shares": 400,
        "value": 40_600,
        "startDate": int(datetime.fromisoformat(f"{day}T00:00:00+00:00").timestamp()),
        "ownership": "D",
        "filerUrl": "",
        "maxAge": 1,
    } | changed
    return {name: value for name, value in fields.items() if value is not None}


INSIDERS = (
    transaction("2025-02-26", "Sale at price 101.00 - 102.00 per share."),
    transaction(
        "2025-02-24", "Purchase at price 40.50 per share.", shares=1000, value=40_500, filerRelation="Director"
    ),
    transaction("2025-02-21", "Stock Award(Grant) at price 0.00 per share.", value=0),
    transaction("2025-02-20", "", value=None),
    transaction("2024-06-03", "Sale at price 90.00 per share.", value=36_000),
)
"""Two trades of the window, a grant, a line without a text, and a trade of the year before."""


def summary(
    symbol: str, insiders: Iterable[Mapping[str, object]] | None = None, **changed: object
) -> dict[str, object]:
    """Return the modules that a profile and a list of insider transactions are made of."""
    profile = {"sector": "Industrials", "industry": "Tools", "country": "United States"}
    modules = {
        "assetProfile": profile | {"longBusinessSummary": "Makes anvils."},
        "quoteType": {"symbol": symbol, "longName": "Acme Corporation", "quoteType": "EQUITY"},
        "defaultKeyStatistics": {"sharesOutstanding": 1_000_000, "maxAge": 1},
        "summaryDetail": {"currency": "USD", "marketCap": 25_000_000, **changed},
        "insiderTransactions": {"transactions": [dict(each) for each in (INSIDERS if insiders is None else insiders)]},
    }
    return {"quoteSummary": {"result": [modules], "error": None}}


def quote(symbol: str) -> dict[str, object]:
    """Return the short quote that goes with a profile."""
    found = {"symbol": symbol, "fullExchangeName": "NasdaqGS", "shortName": "Acme"}
    return {"quoteResponse": {"result": [found], "error": None}}


def stored(value: float, *, adjusted: bool) -> float:
    """Return a price as Yahoo keeps it."""
    return float(struct.unpack("f", struct.pack("f", round(value, 6) if adjusted else value))[0])


def ask(kind: DatasetKind, key: str = "ACME", since: datetime = SINCE, until: datetime = UNTIL) -> VendorRequest:
    """Return a question of the window that all vendors are asked about."""
    return VendorRequest(kind, key, since, until)


def hourly(day: str) -> list[Bar]:
    """Return the hours of a day, all alike."""
    return [(f"{day}T{hour}:30:00Z", 10.0, 11.0, 9.5, 10.25, 500.0) for hour in range(14, 21)]


def serve(server: VendorServer, clock: Clock, *, bars=BARS, coins=BARS, hours=None, **events) -> None:
    """Serve days and hours of a share and days of a coin, with headlines, a profile and a quote."""
    hours = hourly("2025-02-27") if hours is None else hours
    daily = chart("ACME", bars, now=clock.now(), **events)
    intraday = chart("ACME", hours, now=clock.now())
    server.serve(CHART.format("ACME"), lambda request: intraday if request.query["interval"] == "1h" else daily)
    spy = chart("SPY", bars, now=clock.now())
    server.serve(CHART.format("SPY"), spy)
    coin = chart("BTC-USD", coins, now=clock.now(), zone="UTC", kind="CRYPTOCURRENCY")
    server.serve(CHART.format("BTC-USD"), coin)
    server.serve(NEWS, news(item("2025-02-20T14:00:05Z"), item("2025-03-02T10:00:00Z")))
    server.serve(SUMMARY.format("ACME"), summary("ACME"))
    server.serve(QUOTE, quote("ACME"))


def cells(records) -> list[dict[str, str]]:
    """Return the rows of an answer."""
    return [dict(record.cells) for record in records]


def closes(records) -> dict[str, Decimal]:
    """Return the closes of an answer by day."""
    return {record.cells["date"]: Decimal(record.cells["close"]) for record in records}


def replace_price(bar: Bar, price: float) -> Bar:
    """Return a bar that stands still at a price."""
    return (bar[0], price, price, price, price, bar[5])
