"""Recognizes what a rejected request means, from a table of patterns kept as data."""

import csv
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from .capabilities import RejectionEffect

TABLE = "rejections.csv"
LONGEST_COMPLAINT = 2000
"""Characters; far more than is shown, because secrets are removed before a text is clipped."""


@dataclass(frozen=True, slots=True)
class RejectionPattern:
    """One row of the table: `pattern` is searched, ignoring case, in complaints sent with one of `statuses`."""

    statuses: frozenset[int]
    effect: RejectionEffect
    pattern: re.Pattern[str]
    source: str


@cache
def rejection_patterns() -> tuple[RejectionPattern, ...]:
    """Return the rows of the table, in the order in which they are tried."""
    text = files(__package__).joinpath(TABLE).read_text(encoding="utf-8")
    return tuple(_row(row) for row in csv.DictReader(text.splitlines()))


def classify(status: int, complaint: str) -> RejectionEffect | None:
    """Return what the first matching row says about `complaint`; None where no row matches."""
    rows = (row for row in rejection_patterns() if status in row.statuses and row.pattern.search(complaint))
    return next((row.effect for row in rows), None)


def complaint_in(body: str) -> str:
    """Return all that an error document says: messages, codes and parameter names, without the echoed request.

    Servers that validate with pydantic echo the rejected input, which holds words such as `tools` of any request.
    A body that is not such a document is returned as it is, clipped.
    """
    return _joined(body, _SENTENCES + _CODES)


def error_text(body: str) -> str:
    """Return what an error document says to a person."""
    return _joined(body, _SENTENCES)


_SENTENCES = ("error", "errors", "message", "detail", "msg")
_CODES = ("code", "param", "type")


def _joined(body: str, keys: Sequence[str]) -> str:
    try:
        document = json.loads(body)
    except (ValueError, RecursionError):
        return body[:LONGEST_COMPLAINT]
    said = " ".join(dict.fromkeys(part for part in _parts(document, keys) if part))
    return said[:LONGEST_COMPLAINT] or body[:LONGEST_COMPLAINT]


def _parts(document: object, keys: Sequence[str]) -> Iterator[str]:
    if isinstance(document, str):
        yield document
    elif isinstance(document, list):
        for item in document:
            yield from _parts(item, keys)
    elif isinstance(document, Mapping):
        yield ".".join(str(step) for step in _steps(document.get("loc")))
        for key in keys:
            yield from _parts(document.get(key), keys)
        yield from _parts(_upstream(document.get("metadata")), keys)


def _steps(loc: object) -> list[object]:
    return list(loc) if isinstance(loc, list | tuple) else []


def _upstream(metadata: object) -> object:
    """Return the error of the provider behind a gateway, which gateways quote as text in `metadata.raw`."""
    raw = metadata.get("raw") if isinstance(metadata, Mapping) else None
    try:
        return json.loads(raw) if isinstance(raw, str) else raw
    except (ValueError, RecursionError):
        return raw


def _row(row: Mapping[str, str]) -> RejectionPattern:
    return RejectionPattern(
        statuses=frozenset(int(status) for status in row["statuses"].split()),
        effect=RejectionEffect(row["effect"]),
        pattern=re.compile(row["pattern"], re.IGNORECASE),
        source=row["source"],
    )
