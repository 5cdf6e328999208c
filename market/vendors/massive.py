"""Massive (formerly Polygon): unadjusted daily bars, dividends, splits, news, and statements with acceptance times.

Response formats: https://massive.com/docs/rest/stocks (aggregates/custom-bars, corporate-actions/dividends and
/splits, news) and the page of vX/reference/financials. A free key permits 5 requests a minute and two years of
history. Data outside the plan returns status 403.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from urllib.parse import parse_qsl, urlsplit
from zoneinfo import ZoneInfo

from pydantic import SecretStr

from ...domain.errors import SourceUnavailable
from ..folder.layout import DatasetKind
from .edgar.submissions import in_utc, public_at
from .field_reader import FieldReader
from .http_client import HttpClient
from .json_api import JsonApi, dotted, in_path
from .normalize import (
    DividendPayment,
    bar_row,
    deduplicate,
    dividend_rows,
    format_utc,
    news_row,
    plain,
    require_unique_dates,
    split_row,
)
from .port import VendorRequest, VendorRow

BASE_URL = "https://api.massive.com"
FIGURES = ("o", "h", "l", "c", "v")
ANSWERS = frozenset({"OK", "DELAYED"})
TIMEFRAMES = frozenset({"annual", "quarterly"})
MOST_PAGES = 200
NEW_YORK = "America/New_York"


class Massive:
    """Vendor adapter for unadjusted bars, corporate actions, news and statements; it reads all pages of a response."""

    name = "massive"
    kinds = frozenset(
        {
            DatasetKind.PRICES_DAILY,
            DatasetKind.SPLITS,
            DatasetKind.DIVIDENDS,
            DatasetKind.NEWS,
            DatasetKind.FUNDAMENTALS,
        }
    )

    def __init__(
        self, client: HttpClient, key: SecretStr | None, *, base_url: str = BASE_URL, per_minute: float = 5
    ) -> None:
        self._api = JsonApi(client, self.name, base_url, per_minute, key, header="Authorization", scheme="Bearer ")

    def fetch(self, ask: VendorRequest) -> Sequence[VendorRow]:
        """Return the rows of the window."""
        items = self._pages(*_question(ask), ask.key)
        if not items:  # an unknown ticker returns an empty list too; the reference request distinguishes them
            self._api.get(f"/v3/reference/tickers/{in_path(dotted(ask.key))}", {}, about=ask.key)
        match ask.kind:
            case DatasetKind.PRICES_DAILY:
                return require_unique_dates(
                    self.name, [bar_row(ask.kind, ask.key, _day(item), item, FIGURES) for item in items]
                )
            case DatasetKind.SPLITS:
                return require_unique_dates(self.name, [_split(ask.key, item) for item in items])
            case DatasetKind.DIVIDENDS:
                return dividend_rows(ask.key, map(_dividend, items))
            case DatasetKind.NEWS:
                return deduplicate(_story(ask.key, item) for item in items)
        statements = [item for item in items if item.text("timeframe") in TIMEFRAMES]
        utc = in_utc([face for item in statements if (face := _accepted(item))])
        return deduplicate(_statement(ask.key, item, utc=utc) for item in statements)

    def check(self) -> None:
        """Request the reference data of one ticker."""
        FieldReader.of(self.name, self._api.get("/v3/reference/tickers/AAPL", {}, about="AAPL")).object("results")

    def _pages(self, path: str, params: Mapping[str, str], about: str) -> list[FieldReader]:
        found: list[FieldReader] = []
        for _ in range(MOST_PAGES):
            document = FieldReader.of(self.name, self._api.get(path, params, about=about))
            if document.text("status") not in ANSWERS:
                raise document.bad("the status is not OK")
            if document.values.get("adjusted") is True:
                raise document.bad("the bars are split-adjusted, although unadjusted bars were requested")
            if document.has("results"):
                found += document.objects("results")
            elif document.values.get("resultsCount") != 0:
                raise document.bad("results is missing")
            if not document.has("next_url"):
                return found
            # Only path and cursor are used, so that the key is never sent to another host.
            following = urlsplit(document.text("next_url"))
            path, params = following.path, {k: v for k, v in parse_qsl(following.query) if k.lower() != "apikey"}
        raise SourceUnavailable(
            f"the response of massive about {about} has more than {MOST_PAGES} pages; request a shorter window"
        )


def _question(ask: VendorRequest) -> tuple[str, Mapping[str, str]]:
    """Return path and parameters of a request."""
    ticker, since, until = dotted(ask.key), f"{ask.since:%Y-%m-%d}", f"{ask.until:%Y-%m-%d}"
    match ask.kind:
        case DatasetKind.PRICES_DAILY:
            path = f"/v2/aggs/ticker/{in_path(ticker)}/range/1/day/{since}/{until}"
            return path, {"adjusted": "false", "sort": "asc", "limit": "50000"}
        case DatasetKind.SPLITS:
            path, column, limit = "/stocks/v1/splits", "execution_date", "5000"
        case DatasetKind.DIVIDENDS:
            path, column, limit = "/stocks/v1/dividends", "ex_dividend_date", "5000"
        case DatasetKind.NEWS:
            path, column, limit = "/v2/reference/news", "published_utc", "1000"
            since, until = format_utc(ask.since), format_utc(ask.until)
        case _:
            path, column, limit = "/vX/reference/financials", "filing_date", "100"
    return path, {"ticker": ticker, f"{column}.gte": since, f"{column}.lte": until, "limit": limit}


def _day(fields: FieldReader) -> date:
    """Return the session of a bar; its timestamp is midnight in New York."""
    return fields.unix("t", per_second=1000).astimezone(ZoneInfo(NEW_YORK)).date()


def _split(ticker: str, fields: FieldReader) -> VendorRow:
    new, old = fields.number_in("split_to"), fields.number_in("split_from")
    return split_row(ticker, fields.day("execution_date"), fields, new, old)


def _dividend(fields: FieldReader) -> DividendPayment:
    if fields.has("currency") and fields.text("currency").upper() != "USD":
        raise fields.bad(f"the dividend is in {fields.text('currency')}, but prices are in USD")
    return DividendPayment.of(fields, "ex_dividend_date", "cash_amount", "pay_date")


def _story(ticker: str, fields: FieldReader) -> VendorRow:
    return news_row(
        ticker,
        fields.moment("published_utc"),
        fields.text("title"),
        summary=fields.words("description"),
        source=fields.object("publisher").words("name"),
        url=fields.words("article_url"),
    )


def _accepted(fields: FieldReader) -> datetime | None:
    """Return the naive EDGAR acceptance time of a statement: in UTC or, for some filers, New York time."""
    name = "acceptance_datetime"
    return fields.moment(name).replace(tzinfo=None) if fields.has(name) else None


def _statement(ticker: str, fields: FieldReader, *, utc: bool) -> VendorRow:
    """Return a statement; without a filing date (Massive derives some) it is known from its fetch time."""
    cells = {"ticker": ticker, "period_end": fields.day("end_date").isoformat(), "timeframe": fields.text("timeframe")}
    accepted = _accepted(fields)
    if fields.has("filing_date"):
        cells["filed_at"] = fields.day("filing_date").isoformat()
    if accepted is not None:
        filed = fields.day("filing_date") if fields.has("filing_date") else accepted.date()
        cells["accepted_at"] = format_utc(public_at(accepted, filed, utc=utc))
    dated = "accepted_at" in cells or "filed_at" in cells
    return VendorRow(DatasetKind.FUNDAMENTALS, {**cells, "metrics": _metrics(fields.object("financials"))}, dated=dated)


def _metrics(sections: FieldReader) -> Mapping[str, str]:
    """Return all figures with a value, by `section.name`."""
    named = [
        (f"{section}.{name}", figures.object(name))
        for section in sections.values
        for figures in [sections.object(section)]
        for name in figures.values
    ]
    return {name: plain(figure.number_in("value")) for name, figure in named if figure.has("value")}
