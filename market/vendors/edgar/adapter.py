"""Vendor adapter for EDGAR: statements as first filed, and the texts of filings."""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from ....domain.errors import InvalidData, NoData, SourceUnavailable
from ...folder.layout import DatasetKind
from ..http_client import HttpClient
from ..normalize import format_utc
from ..port import VendorRequest, VendorRow
from ..response import HttpResponse
from . import facts
from .sections import sections
from .submissions import (
    NAME,
    EdgarSubmission,
    older_pages,
    recent,
    submissions,
)

DATA_URL, WEB_URL = "https://data.sec.gov", "https://www.sec.gov"
PER_SECOND = 8.0
"""Requests per second. The SEC permits ten per user over all hosts; the rest is left to other processes."""
TICKERS_AGE = timedelta(days=1)
OVERLAP = timedelta(days=7)
"""Search before the window: a filing may become public days after its filing date, for example over a weekend."""
FORMS = frozenset({"8-K", "10-K", "10-Q"})
READABLE = (".htm", ".html", ".txt")
PLAIN_NAME = re.compile(r"[\w.-]+")


class Edgar:
    """Vendor adapter for the SEC. No key is needed, but a contact e-mail address is required.

    Endpoints: https://www.sec.gov/search-filings/edgar-application-programming-interfaces. Tickers are looked up in the
    current list, so a former ticker (FB) must be mapped in `ciks`. Only figures without a dimension are read, so
    figures reported by share class only are missing. Exhibits, including earnings press releases, are not read.
    """

    name = NAME
    kinds = frozenset({DatasetKind.FUNDAMENTALS, DatasetKind.FILING_TEXTS})

    def __init__(
        self,
        client: HttpClient,
        *,
        contact: str | None,
        now: Callable[[], datetime],
        ciks: Mapping[str, int] | None = None,
        base_url: str | None = None,
    ) -> None:
        """Create the adapter without any request.

        Args:
            client: HTTP client.
            contact: e-mail address for the User-Agent.
            now: clock.
            ciks: CIK by ticker, where the current list of tickers has none or another filer.
            base_url: replaces both hosts of the SEC.
        """
        self._client, self._contact, self._now = client, contact, now
        self._data, self._web = base_url or DATA_URL, base_url or WEB_URL
        self._ciks = {_dashed(ticker): cik for ticker, cik in (ciks or {}).items()}
        self._tickers: Mapping[str, int] = {}
        self._tickers_from: datetime | None = None

    def fetch(self, ask: VendorRequest) -> Sequence[VendorRow]:
        """Return the requested rows; the window bounds the publication time of the filings."""
        if ask.kind not in self.kinds:
            raise NoData(f"{NAME} does not provide {ask.kind}; use another source")
        cik = self._cik(ask.key)
        if ask.kind is DatasetKind.FILING_TEXTS:
            return self._texts(ask, cik)
        reply = self._get(f"{self._data}/api/xbrl/companyfacts/CIK{cik:010d}.json")
        if reply.missing:
            return []
        found = facts.records(ask.key, reply.json(), self._submissions(ask, cik))
        return [record for known, record in found if ask.since <= known <= ask.until]

    def check(self) -> None:
        """Request the list of tickers."""
        self._tickers_from = None
        self._list()

    def _get(self, url: str) -> HttpResponse:
        if not (self._contact and "@" in self._contact and self._contact.isascii() and self._contact.isprintable()):
            raise SourceUnavailable(
                "the SEC requires a contact address; set contact (OPENOUTCRY_CONTACT) to your e-mail address"
            )
        return self._client.get(url, headers={"User-Agent": f"OpenOutcry {self._contact}"}, per_second=PER_SECOND)

    def _json(self, url: str) -> Any:
        reply = self._get(url)
        if reply.missing:
            raise SourceUnavailable(f"{url} was not found; the SEC may have moved it or be unavailable")
        return reply.json()

    def _cik(self, key: str) -> int:
        ticker = _dashed(key)
        cik = self._ciks.get(ticker) or self._list().get(ticker)
        if cik is None:
            raise NoData(f"{NAME} does not know {key}; use its current ticker, or set its CIK in the settings")
        return cik

    def _list(self) -> Mapping[str, int]:
        if self._tickers_from is None or self._now() - self._tickers_from > TICKERS_AGE:
            self._tickers, self._tickers_from = (
                tickers(self._json(f"{self._web}/files/company_tickers.json")),
                self._now(),
            )
        return self._tickers

    def _submissions(self, ask: VendorRequest, cik: int) -> Sequence[EdgarSubmission]:
        """Return the filings of a filer; older pages of the list are fetched only if the window includes them."""
        document = self._json(f"{self._data}/submissions/CIK{cik:010d}.json")
        wanted = [page.name for page in older_pages(document) if page.last >= (ask.since - OVERLAP).date()]
        if any(not PLAIN_NAME.fullmatch(name) for name in wanted):
            raise InvalidData(NAME, None, "the list of submissions refers to a page with an invalid file name")
        return submissions(recent(document), [self._json(f"{self._data}/submissions/{name}") for name in wanted])

    def _texts(self, ask: VendorRequest, cik: int) -> Sequence[VendorRow]:
        records: list[VendorRow] = []
        for submission in self._submissions(ask, cik):
            inside = ask.since <= submission.public_at <= ask.until
            if inside and submission.form.removesuffix("/A") in FORMS and submission.document.endswith(READABLE):
                records += self._document(ask.key, cik, submission)
        return records

    def _document(self, key: str, cik: int, submission: EdgarSubmission) -> Sequence[VendorRow]:
        number = submission.accession.replace("-", "")
        if not (PLAIN_NAME.fullmatch(submission.document) and number.isdecimal()):
            raise InvalidData(
                NAME, None, f"filing {submission.accession[:30]!r} refers to a document with an invalid file name"
            )
        url = f"{self._web}/Archives/edgar/data/{cik}/{number}/{submission.document}"
        reply = self._get(url)
        if reply.missing or not reply.body.strip():
            raise SourceUnavailable(f"{url} is listed but was not found")
        about = {"ticker": key, "accepted_at": format_utc(submission.public_at), "form": submission.form, "url": url}
        return [
            VendorRow(
                DatasetKind.FILING_TEXTS,
                {**about, "item": section.item, "title": section.title or submission.form, "text": section.text},
            )
            for section in sections(submission.form, reply.body)
        ]


def tickers(document: Any) -> Mapping[str, int]:
    """Return the CIK of every ticker in the SEC's list; class shares are spelled with a hyphen (BRK-B).

    Raises InvalidData if the list is empty or has another format.
    """
    try:
        found = {_dashed(entry["ticker"]): int(entry["cik_str"]) for entry in document.values()}
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise InvalidData(NAME, None, f"the list of tickers does not have the documented format ({error!r})") from error
    if not found or min(found.values()) <= 0:
        raise InvalidData(NAME, None, "the list of tickers is empty or contains an invalid CIK")
    return found


def _dashed(ticker: str) -> str:
    return ticker.strip().upper().replace(".", "-")
