"""Answers of EDGAR, in the shape of data.sec.gov and www.sec.gov, and a server that gives them."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from openoutcry.market.folder.layout import DatasetKind
from openoutcry.market.vendors.port import VendorRequest

from .server import Served, VendorServer

CIK = 1234567
TICKERS, SUBMISSIONS = "/files/company_tickers.json", f"/submissions/CIK{CIK:010d}.json"
FACTS = f"/api/xbrl/companyfacts/CIK{CIK:010d}.json"
FIELDS = ("accessionNumber", "filingDate", "reportDate", "acceptanceDateTime", "form", "primaryDocument", "items")
EVENING = "2025-02-27T02:10:00.000Z"  # read as New York's clock it would be the middle of the night
ALWAYS = datetime(2000, 1, 1, tzinfo=UTC), datetime(2026, 1, 1, tzinfo=UTC)
SALES, INCOME, CASH = (
    ("Revenues", "USD"),
    ("NetIncomeLoss", "USD"),
    ("NetCashProvidedByUsedInOperatingActivities", "USD"),
)
EPS, SHARES = ("EarningsPerShareDiluted", "USD/shares"), ("WeightedAverageNumberOfDilutedSharesOutstanding", "shares")
EQUITY = ("StockholdersEquity", "USD")


def tickers(**ciks: int) -> dict[str, object]:
    """Return the list of tickers."""
    ciks = ciks or {"ACME": CIK}
    return {str(n): {"cik_str": cik, "ticker": name, "title": name} for n, (name, cik) in enumerate(ciks.items())}


def accession(number: int) -> str:
    """Return an accession number."""
    return f"0001234567-25-{number:06d}"


def filing(number: int, form: str, filed: str, accepted: str | None, document: str = "", items: str = "") -> dict:
    """Return one filing; `accepted` as EDGAR writes it."""
    cells = (accession(number), filed, "", accepted, form, document or f"doc{number}.htm", items)
    return dict(zip(FIELDS, cells, strict=True))


def table(filings: Iterable[Mapping[str, object]]) -> dict[str, list[object]]:
    """Return filings as columns."""
    rows = list(filings)
    return {name: [row[name] for row in rows] for name in FIELDS}


def submissions(*filings: Mapping[str, object], pages: Iterable[tuple[str, str, str]] = ()) -> dict[str, object]:
    """Return the first answer about a filer; `pages` are the older parts: name, first and last date."""
    files = [{"name": name, "filingCount": 1, "filingFrom": first, "filingTo": last} for name, first, last in pages]
    return {"cik": f"{CIK:010d}", "name": "ACME CORP", "filings": {"recent": table(filings), "files": files}}


def fact(number: int, form: str, filed: str, value: object, end: str, start: str | None = None) -> dict[str, object]:
    """Return one entry under a unit."""
    period = {"start": start} if start else {}
    return period | {
        "end": end,
        "val": value,
        "accn": accession(number),
        "fy": 1900,
        "fp": "FY",
        "form": form,
        "filed": filed,
    }


def facts(tags: Mapping[tuple[str, str], list[Any]], taxonomy: str = "us-gaap") -> dict[str, object]:
    """Return the facts of a filer; `tags` maps a tag and a unit to entries."""
    found: dict[str, Any] = {}
    for (tag, unit), entries in tags.items():
        found.setdefault(tag, {"label": tag, "description": "", "units": {}})["units"][unit] = entries
    return {"cik": CIK, "entityName": "ACME CORP", "facts": {"dei": {}, taxonomy: found}}


def page(*blocks: str) -> bytes:
    """Return a document with inline XBRL."""
    head = '<?xml version="1.0" encoding="utf-8"?><html xmlns:ix="http://www.xbrl.org/2013/inlineXBRL"><head><title>t</title></head>'
    hidden = '<body><div style="display: none"><ix:header><ix:hidden>SECRET 4711</ix:hidden></ix:header></div>'
    return (head + hidden + "".join(f"<div>{block}</div>\n" for block in blocks) + "</body></html>").encode()


QUARTER = page(
    "Part I. Financial Information", "Item 2. Management's Discussion and Analysis", "A good quarter.",
    "Item 3. Quantitative and Qualitative Disclosures", "None.",
    "Part II. Other Information", "Item 2. Unregistered Sales managed by management",
    "No shares, by management, were sold at all.",
)  # fmt: skip
"""A quarterly report."""


def ask(kind: DatasetKind = DatasetKind.FUNDAMENTALS, key: str = "ACME", window=ALWAYS) -> VendorRequest:
    """Return the question after ACME's statements of all time."""
    return VendorRequest(kind, key, *window)


def books(number: int = 1) -> dict:
    """Return one quarter as one filing tells it, by tag and unit."""
    quarter = ("2024-12-31", "2024-10-01")
    said = {SALES: 1000, INCOME: 100, EPS: Decimal("0.5"), SHARES: 200}
    entries = {tag: [fact(number, "10-Q", "2025-02-27", float(value), *quarter)] for tag, value in said.items()}
    return entries | {EQUITY: [fact(number, "10-Q", "2025-02-27", 5000, "2024-12-31")]}


def serve(server: VendorServer, *filings: dict, tags: dict | None = None, **pages) -> None:
    """Serve a filer with its filings and the facts under its tags."""
    server.serve(TICKERS, tickers())
    server.serve(SUBMISSIONS, submissions(*filings, **pages))
    server.serve(FACTS, facts(tags or {}))


def serve_document(server: VendorServer, number: int, body: bytes) -> str:
    """Serve the document of a filing and return its address."""
    path = f"/Archives/edgar/data/{CIK}/{accession(number).replace('-', '')}/doc{number}.htm"
    server.serve(path, Served(body=body, headers={"content-type": "text/html"}))
    return server.url + path
