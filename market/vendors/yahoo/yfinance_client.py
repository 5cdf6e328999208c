"""Wrapper of yfinance that returns plain values and raises the errors of this project.

yfinance has process-wide state (one session, one set of cookies, one disk cache), so requests are serialized over all
threads. It is imported with the first request, because the import takes seconds.
"""

import logging
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from math import isnan
from pathlib import Path
from threading import RLock
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from ....domain.errors import InvalidData, NoData, SourceUnavailable
from .unadjust import SplitHistory, split_ratio
from .yfinance_cache import cache_error, use_cache

if TYPE_CHECKING:
    from .session import YahooSession

T = TypeVar("T")
ODD_SHAPE = (KeyError, TypeError, IndexError, ValueError, AttributeError, ArithmeticError)
NOT_FOUND, NOTHING_THEN = "Not Found", "Data doesn't exist for startDate"


@dataclass(frozen=True, slots=True)
class AdjustedBar:
    """A bar as reported by Yahoo: split-adjusted, in single precision; `start` is in exchange time."""

    start: datetime
    open: float
    high: float
    low: float
    close: float
    volume: float

    @property
    def traded(self) -> bool:
        """Whether all four prices are present."""
        return not any(isnan(price) for price in (self.open, self.high, self.low, self.close))


@dataclass(frozen=True, slots=True)
class HistoryResponse:
    """The response to a history request.

    Attributes:
        crypto: whether the symbol is a crypto pair.
        period: start and end of the current, last or next trading day.
        quotes: bars, oldest first; intervals without a price are omitted.
        splits: all splits from the first interval until now.
        dividends: cash per current share, by ex-date.
        foreign_dividends: whether any dividend is paid in a currency other than that of the prices.
    """

    crypto: bool
    period: tuple[datetime, datetime]
    quotes: Sequence[AdjustedBar]
    splits: SplitHistory
    dividends: Mapping[date, float]
    foreign_dividends: bool


class YFinanceClient:
    """Client of yfinance over a `YahooSession`. `cache` is the folder for its cookies."""

    _one_at_a_time: ClassVar[RLock] = RLock()
    _cache_in_use: ClassVar[Path | None] = None

    def __init__(self, session: "YahooSession", cache: Path) -> None:
        self._session, self._cache = session, cache

    def chart(self, symbol: str, interval: str, since: datetime, until: datetime) -> HistoryResponse | None:
        """Return the history of `symbol` from `since`, or None if Yahoo knows it and has no data in the window.

        `interval` is `1d` or `1h`. `until` must be in the future, so that the response includes all splits.

        Raises:
            NoData: Yahoo does not know the symbol.
            SourceUnavailable: no response.
            InvalidData: a response in another format.
        """

        def ask() -> HistoryResponse | None:
            from yfinance.data import YfData  # noqa: PLC0415
            from yfinance.exceptions import YFException  # noqa: PLC0415
            from yfinance.scrapers.history import PriceHistory  # noqa: PLC0415

            history = PriceHistory(YfData(session=self._session), symbol, "UTC", session=self._session)
            options = {"auto_adjust": False, "back_adjust": False, "actions": True, "repair": False}
            try:
                frame = history.history(interval=interval, start=since, end=until, **options)
            except (YFException, *ODD_SHAPE):
                if self._nothing_then(since, until):
                    return None
                raise
            return _chart(symbol, frame, self._result())

        return self._answer(symbol, ask)

    def news(self, symbol: str, count: int) -> Sequence[Mapping[str, Any]]:
        """Return the newest `count` news items about `symbol` in Yahoo's format; raises the errors of `chart`."""

        def ask() -> Sequence[Mapping[str, Any]]:
            from yfinance import Ticker  # noqa: PLC0415 - slow to import

            document = Ticker(symbol, session=self._session).get_news(count=count)
            stream = self._session.document["data"]["tickerStream"]["stream"]  # type: ignore[index] # the library
            return [item["content"] for item in document if stream is not None]  # ignores a missing stream

        return self._answer(symbol, ask)

    def info(self, symbol: str) -> Mapping[str, Any]:
        """Return Yahoo's current profile of `symbol`; raises the errors of `chart`."""

        def ask() -> Mapping[str, Any]:
            from yfinance import Ticker  # noqa: PLC0415 - slow to import

            return dict(Ticker(symbol, session=self._session).info)

        return self._answer(symbol, ask)

    def insider_transactions(self, symbol: str) -> Sequence[Mapping[str, Any]]:
        """Return the transactions of insiders of `symbol` by yfinance's columns; raises the errors of `chart`."""

        def ask() -> Sequence[Mapping[str, Any]]:
            from yfinance import Ticker  # noqa: PLC0415 - slow to import

            frame = Ticker(symbol, session=self._session).get_insider_transactions()
            # The library takes a missing list for an empty one.
            self._session.document["quoteSummary"]["result"][0]["insiderTransactions"]["transactions"]  # type: ignore[index]
            records: Sequence[Mapping[str, Any]] = frame.to_dict("records")
            return records

        return self._answer(symbol, ask)

    def _answer(self, symbol: str, ask: Callable[[], T]) -> T:
        """Return the result of `ask`, the only user of yfinance meanwhile.

        It is called once more if the disk cache fails, because another process may have written the same cookie.
        """
        with self._one_at_a_time:
            cache = self._prepare()
            from peewee import PeeweeException  # noqa: PLC0415 - yfinance stores its cookies with it

            try:
                with self._translated(symbol):
                    return ask()
            except PeeweeException:
                use_cache(cache)
            try:
                with self._translated(symbol):
                    return ask()
            except PeeweeException as error:
                raise cache_error(cache, error) from error

    @contextmanager
    def _translated(self, symbol: str) -> Iterator[None]:
        """Prepare one request, and translate its exceptions except those of the disk cache."""
        from curl_cffi.requests.exceptions import RequestException  # noqa: PLC0415 - slow to import
        from yfinance.data import YfData  # noqa: PLC0415
        from yfinance.exceptions import YFException  # noqa: PLC0415

        YfData.cache_get.cache_clear()  # it would cache responses, including errors, for the life of the process
        self._session.begin()
        try:
            with warnings.catch_warnings():
                warnings.filterwarnings("ignore", module=r"yfinance\b")  # internal to yfinance
                yield
        except (YFException, RequestException) as error:
            raise self._explained(symbol, error) from error
        except ODD_SHAPE as error:
            reason = f"the response about {symbol} does not have the expected format ({error!r})"
            raise InvalidData("yfinance", None, reason) from error

    def _prepare(self) -> Path:
        """Configure yfinance once per process: no logging, raised errors; return the folder of its files."""
        if YFinanceClient._cache_in_use is None:
            import yfinance  # noqa: PLC0415 - slow to import

            logging.getLogger("yfinance").setLevel(logging.CRITICAL + 1)
            use_cache(self._cache)
            yfinance.config.debug.hide_exceptions = False
            yfinance.config.network.retries = 0
            YFinanceClient._cache_in_use = self._cache
        return YFinanceClient._cache_in_use

    def _result(self) -> Mapping[str, Any]:
        result: Mapping[str, Any] = self._session.document["chart"]["result"][0]  # type: ignore[index]
        return result

    def _refusal(self) -> tuple[str, str]:
        """Return the error code and description in Yahoo's response; empty strings if there is none."""
        document = self._session.document
        for part in document.values() if isinstance(document, dict) else ():
            error = part.get("error") if isinstance(part, dict) else None
            if isinstance(error, dict):
                return str(error.get("code", "")), str(error.get("description", ""))
        return "", ""

    def _nothing_then(self, since: datetime, until: datetime) -> bool:
        """Return whether Yahoo knows the symbol and it traded only before or after the window."""
        if self._refusal()[1].startswith(NOTHING_THEN):
            return True
        try:
            meta = self._result()["meta"]
            first, last = meta["firstTradeDate"], meta["regularMarketTime"]
        except ODD_SHAPE:
            return False
        return bool((_is_time(last) and last < since.timestamp()) or (_is_time(first) and first > until.timestamp()))

    def _explained(self, symbol: str, error: Exception) -> NoData | SourceUnavailable:
        code, words = self._refusal()
        if code == NOT_FOUND:
            return NoData(f"yfinance does not know {symbol}; check the ticker, it may be renamed or delisted")
        reason = " ".join((words or str(error)).split())[:200]
        return SourceUnavailable(f"yfinance returned no data about {symbol}: {reason}")


