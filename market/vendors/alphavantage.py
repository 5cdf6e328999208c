"""Alpha Vantage: unadjusted daily bars, dividends, splits and news.

Response formats: https://www.alphavantage.co/documentation/ (TIME_SERIES_DAILY, DIVIDENDS, SPLITS, NEWS_SENTIMENT,
SYMBOL_SEARCH). Every response has status 200. An exceeded quota (free keys: 25 requests a day, one a second) or a
premium feature is reported in the field `Information` or `Note`, an invalid request in `Error Message`.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from pydantic import SecretStr

from ...domain.errors import SourceUnavailable
from ..folder.layout import DatasetKind
from ..text import one_line, truncate
from .field_reader import FieldReader
from .http_client import HttpClient
from .json_api import JsonApi, dashed, unknown
from .normalize import (
    DividendPayment,
    bar_row,
    deduplicate,
    dividend_rows,
    news_row,
    require_unique_dates,
    split_row,
)
from .port import VendorRequest, VendorRow

BASE_URL = "https://www.alphavantage.co"
FIGURES = ("1. open", "2. high", "3. low", "4. close", "5. volume")
NOTICES = ("Information", "Note")
COMPACT = 100
PAGE = 1000
MOST_PAGES = 20


class AlphaVantage:
    """Vendor adapter for unadjusted bars, corporate actions and news.

    Args:
        full: whether the key may request more than the last 100 sessions. If not, a window that begins earlier raises
            SourceUnavailable instead of being filled in part.
    """

    name = "alphavantage"
    kinds = frozenset({DatasetKind.PRICES_DAILY, DatasetKind.SPLITS, DatasetKind.DIVIDENDS, DatasetKind.NEWS})

    def __init__(
        self,
        client: HttpClient,
        key: SecretStr | None,
        *,
        base_url: str = BASE_URL,
        full: bool = False,
        per_minute: float = 50,
    ) -> None:
        self._api = JsonApi(client, self.name, base_url, per_minute, key, param="apikey")
        self._full = full

    def fetch(self, ask: VendorRequest) -> Sequence[VendorRow]:
        """Return the rows of the window, and possibly more; see `Vendor`."""
        match ask.kind:
            case DatasetKind.PRICES_DAILY:
                return self._bars(ask)
            case DatasetKind.SPLITS:
                found = require_unique_dates(
                    self.name, [_split(ask.key, item) for item in self._actions("SPLITS", ask)]
                )
            case DatasetKind.DIVIDENDS:
                found = dividend_rows(
                    ask.key,
                    [
                        DividendPayment.of(item, "ex_dividend_date", "amount", "payment_date")
                        for item in self._actions("DIVIDENDS", ask)
                    ],
                )
            case _:
                found = self._news(ask)
        if not found and not self._exists(ask.key):
            raise unknown(self.name, ask.key)
        return found

    def check(self) -> None:
        """Search for a symbol; every key permits this."""
        self._query("SYMBOL_SEARCH", {"keywords": "IBM"}, about="IBM").objects("bestMatches")

    def _bars(self, ask: VendorRequest) -> list[VendorRow]:
        size = "full" if self._full else "compact"
        document = self._query("TIME_SERIES_DAILY", {"symbol": dashed(ask.key), "outputsize": size}, about=ask.key)
        series = document.object("Time Series (Daily)").values
        days = [(FieldReader(self.name, None, {"date": day}).day("date"), value) for day, value in series.items()]
        oldest = min((day for day, _ in days), default=ask.since.date())
        if not self._full and len(days) >= COMPACT and ask.since.date() < oldest:
            raise SourceUnavailable(f"alphavantage serves this key only sessions since {oldest}")
        return [
            bar_row(ask.kind, ask.key, day, FieldReader.of(self.name, value), FIGURES)
            for day, value in days
            if ask.since.date() <= day <= ask.until.date()
        ]

    def _actions(self, function: str, ask: VendorRequest) -> Sequence[FieldReader]:
        return self._query(function, {"symbol": dashed(ask.key)}, about=ask.key).objects("data")

    def _news(self, ask: VendorRequest) -> list[VendorRow]:
        found: list[FieldReader] = []
        since = ask.since
        for _ in range(MOST_PAGES):
            window = {"time_from": _minute(since), "time_to": _minute(ask.until)}
            params = {"tickers": dashed(ask.key), "sort": "EARLIEST", "limit": str(PAGE), **window}
            page = self._query("NEWS_SENTIMENT", params, about=ask.key).objects("feed")
            found += page
            latest = max((item.moment("time_published") for item in page), default=since)
            if len(page) < PAGE or latest <= since:
                break
            since = latest
        return deduplicate(_story(ask.key, item) for item in found)

    def _exists(self, ticker: str) -> bool:
        matches = self._query("SYMBOL_SEARCH", {"keywords": dashed(ticker)}, about=ticker).objects("bestMatches")
        return any(item.text("1. symbol").upper() == dashed(ticker).upper() for item in matches)

    def _query(self, function: str, params: Mapping[str, str], *, about: str) -> FieldReader:
        document = FieldReader.of(self.name, self._api.get("/query", {"function": function, **params}, about=about))
        for notice in NOTICES:
            if document.has(notice):
                notice_text = document.text(notice)
                if notice_text.startswith("Invalid inputs"):
                    raise unknown(self.name, about)
                raise SourceUnavailable(f"alphavantage returned a notice: {truncate(one_line(notice_text), 160)}")
        if document.has("Error Message"):
            if "apikey" in document.text("Error Message"):
                raise SourceUnavailable("alphavantage rejects the key; check it")
            raise unknown(self.name, about)
        return document


def _minute(timestamp: datetime) -> str:
    return timestamp.astimezone(UTC).strftime("%Y%m%dT%H%M")


def _split(ticker: str, fields: FieldReader) -> VendorRow:
    return split_row(ticker, fields.day("effective_date"), fields, fields.number_in("split_factor"))


def _story(ticker: str, fields: FieldReader) -> VendorRow:
    to_the_minute = len(fields.text("time_published")) == len("20250102T1430")
    return news_row(
        ticker,
        fields.moment("time_published"),
        fields.text("title"),
        summary=fields.words("summary"),
        source=fields.words("source"),
        url=fields.words("url"),
        precision="minute" if to_the_minute else "second",
    )
