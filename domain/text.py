"""Removal of characters that could control a terminal or a page."""

import re

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


def strip_control(text: str) -> str:
    """Return `text` with control characters and direction overrides replaced by spaces, except tabs and newlines."""
    return _CONTROL.sub(" ", text)
