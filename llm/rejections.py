"""Classification of rejected requests by a table of patterns."""

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
"""Characters; far more than displayed, because secrets are removed before a text is truncated."""


@dataclass(frozen=True, slots=True)
class RejectionPattern:
    """One row of the table: `pattern` is searched, case-insensitively, in error texts with one of `statuses`."""

    statuses: frozenset[int]
    effect: RejectionEffect
    pattern: re.Pattern[str]
    source: str


@cache
def rejection_patterns() -> tuple[RejectionPattern, ...]:
    """Return the rows of the table, in order of evaluation."""
    text = files(__package__).joinpath(TABLE).read_text(encoding="utf-8")
    return tuple(_row(row) for row in csv.DictReader(text.splitlines()))


def classify(status: int, complaint: str) -> RejectionEffect | None:
    """Return the effect of the first row that matches `status` and `complaint`; None if no row matches."""
    rows = (row for row in rejection_patterns() if status in row.statuses and row.pattern.search(complaint))
    return next((row.effect for row in rows), None)


def complaint_in(body: str) -> str:
    """Return the messages, codes and parameter names of an error document, without the echoed request.

    Servers that validate with pydantic echo the rejected input, which contains words such as `tools` of any request.
    A body that is not a JSON error document is returned truncated.
    """
    return _joined(body, _SENTENCES + _CODES)


def error_text(body: str) -> str:
    """Return the human-readable messages of an error document."""
    return _joined(body, _SENTENCES)


_SENTENCES = ("error", "errors", "message", "detail", "msg")
_CODES = ("code", "param", "type")
_IMAGE_DATA = re.compile(r"(data:image\\?/\w+;base64,)[\w+/=\\]+")
"""The data of an image that an endpoint echoes."""


def _joined(body: str, keys: Sequence[str]) -> str:
    body = _IMAGE_DATA.sub(r"\1...", body)
    try:
        document = json.loads(body)
    except (ValueError, RecursionError):
        return body[:LONGEST_COMPLAINT]
    text = " ".join(dict.fromkeys(part for part in _parts(document, keys) if part))
    return text[:LONGEST_COMPLAINT] or body[:LONGEST_COMPLAINT]


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
    """Return the provider's error that a gateway quotes as text in `metadata.raw`."""
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
