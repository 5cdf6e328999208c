"""Finnhub: company news, and (with a paid key) splits and dividends.

Response formats: https://finnhub.io/docs/api/company-news, /stock-splits and /stock-dividends. A free key permits 60
requests a minute, for North American companies and one year of news; splits and dividends return status 403.
"""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta

from pydantic import SecretStr

from ..folder.layout import DatasetKind
from .field_reader import FieldReader, objects
from .http_client import HttpClient
from .json_api import JsonApi, dotted, unknown
from .normalize import (
    DividendPayment,
    deduplicate,
    dividend_rows,
    news_row,
    require_unique_dates,
    split_row,
)
from .port import VendorRequest, VendorRow

BASE_URL = "https://finnhub.io/api/v1"
WINDOW = timedelta(days=7)
"""Length of one news request. A response has at most a few hundred items and does not indicate truncation."""


class Finnhub:
    """Vendor adapter for company news, splits and dividends."""

    name = "finnhub"
    kinds = frozenset({DatasetKind.NEWS, DatasetKind.SPLITS, DatasetKind.DIVIDENDS})

    def __init__(
        self, client: HttpClient, key: SecretStr | None, *, base_url: str = BASE_URL, per_minute: float = 50
    ) -> None:
        self._api = JsonApi(client, self.name, base_url, per_minute, key, header="X-Finnhub-Token")

    def fetch(self, ask: VendorRequest) -> Sequence[VendorRow]:
        """Return the rows of the window."""
        if ask.kind is DatasetKind.NEWS:
            weeks = list(_weeks(ask.since.date(), ask.until.date()))
            return self._known(
                ask, deduplicate(_story(ask.key, item) for week in weeks for item in self._items(ask, *week))
            )
        items = self._items(ask, ask.since.date(), ask.until.date())
        if ask.kind is DatasetKind.SPLITS:
            return self._known(ask, require_unique_dates(self.name, [_split(ask.key, item) for item in items]))
        return self._known(
            ask, dividend_rows(ask.key, [DividendPayment.of(item, "date", "amount", "payDate") for item in items])
        )

    def check(self) -> None:
        """Request a company profile."""
        FieldReader.of(self.name, self._api.get("/stock/profile2", {"symbol": "AAPL"}, about="AAPL")).text("ticker")

    def _items(self, ask: VendorRequest, start: date, end: date) -> Sequence[FieldReader]:
        path = {
            DatasetKind.NEWS: "/company-news",
            DatasetKind.SPLITS: "/stock/split",
            DatasetKind.DIVIDENDS: "/stock/dividend",
        }[ask.kind]
        window = {"symbol": dotted(ask.key), "from": start.isoformat(), "to": end.isoformat()}
        return objects(self.name, self._api.get(path, window, about=ask.key))

    def _known(self, ask: VendorRequest, found: Sequence[VendorRow]) -> Sequence[VendorRow]:
        """Return `found`; if it is empty, request the company profile and raise NoData for an unknown company."""
        if not found and not self._api.get("/stock/profile2", {"symbol": dotted(ask.key)}, about=ask.key):
            raise unknown(self.name, ask.key)
        return found


def _weeks(start: date, end: date) -> Iterator[tuple[date, date]]:
    while start <= end:
        yield start, min(start + WINDOW - timedelta(days=1), end)
        start += WINDOW


def _story(ticker: str, fields: FieldReader) -> VendorRow:
    return news_row(
        ticker,
        fields.unix("datetime"),
        fields.text("headline"),
        summary=fields.words("summary"),
        source=fields.words("source"),
        url=fields.words("url"),
    )


def _split(ticker: str, fields: FieldReader) -> VendorRow:
    return split_row(ticker, fields.day("date"), fields, fields.number_in("toFactor"), fields.number_in("fromFactor"))
