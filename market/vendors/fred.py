"""FRED and ALFRED: macro series of the Federal Reserve Bank of St. Louis, every value with its release date.

Response format: https://fred.stlouisfed.org/docs/api/fred/series_observations.html (real-time periods:
https://fred.stlouisfed.org/docs/api/fred/realtime_period.html). A free key is required; the limit is 120 requests a
minute.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta

from pydantic import SecretStr

from ...domain.errors import SourceUnavailable
from ..folder.layout import DatasetKind
from .field_reader import FieldReader
from .http_client import HttpClient, HttpStatusError
from .json_api import JsonApi, unknown
from .normalize import plain
from .port import VendorRequest, VendorRow

BASE_URL = "https://api.stlouisfed.org"
PATH = "/fred/series/observations"
PAGE = 100_000
LAST_DAY = "9999-12-31"
WINDOW = timedelta(days=4 * 365)
"""Real-time span of one request. FRED permits at most 2,000 release dates; a daily series has about 260 a year."""
NO_VINTAGES = "does not exist in ALFRED"


class Fred:
    """Vendor adapter for macro series with all vintages: one row per value and release date (`released_at`).

    If a series begins before its first recorded vintage, the older values get the date of that vintage, which is late
    but never early. A series without vintages is returned in its current state without `released_at`, so that the
    default release lag applies.
    """

    name = "fred"
    kinds = frozenset({DatasetKind.MACRO})

    def __init__(
        self,
        client: HttpClient,
        key: SecretStr | None,
        *,
        now: Callable[[], datetime],
        base_url: str = BASE_URL,
        per_minute: float = 60,
    ) -> None:
        self._api = JsonApi(client, self.name, base_url, per_minute, key, param="api_key")
        self._now = now

    def fetch(self, ask: VendorRequest) -> Sequence[VendorRow]:
        """Return the values with a reference date in the window, with all their vintages."""
        observed = {"observation_start": f"{ask.since:%Y-%m-%d}", "observation_end": f"{ask.until:%Y-%m-%d}"}
        found: list[FieldReader] = []
        recorded = False
        # No value is released before its reference date, so no release date is before the window.
        for start, end in realtime_windows(ask.since.date(), self._now().date()):
            try:
                found += self._observations(ask.key, {**observed, "realtime_start": start, "realtime_end": end})
                recorded = True
            except HttpStatusError as error:
                if NO_VINTAGES.lower() not in error.said.lower():
                    raise
        if recorded:
            return [_record(ask.key, fields, released=True) for fields in first_said(found)]
        return [
            _record(ask.key, fields, released=False) for fields in first_said(self._observations(ask.key, observed))
        ]

    def check(self) -> None:
        """Request the recent values of one series."""
        today = f"{self._now() - timedelta(days=14):%Y-%m-%d}"
        self._observations("DGS10", {"observation_start": today})

    def _observations(self, series: str, params: Mapping[str, str]) -> list[FieldReader]:
        found: list[FieldReader] = []
        while True:
            page = {**params, "series_id": series, "file_type": "json", "limit": str(PAGE), "offset": str(len(found))}
            document = FieldReader.of(self.name, self._ask(series, page))
            fresh = document.objects("observations")
            found += fresh
            if not fresh or len(found) >= document.number_in("count"):
                return found

    def _ask(self, series: str, page: Mapping[str, str]) -> object:
        try:
            return self._api.get(PATH, page, about=series)
        except HttpStatusError as error:
            if error.status == 400 and "series does not exist." in error.said:
                raise unknown(self.name, series) from error
            if error.status == 400 and "api_key" in error.said:
                raise SourceUnavailable("fred rejects the key; check it") from None
            raise


def realtime_windows(since: date, today: date) -> Iterator[tuple[str, str]]:
    """Yield the first and last day of consecutive real-time spans from `since` to LAST_DAY."""
    start = min(since, today)
    while start + WINDOW <= today:
        yield start.isoformat(), (start + WINDOW - timedelta(days=1)).isoformat()
        start += WINDOW
    yield start.isoformat(), LAST_DAY


def first_said(found: Iterable[FieldReader]) -> Iterator[FieldReader]:
    """Yield each value at its first release; the repeated values at the beginning of a span are dropped.

    A value of "." means missing and is dropped as well.
    """
    last: dict[date, str] = {}
    values = [fields for fields in found if fields.text("value") != "."]
    for fields in sorted(values, key=lambda each: (each.day("date"), each.day("realtime_start"))):
        day, value = fields.day("date"), plain(fields.number_in("value"))
        if last.get(day) != value:
            last[day] = value
            yield fields


def _record(series: str, fields: FieldReader, *, released: bool) -> VendorRow:
    cells = {"series": series, "date": fields.day("date").isoformat(), "value": plain(fields.number_in("value"))}
    release = {"released_at": fields.day("realtime_start").isoformat()} if released else {}
    return VendorRow(DatasetKind.MACRO, {**cells, **release})
