"""Amounts of money as people write them."""

import re

_GROUPED = re.compile(r"\d{1,3}(,\d{3})+(\.\d+)?")


def without_grouping(text: str) -> str:
    """Return an amount such as 100,000 or 100_000.50 without separators of thousands; any other text unchanged."""
    text = text.strip()
    return text.replace(",", "") if _GROUPED.fullmatch(text) else text.replace("_", "")
