"""Finnhub: company news, and (for paying keys) splits and dividends.

Shapes: https://finnhub.io/docs/api/company-news, /stock-splits and /stock-dividends. A free key may ask 60 times a
minute, for North American companies and one year of news; splits and dividends answer 403 to it.
"""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta

from pydantic import SecretStr

from ..folder.layout import Kind
from .api import Api, dotted, unknown
from .client import Polite
from .fields import Fields, objects
from .port import Ask, Record
from .rows import Payment, dividend_rows, news_row, one_a_day, split_row, without_repeats

BASE_URL = "https://finnhub.io/api/v1"
WINDOW = timedelta(days=7)
"""One answer holds a few hundred items and no sign that there are more, so a long window is asked week by week."""


class Finnhub:
    """Answers with the stories that Finnhub files under a company."""

    name = "finnhub"
    kinds = frozenset({Kind.NEWS, Kind.SPLITS, Kind.DIVIDENDS})

    def __init__(
        self, client: Polite, key: SecretStr | None, *, base_url: str = BASE_URL, per_minute: float = 50
    ) -> None:
        self._api = Api(client, self.name, base_url, per_minute, key, header="X-Finnhub-Token")

    def fetch(self, ask: Ask) -> Sequence[Record]:
        """Return the rows of the window."""
        if ask.kind is Kind.NEWS:
            weeks = list(_weeks(ask.since.date(), ask.until.date()))
            return self._known(
                ask, without_repeats(_story(ask.key, item) for week in weeks for item in self._items(ask, *week))
            )
        items = self._items(ask, ask.since.date(), ask.until.date())
        if ask.kind is Kind.SPLITS:
            return self._known(ask, one_a_day(self.name, [_split(ask.key, item) for item in items]))
        return self._known(
            ask, dividend_rows(ask.key, [Payment.of(item, "date", "amount", "payDate") for item in items])
        )

    def probe(self) -> None:
        """Ask for a profile."""
        Fields.of(self.name, self._api.get("/stock/profile2", {"symbol": "AAPL"}, about="AAPL")).text("ticker")

    def _items(self, ask: Ask, start: date, end: date) -> Sequence[Fields]:
        path = {Kind.NEWS: "/company-news", Kind.SPLITS: "/stock/split", Kind.DIVIDENDS: "/stock/dividend"}[ask.kind]
        window = {"symbol": dotted(ask.key), "from": start.isoformat(), "to": end.isoformat()}
        return objects(self.name, self._api.get(path, window, about=ask.key))

    def _known(self, ask: Ask, found: Sequence[Record]) -> Sequence[Record]:
        """Return `found`; where that is nothing, ask first whether there is such a company at all."""
        if not found and not self._api.get("/stock/profile2", {"symbol": dotted(ask.key)}, about=ask.key):
            raise unknown(self.name, ask.key)
        return found


def _weeks(start: date, end: date) -> Iterator[tuple[date, date]]:
    while start <= end:
        yield start, min(start + WINDOW - timedelta(days=1), end)
        start += WINDOW


def _story(ticker: str, fields: Fields) -> Record:
    return news_row(
        ticker,
        fields.unix("datetime"),
        fields.text("headline"),
        summary=fields.words("summary"),
        source=fields.words("source"),
        url=fields.words("url"),
    )


def _split(ticker: str, fields: Fields) -> Record:
    return split_row(ticker, fields.day("date"), fields, fields.number_in("toFactor"), fields.number_in("fromFactor"))
