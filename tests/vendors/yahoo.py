"""Answers of Yahoo Finance, in the shape that yfinance 1.7 reads (its chart v8, quoteSummary v10 and ncp endpoints).

Prices are given as traded; `chart` does to them what Yahoo does: it divides by the ratios of later splits, rounds to
six decimals, and stores in single precision.
"""

import struct
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from math import prod
from zoneinfo import ZoneInfo

Bar = tuple[str, float, float, float, float, float]
NOT_FOUND = {"code": "Not Found", "description": "No data found, symbol may be delisted"}
NOTHING_THEN = {
    "code": "Bad Request",
    "description": "Data doesn't exist for startDate = 1735689600, endDate = 1740787200",
}


def refusal(part: str, error: Mapping[str, str]) -> dict[str, object]:
    """Return how Yahoo refuses: `part` is `chart` or `quoteSummary`."""
    return {part: {"result": None, "error": error}}


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
    splits = splits or {}
    coin = kind == "CRYPTOCURRENCY"
    opens, ends = (time(0), time(23, 59)) if coin else (time(9, 30), time(16))

    def growth(day: date) -> float:
        return prod(top / bottom for ex, (top, bottom) in splits.items() if date.fromisoformat(ex) > day)

    def at(day: str, clock: time = opens) -> int:
        return int(datetime.combine(date.fromisoformat(day), clock, ZoneInfo(zone)).timestamp())

    moments, days = [], []
    for moment, *_ in bars:
        hourly = len(moment) > len("2025-01-02")
        start = datetime.fromisoformat(moment).astimezone(UTC) if hourly else datetime.fromtimestamp(at(moment), UTC)
        moments.append(int(start.timestamp()))
        days.append(start.astimezone(ZoneInfo(zone)).date())
    columns = {
        name: [stored(bar[place] / growth(day), adjusted=growth(day) != 1) for bar, day in zip(bars, days, strict=True)]
        for place, name in enumerate(("open", "high", "low", "close"), 1)
    }
    columns["volume"] = [round(bar[5] * growth(day)) for bar, day in zip(bars, days, strict=True)]
    today = now.astimezone(ZoneInfo(zone)).date()
    period = {"timezone": "EST", "start": at(str(today)), "end": at(str(today), ends), "gmtoffset": -18000}
    trading = [
        [{"timezone": "EST", "start": at(str(day)), "end": at(str(day), ends), "gmtoffset": -18000}]
        for day in sorted(set(days))
    ]
    meta = {
        "currency": "USD",
        "symbol": symbol,
        "exchangeName": "NMS",
        "fullExchangeName": "NasdaqGS",
        "instrumentType": kind,
        "firstTradeDate": 345479400,
        "regularMarketTime": max(moments, default=at(str(today - timedelta(days=1)))),
        "hasPrePostMarketData": True,
        "gmtoffset": -18000,
        "timezone": "EST",
        "exchangeTimezoneName": zone,
        "regularMarketPrice": 1.0,
        "priceHint": 2,
        "currentTradingPeriod": {"pre": period, "regular": period, "post": period},
        "tradingPeriods": trading,
        "dataGranularity": "1d",
        "range": "",
        "validRanges": ["1d", "5d", "1mo", "max"],
    }
    events: dict[str, object] = {
        "dividends": {
            str(at(day)): {"amount": round(paid / growth(date.fromisoformat(day)), 6), "date": at(day)}
            for day, paid in dividends
        },
        "splits": {
            str(at(day)): {
                "date": at(day),
                "numerator": top,
                "denominator": bottom,
                "splitRatio": f"{top:g}:{bottom:g}",
            }
            for day, (top, bottom) in splits.items()
        },
    }
    result = {"meta": meta, "timestamp": moments, "events": {name: value for name, value in events.items() if value}}
    indicators = {"quote": [columns], "adjclose": [{"adjclose": columns["close"]}]}
    return {"chart": {"result": [result | {"indicators": indicators}], "error": None}}


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


def summary(symbol: str, **changed: object) -> dict[str, object]:
    """Return the modules that a profile is made of."""
    profile = {"sector": "Industrials", "industry": "Tools", "country": "United States"}
    modules = {
        "assetProfile": profile | {"longBusinessSummary": "Makes anvils."},
        "quoteType": {"symbol": symbol, "longName": "Acme Corporation", "quoteType": "EQUITY"},
        "defaultKeyStatistics": {"sharesOutstanding": 1_000_000, "maxAge": 1},
        "summaryDetail": {"currency": "USD", "marketCap": 25_000_000, **changed},
    }
    return {"quoteSummary": {"result": [modules], "error": None}}


def quote(symbol: str) -> dict[str, object]:
    """Return the short quote that goes with a profile."""
    found = {"symbol": symbol, "fullExchangeName": "NasdaqGS", "shortName": "Acme"}
    return {"quoteResponse": {"result": [found], "error": None}}


def stored(value: float, *, adjusted: bool) -> float:
    """Return a price as Yahoo keeps it."""
    return float(struct.unpack("f", struct.pack("f", round(value, 6) if adjusted else value))[0])
