"""Vendor adapter for Yahoo Finance: unadjusted prices, corporate actions, news, profiles, and insider trades."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ....domain.errors import InvalidData, NoData, SourceUnavailable
from ...folder.layout import DatasetKind
from ...folder.row import ONE_DAY
from ..http_client import HttpPolicy
from ..json_api import dashed
from ..normalize import (
    deduplicate,
    format_utc,
    news_row,
    plain,
)
from ..port import VendorRequest, VendorRow
from . import unadjust
from .insiders import insider_rows

if TYPE_CHECKING:
    from .yfinance_client import AdjustedBar, HistoryResponse, YFinanceClient

NAME = "yfinance"
ONE_HOUR = timedelta(hours=1)
LEAD = timedelta(days=10)
"""Extension of the request before the window, so that it has bars on a weekend and before a split."""
HOURLY_REACH = timedelta(days=729)
SETTLING = timedelta(minutes=30)
"""Time after its end during which a bar may change: late prints, the closing auction, delayed exchanges."""
NEWEST = 100
EXCHANGES_OF_ONE_LETTER = (".F", ".L", ".T", ".V")  # Frankfurt, London, Tokyo, TSX Venture
ISIN = re.compile(r"[A-Z]{2}[A-Z0-9]{9}[0-9]")  # yfinance would look it up on another service
TICKER = re.compile(r"[A-Z0-9^][A-Z0-9^.=&-]{0,14}")
HIGHEST, LARGEST = 1e10, 1e18
"""Upper bounds of plausible prices and ratios, and of plausible volumes and turnovers."""
SAME = Decimal("0.000002")
"""Relative tolerance by which an open or close may lie outside low to high because of rounding."""


class Yahoo:
    """Vendor adapter for Yahoo Finance through yfinance.

    Formats and limits are those of yfinance 1.7 (https://ranaroussi.github.io/yfinance): hourly bars for the last 730
    days, the newest hundred news items, the current profile, and recent insider trades. Class shares are spelled with a
    point here (BRK.B) and with a hyphen by Yahoo. A coin is quoted as its dollar pair (BTC means BTC-USD). Yahoo
    reports the volume of coins as turnover in dollars; it is divided by the close to get coins.
    """

    name = NAME
    kinds = frozenset(DatasetKind) - {DatasetKind.FUNDAMENTALS, DatasetKind.MACRO, DatasetKind.FILING_TEXTS}

    def __init__(
        self,
        policy: HttpPolicy,
        *,
        now: Callable[[], datetime],
        sleep: Callable[[float], None],
        cache: Path,
        base_url: str | None = None,
    ) -> None:
        """Create the adapter without any request.

        Args:
            policy: limits of the requests.
            now: clock.
            sleep: called to wait, in seconds.
            cache: folder for the cookies of yfinance, created if missing; the first one in a process is used
                throughout.
            base_url: replaces all hosts of Yahoo.
        """
        self._policy, self._now, self._sleep, self._cache, self._base_url = policy, now, sleep, cache, base_url
        self._opened: YFinanceClient | None = None

    def fetch(self, ask: VendorRequest) -> Sequence[VendorRow]:
        """Return the requested rows; see `Vendor`. Incomplete bars are omitted."""
        symbol = yahoo_symbol(ask)
        match ask.kind:
            case DatasetKind.NEWS:
                return self._news(ask, symbol)
            case DatasetKind.PROFILE:
                return [profile(ask.key, self._library().info(symbol))]
            case DatasetKind.INSIDER:
                return insider_rows(ask, self._library().insider_transactions(symbol), self._now().date())
            case DatasetKind.PRICES_HOURLY:
                return self._hourly(ask, symbol)
            case DatasetKind.PRICES_DAILY | DatasetKind.CRYPTO_DAILY | DatasetKind.SPLITS | DatasetKind.DIVIDENDS:
                return self._daily(ask, symbol)
        raise NoData(f"{NAME} does not provide {ask.kind}; use another source")

    def check(self) -> None:
        """Request the recent prices of SPY."""
        if self._chart("SPY", "1d", self._now() - LEAD) is None:
            raise SourceUnavailable(f"{NAME} has no recent prices of SPY; the source is faulty")

    def _library(self) -> "YFinanceClient":
        if self._opened is None:
            from .session import YahooSession  # noqa: PLC0415
            from .yfinance_client import YFinanceClient  # noqa: PLC0415 - slow to import

            session = YahooSession(self._policy, now=self._now, sleep=self._sleep, base_url=self._base_url)
            self._opened = YFinanceClient(session, self._cache)
        return self._opened

    def _chart(self, symbol: str, interval: str, since: datetime) -> "HistoryResponse | None":
        return self._library().chart(symbol, interval, since, self._now() + ONE_DAY)

    def _daily(self, ask: VendorRequest, symbol: str) -> Sequence[VendorRow]:
        chart = self._chart(symbol, "1d", ask.since - LEAD)
        if chart is None:
            return []
        if chart.crypto is not (ask.kind is DatasetKind.CRYPTO_DAILY) and ask.kind in {
            DatasetKind.CRYPTO_DAILY,
            DatasetKind.PRICES_DAILY,
        }:
            raise NoData(f"{symbol} is {'a' if chart.crypto else 'not a'} crypto pair on {NAME}; check the ticker")
        self._check(symbol, chart)
        if ask.kind is DatasetKind.SPLITS:
            return [
                _action(ask, day, "ratio", ratio) for day, ratio in chart.splits.ratios.items() if _wanted(ask, day)
            ]
        if ask.kind is DatasetKind.DIVIDENDS:
            return list(_dividends(ask, chart))
        quotes = (quote for quote in chart.quotes if _wanted(ask, quote.start.date()) and self._closed(quote, chart))
        return [
            _bar(ask, "date", str(quote.start.date()), quote, chart.splits, crypto=chart.crypto) for quote in quotes
        ]

    def _hourly(self, ask: VendorRequest, symbol: str) -> Sequence[VendorRow]:
        reach = self._now() - HOURLY_REACH
        if ask.until < reach:
            raise SourceUnavailable(f"{NAME} has hourly bars of the last 730 days only; request a later window")
        daily = self._chart(symbol, "1d", max(ask.since, reach) - LEAD)
        chart = self._chart(symbol, "1h", max(ask.since, reach)) if daily else None
        if daily is None or chart is None:
            return []
        self._check(symbol, daily)
        self._check(symbol, replace(chart, splits=unadjust.SplitHistory({})))
        records = []
        for quote in chart.quotes:
            start = quote.start.astimezone(UTC)
            if ask.since <= start <= ask.until and start + ONE_HOUR + SETTLING <= self._now():
                records.append(_bar(ask, "ts_utc", format_utc(start), quote, daily.splits, crypto=daily.crypto))
        return records

    def _closed(self, quote: "AdjustedBar", chart: "HistoryResponse") -> bool:
        """Return whether the session of `quote` is closed and its bar final."""
        start, end = chart.period
        day = quote.start.date()
        return day < start.date() or (day == start.date() and end + SETTLING <= self._now())

    def _check(self, symbol: str, chart: "HistoryResponse") -> None:
        """Raise InvalidData for bars in the future, implausible figures, or prices not adjusted for a recent split."""
        for quote in chart.quotes:
            day = quote.start.date()
            if quote.start > self._now():
                raise InvalidData(NAME, None, f"{symbol} has a bar of {day}, which is in the future")
            if not 0 < quote.low <= quote.high < HIGHEST or not 0 <= quote.volume < LARGEST:
                reason = f"{symbol} trades {quote.volume:g} from {quote.low:g} to {quote.high:g} on {day}"
                raise InvalidData(NAME, None, reason)
            if not (0 < quote.open < HIGHEST and 0 < quote.close < HIGHEST):
                raise InvalidData(
                    NAME, None, f"{symbol} opens at {quote.open:g} and closes at {quote.close:g} on {day}"
                )
        if not all(0 < ratio < HIGHEST for ratio in chart.splits.ratios.values()):
            raise InvalidData(NAME, None, f"{symbol} has a split with an invalid ratio")
        if late := chart.splits.missed([(quote.start.date(), quote.close) for quote in chart.quotes]):
            reason = f"the prices of {symbol} do not appear to be adjusted for its split of {late}; try again later"
            raise InvalidData(NAME, None, reason)

    def _news(self, ask: VendorRequest, symbol: str) -> Sequence[VendorRow]:
        items = [news_item(ask.key, item) for item in self._library().news(symbol, NEWEST)]
        if not items:
            raise SourceUnavailable(f"{NAME} returned no news about {symbol}, which indicates a fault")
        if all(published > ask.until for published, _ in items):
            raise SourceUnavailable(f"{NAME} has only recent news, all of it later than {ask.until:%Y-%m-%d}")
        return deduplicate(record for published, record in items if ask.since <= published <= ask.until)


def yahoo_symbol(ask: VendorRequest) -> str:
    """Return the key in Yahoo's spelling; raises NoData if it is not a valid ticker."""
    key = ask.key.strip().upper()
    if not TICKER.fullmatch(key) or ISIN.fullmatch(key):
        raise NoData(f"{ask.key!r} is not a valid ticker of {NAME}")
    if ask.kind is DatasetKind.CRYPTO_DAILY:
        return key if "-" in key else f"{key}-USD"
    return key if key.endswith(EXCHANGES_OF_ONE_LETTER) else dashed(key)


def news_item(key: str, item: Mapping[str, Any]) -> tuple[datetime, VendorRow]:
    """Return the publication time of a news item and its row; raises InvalidData for another format or no title.

    The format is that of `Ticker.news` since yfinance 0.2.51 (https://github.com/ranaroussi/yfinance/issues/2185).
    """
    try:
        published = datetime.fromisoformat(item["pubDate"]).astimezone(UTC)
        title, link = _line(item["title"]), item.get("canonicalUrl") or item.get("clickThroughUrl") or {}
        source = _line((item.get("provider") or {}).get("displayName"))
        record = news_row(
            key, published, title, summary=_line(item.get("summary")), source=source, url=_line(link.get("url"))
        )
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
        raise InvalidData(NAME, None, f"a news item does not have the documented format ({error!r})") from error
    if not title:
        raise InvalidData(NAME, None, "a news item has no title")
    return published, record


def profile(key: str, info: Mapping[str, Any]) -> VendorRow:
    """Return the row of a profile; it is not dated, because it describes the time of the request.

    Raises SourceUnavailable for an empty profile, and InvalidData for a missing name or an invalid figure.
    """
    if not info or set(info) <= {"trailingPegRatio", "maxAge", "symbol"}:
        raise SourceUnavailable(f"{NAME} returned an empty profile of {key}")
    cells = {"ticker": key, "name": _line(info.get("longName") or info.get("shortName"))}
    if not cells["name"]:
        raise InvalidData(NAME, None, f"the profile of {key} has no name")
    words = {"sector": "sector", "industry": "industry", "country": "country", "currency": "currency"}
    for column, field in (words | {"exchange": "fullExchangeName", "summary": "longBusinessSummary"}).items():
        if text := _line(info.get(field)):
            cells[column] = text
    for column, field in {"shares_outstanding": "sharesOutstanding", "market_cap": "marketCap"}.items():
        if (number := info.get(field)) is not None:
            if isinstance(number, bool) or not isinstance(number, (int, float)) or not 0 < number < 1e18:
                raise InvalidData(NAME, None, f"the profile of {key} has an invalid {field}: {number!r}")
            cells[column] = str(Decimal(str(number)).quantize(Decimal(1)))
    return VendorRow(DatasetKind.PROFILE, cells, dated=False)


def _line(text: object) -> str:
    if text is None:
        return ""
    if not isinstance(text, str):
        raise TypeError(f"{text!r} is not text")
    return " ".join(text.split())


def _wanted(ask: VendorRequest, day: date) -> bool:
    return ask.since.date() <= day <= ask.until.date()


def _action(ask: VendorRequest, day: date, column: str, value: Decimal) -> VendorRow:
    return VendorRow(ask.kind, {"ticker": ask.key, "ex_date": str(day), column: plain(value)})


def _dividends(ask: VendorRequest, chart: "HistoryResponse") -> Iterator[VendorRow]:
    if chart.foreign_dividends:
        raise InvalidData(NAME, None, f"{ask.key} pays dividends in a currency other than that of its prices")
    for day, amount in chart.dividends.items():
        if not 0 < amount < HIGHEST:
            raise InvalidData(NAME, None, f"{ask.key} has an invalid dividend of {amount} on {day}")
        if _wanted(ask, day):
            yield _action(ask, day, "amount", unadjust.unadjust_price(amount, chart.splits.growth(day)))


def _bar(
    ask: VendorRequest,
    column: str,
    timestamp: str,
    quote: "AdjustedBar",
    splits: unadjust.SplitHistory,
    *,
    crypto: bool,
) -> VendorRow:
    growth = splits.growth(quote.start.date())
    opened, high, low, close = (
        unadjust.unadjust_price(value, growth) for value in (quote.open, quote.high, quote.low, quote.close)
    )
    volume = _coins(quote.volume, close) if crypto else unadjust.unadjust_volume(quote.volume, growth)
    opened, close = (_within(ask, timestamp, value, low, high) for value in (opened, close))
    prices = {"open": opened, "high": high, "low": low, "close": close, "volume": volume}
    return VendorRow(
        ask.kind, {"ticker": ask.key, column: timestamp, **{name: plain(value) for name, value in prices.items()}}
    )


def _coins(turnover: float, close: Decimal) -> Decimal:
    return (Decimal(turnover) / close).quantize(Decimal("0.0001"))


def _within(ask: VendorRequest, timestamp: str, value: Decimal, low: Decimal, high: Decimal) -> Decimal:
    """Return `value` clamped to `low` to `high`; raises InvalidData if it lies outside by more than rounding."""
    nearest = min(max(value, low), high)
    if abs(value - nearest) > SAME * high:
        raise InvalidData(NAME, None, f"{ask.key} trades at {value} on {timestamp}, outside low {low} to high {high}")
    return nearest
