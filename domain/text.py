"""Removal of characters that could control a terminal or a page."""

import json
import re

_CONTROL = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\U000e0000-\U000e007f]"
)
"""C0 except tab and newline, DEL and C1; marks, overrides and isolates of direction; line separators; tags."""


def strip_control(text: str) -> str:
    """Return `text` with control, direction and tag characters replaced by spaces, except tabs and newlines."""
    return _CONTROL.sub(" ", text)


def escape_control(text: str) -> str:
    """Return JSON `text` with control, direction and tag characters escaped; the document stays the same."""
    return _CONTROL.sub(lambda found: json.dumps(found[0])[1:-1], text)
