"""yfinance, asked quietly: its answers as plain values, its failures in our words.

The library is one for a whole process (one session, one set of cookies, one cache on disk), so one question is asked at
a time, whatever the number of threads. It is imported with the first question, as that takes seconds.
"""

import logging
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from math import isnan
from pathlib import Path
from threading import RLock
from typing import TYPE_CHECKING, Any, ClassVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from ....domain.errors import InvalidData, NoData, SourceUnavailable
from .unadjust import SplitHistory, split_ratio

if TYPE_CHECKING:
    from .session import YahooSession

ODD_SHAPE = (KeyError, TypeError, IndexError, ValueError, AttributeError, ArithmeticError)
NOT_FOUND, NOTHING_THEN = "Not Found", "Data doesn't exist for startDate"


@dataclass(frozen=True, slots=True)
class AdjustedBar:
    """One interval as Yahoo says it: adjusted for splits, in single precision; `start` in the exchange's time."""

    start: datetime
    open: float
    high: float
    low: float
    close: float
    volume: float

    @property
    def traded(self) -> bool:
        """Whether all four prices are there."""
        return not any(isnan(price) for price in (self.open, self.high, self.low, self.close))


@dataclass(frozen=True, slots=True)
class HistoryResponse:
    """What one question for a history brought.

    Attributes:
        crypto: whether the symbol is a crypto pair.
        period: the first moment of the trading day that is going on, was last, or is next, and its end.
        quotes: oldest first; intervals without a price are left out.
        splits: all from the first interval on until now.
        dividends: cash a share of today, by ex-date.
        foreign_dividends: whether any is paid in another currency than the prices are in.
    """

    crypto: bool
    period: tuple[datetime, datetime]
    quotes: Sequence[AdjustedBar]
    splits: SplitHistory
    dividends: Mapping[date, float]
    foreign_dividends: bool


class YFinanceClient:
    """Asks yfinance through a session of ours. `cache` is where the library keeps its cookies."""

    _one_at_a_time: ClassVar[RLock] = RLock()
    _set_up: ClassVar[bool] = False

    def __init__(self, session: "YahooSession", cache: Path) -> None:
        self._session, self._cache = session, cache

    def chart(self, symbol: str, interval: str, since: datetime, until: datetime) -> HistoryResponse | None:
        """Return the history of `symbol` from `since`, or None where Yahoo knows it and has nothing in the window.

        `interval` is `1d` or `1h`. `until` must lie ahead, as only then all splits are known.
        """
        with self._asking(symbol):
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

    def news(self, symbol: str, count: int) -> Sequence[Mapping[str, Any]]:
        """Return the newest items about `symbol`, as Yahoo words them."""
        with self._asking(symbol):
            from yfinance import Ticker  # noqa: PLC0415 - slow to import

            document = Ticker(symbol, session=self._session).get_news(count=count)
            stream = self._session.document["data"]["tickerStream"]["stream"]  # type: ignore[index] # the library
            return [item["content"] for item in document if stream is not None]  # would pass over a missing stream

    def info(self, symbol: str) -> Mapping[str, Any]:
        """Return what Yahoo says of `symbol` at present."""
        with self._asking(symbol):
            from yfinance import Ticker  # noqa: PLC0415 - slow to import

            return dict(Ticker(symbol, session=self._session).info)

    @contextmanager
    def _asking(self, symbol: str) -> Iterator[None]:
        """Hold the library for one question, and put its failures into our words."""
        with self._one_at_a_time:
            self._prepare()
            from curl_cffi.requests.exceptions import RequestException  # noqa: PLC0415 - slow to import
            from peewee import PeeweeException  # noqa: PLC0415 - the library keeps its cookies with it
            from yfinance.data import YfData  # noqa: PLC0415
            from yfinance.exceptions import YFException  # noqa: PLC0415

            YfData.cache_get.cache_clear()  # it would keep an answer for as long as the process lives, a refusal too
            self._session.begin()
            try:
                with warnings.catch_warnings():
                    warnings.filterwarnings("ignore", module=r"yfinance\b")  # its own affair, and its operator's noise
                    yield
            except (YFException, RequestException) as error:
                raise self._explained(symbol, error) from error
            except PeeweeException as error:
                raise SourceUnavailable(f"yfinance cannot use its cache {self._cache} ({error}); empty it") from error
            except ODD_SHAPE as error:
                reason = f"the answer about {symbol} has another shape than the library reads ({error!r})"
                raise InvalidData("yfinance", None, reason) from error

    def _prepare(self) -> None:
        """Set up the library once in a process: silent, raising, and with its files in the given folder."""
        if not YFinanceClient._set_up:
            import yfinance  # noqa: PLC0415 - slow to import

            logging.getLogger("yfinance").setLevel(logging.CRITICAL + 1)
            yfinance.set_tz_cache_location(str(self._cache))
            yfinance.config.debug.hide_exceptions = False
            yfinance.config.network.retries = 0
            YFinanceClient._set_up = True

    def _result(self) -> Mapping[str, Any]:
        result: Mapping[str, Any] = self._session.document["chart"]["result"][0]  # type: ignore[index]
        return result

    def _refusal(self) -> tuple[str, str]:
        """Return the code and the words with which Yahoo refused, empty where it did not."""
        document = self._session.document
        for part in document.values() if isinstance(document, dict) else ():
            error = part.get("error") if isinstance(part, dict) else None
            if isinstance(error, dict):
                return str(error.get("code", "")), str(error.get("description", ""))
        return "", ""

    def _nothing_then(self, since: datetime, until: datetime) -> bool:
        """Say whether Yahoo knows the symbol, and why there is nothing: it traded only before or after the window."""
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
            return NoData(f"yfinance knows no {symbol}; check the ticker, it may have been renamed or delisted")
        said = " ".join((words or str(error)).split())[:200]
        return SourceUnavailable(f"yfinance has no answer about {symbol}: {said}")


def _chart(symbol: str, frame: Any, result: Mapping[str, Any]) -> HistoryResponse:
    meta = result["meta"]
    if meta["symbol"] != symbol:
        raise InvalidData("yfinance", None, f"the answer to a question about {symbol} is about {meta['symbol']}")
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
        raise ValueError(f"no time zone is called {name}") from error


def _moment(seconds: object, zone: ZoneInfo) -> datetime:
    if isinstance(seconds, datetime):  # the library rewrites what it has read
        return seconds.astimezone(zone)
    return datetime.fromtimestamp(int(str(seconds)), UTC).astimezone(zone)


def _is_time(seconds: object) -> bool:
    return isinstance(seconds, (int, Decimal)) and not isinstance(seconds, bool)