def _chart(symbol: str, frame: Any, result: Mapping[str, Any]) -> HistoryResponse:
    meta = result["meta"]
    if meta["symbol"] != symbol:
        raise InvalidData("yfinance", None, f"the response to a request for {symbol} is about {meta['symbol']}")
    zone = _zone(meta["exchangeTimezoneName"])
    columns = [frame[name].tolist() for name in ("Open", "High", "Low", "Close", "Volume")]
    starts = [timestamp.to_pydatetime() for timestamp in frame.index]
    quotes = [AdjustedBar(start, *values) for start, *values in zip(starts, *columns, strict=True)]
    period = meta["currentTradingPeriod"]["regular"]
    return HistoryResponse(
        crypto=meta["instrumentType"] == "CRYPTOCURRENCY",
        period=(_moment(period["start"], zone), _moment(period["end"], zone)),
        quotes=[quote for quote in quotes if quote.traded],
        splits=SplitHistory({day: split_ratio(value) for day, value in _events(starts, frame["Stock Splits"])}),
        dividends=dict(_events(starts, frame["Dividends"])),
        foreign_dividends=any(
            event.get("currency") not in {None, "", meta["currency"]}
            for event in result.get("events", {}).get("dividends", {}).values()
        ),
    )


def _events(starts: Sequence[datetime], column: Any) -> Iterator[tuple[date, float]]:
    return ((start.date(), value) for start, value in zip(starts, column.tolist(), strict=True) if value)


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except ZoneInfoNotFoundError as error:
        raise ValueError(f"unknown time zone {name}") from error


def _moment(seconds: object, zone: ZoneInfo) -> datetime:
    if isinstance(seconds, datetime):  # yfinance converts the field in place
        return seconds.astimezone(zone)
    return datetime.fromtimestamp(int(str(seconds)), UTC).astimezone(zone)


def _is_time(seconds: object) -> bool:
    return isinstance(seconds, (int, Decimal)) and not isinstance(seconds, bool)
