"""Numbers that models write as texts, where only one reading is possible."""

import re

_PLAIN = re.compile(r"[+-]?\d+(?:\.\d+)?(?:[eE][+-]?\d{1,3})?")
_GROUPED = (
    re.compile(r"(?P<sign>[+-]?)(?P<whole>\d{1,3}(?:,\d{3})+)(?P<rest>\.\d+)"),
    re.compile(r"(?P<sign>[+-]?)(?P<whole>[1-9]\d{0,2}(?:,\d{3}){2,})(?P<rest>)"),
    re.compile(r"(?P<sign>[+-]?)(?P<whole>\d{1,3}(?:\.\d{3})+)(?P<rest>,\d+)"),
    re.compile(r"(?P<sign>[+-]?)(?P<whole>[1-9]\d{0,2}(?:\.\d{3}){2,})(?P<rest>)"),
    re.compile(r"(?P<sign>[+-]?)(?P<whole>[1-9]\d{0,2}(?:[ '’_\u00a0\u202f]\d{3})+)(?P<rest>(?:[.,]\d+)?)"),
    re.compile(r"(?P<sign>[+-]?)(?P<whole>\d+)(?P<rest>,(?:\d{1,2}|\d{4,}))"),
)
"""Thousands separators of one convention, and a decimal comma that can be nothing else. `1,234` is neither."""


def read_number(text: str) -> str | None:
    """Return the number of a text in JSON's form; None where there is none, or where two readings are possible."""
    text = text.strip()
    if _PLAIN.fullmatch(text):
        return text.lstrip("+")
    for pattern in _GROUPED:
        if found := pattern.fullmatch(text):
            whole = re.sub(r"\D", "", found["whole"]).lstrip("0") or "0"
            return found["sign"].replace("+", "") + whole + found["rest"].replace(",", ".")
    return None


def read_percentage(text: str) -> str | None:
    """Return the share that a text such as `60 %` states; None where it is no percentage."""
    text = text.strip()
    if not text.endswith(("%", "％")):
        return None
    number = read_number(text[:-1])
    return None if number is None else f"{float(number) / 100:.12g}"
