"""Answers of EDGAR, in the shape of data.sec.gov and www.sec.gov."""

from collections.abc import Iterable, Mapping
from typing import Any

CIK = 1234567
TICKERS, SUBMISSIONS = "/files/company_tickers.json", f"/submissions/CIK{CIK:010d}.json"
FACTS = f"/api/xbrl/companyfacts/CIK{CIK:010d}.json"
FIELDS = ("accessionNumber", "filingDate", "reportDate", "acceptanceDateTime", "form", "primaryDocument", "items")


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
