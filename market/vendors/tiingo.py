"""Tiingo: unadjusted end-of-day prices with dividends and splits, and (with a paid key) news.

Response formats: https://www.tiingo.com/documentation/end-of-day and https://www.tiingo.com/documentation/news. A free
key permits 50 requests an hour and 500 tickers a month; news returns status 403.
"""

from collections.abc import Sequence
from itertools import count

from pydantic import SecretStr

from ..folder.layout import DatasetKind
from .field_reader import FieldReader, objects
from .http_client import HttpClient
from .json_api import JsonApi, dashed, in_path
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

BASE_URL = "https://api.tiingo.com"
FIGURES = ("open", "high", "low", "close", "volume")  # unadjusted; the adj* fields contain look-ahead
PAGE = 1000
MOST_PAGES = 50


class Tiingo:
    """Vendor adapter for unadjusted bars, dividends (by ex-date), splits and news."""

    name = "tiingo"
    kinds = frozenset({DatasetKind.PRICES_DAILY, DatasetKind.SPLITS, DatasetKind.DIVIDENDS, DatasetKind.NEWS})

    def __init__(
        self, client: HttpClient, key: SecretStr | None, *, base_url: str = BASE_URL, per_minute: float = 50
    ) -> None:
        self._api = JsonApi(client, self.name, base_url, per_minute, key, header="Authorization", scheme="Token ")

    def fetch(self, ask: VendorRequest) -> Sequence[VendorRow]:
        """Return the rows of the window; see `Vendor`."""
        if ask.kind is DatasetKind.NEWS:
            return self._news(ask)
        days = self._days(ask)
        if ask.kind is DatasetKind.SPLITS:
            factors = [(fields, fields.number_in("splitFactor")) for fields in days]
            splits = [(fields, factor) for fields, factor in factors if factor != 1]
            return require_unique_dates(
                self.name, [split_row(ask.key, each.day("date"), each, new) for each, new in splits]
            )
        if ask.kind is DatasetKind.DIVIDENDS:
            payments = [DividendPayment.of(fields, "date", "divCash", "") for fields in days]
            return dividend_rows(ask.key, [payment for payment in payments if payment.amount])
        return require_unique_dates(
            self.name, [bar_row(ask.kind, ask.key, each.day("date"), each, FIGURES) for each in days]
        )

    def check(self) -> None:
        """Verify the key."""
        FieldReader.of(self.name, self._api.get("/api/test", {}, about="the key"))

    def _days(self, ask: VendorRequest) -> Sequence[FieldReader]:
        window = {"startDate": f"{ask.since:%Y-%m-%d}", "endDate": f"{ask.until:%Y-%m-%d}", "format": "json"}
        return objects(
            self.name,
            self._api.get(f"/tiingo/daily/{in_path(dashed(ask.key).lower())}/prices", window, about=ask.key),
        )

    def _news(self, ask: VendorRequest) -> Sequence[VendorRow]:
        ticker = dashed(ask.key).lower()
        window = {"tickers": ticker, "startDate": f"{ask.since:%Y-%m-%d}", "endDate": f"{ask.until:%Y-%m-%d}"}
        found: list[FieldReader] = []
        for page in count():
            params = {**window, "limit": str(PAGE), "offset": str(page * PAGE)}
            fresh = objects(self.name, self._api.get("/tiingo/news", params, about=ask.key))
            found += fresh
            if len(fresh) < PAGE or page + 1 >= MOST_PAGES:
                break
        if not found:  # an unknown ticker returns an empty list too; the metadata request distinguishes them
            self._api.get(f"/tiingo/daily/{in_path(ticker)}", {}, about=ask.key)
        return deduplicate(_story(ask.key, fields) for fields in found)


def _story(ticker: str, fields: FieldReader) -> VendorRow:
    return news_row(
        ticker,
        fields.moment("publishedDate"),
        fields.text("title"),
        summary=fields.words("description"),
        source=fields.words("source"),
        url=fields.words("url"),
    )
