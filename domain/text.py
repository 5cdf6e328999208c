"""Removal of control characters and invisible characters."""

import json
import re

_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
INVISIBLE = (
    "\\x00-\\x08\\x0b\\x0c\\x0e-\\x1f\\x7f-\\x9f\\u061c\\u200b\\u200e\\u200f\\u202a-\\u202e\\u2060-\\u206f\\ufeff"
    "\\ufff9-\\ufffb\\U000e0000-\\U000e007f"
)
"""Character class of C0 and C1 controls, direction marks, zero-width characters and tags; not of tabs and line ends."""

_INVISIBLE = re.compile(f"[{INVISIBLE}]")
_ESCAPED = re.compile(f"[\\u2028\\u2029{INVISIBLE}]")


def strip_control(text: str) -> str:
    """Return `text` without invisible characters; control characters and direction overrides become spaces.

    Tabs and newlines stay.
    """
    return _INVISIBLE.sub("", _CONTROL.sub(" ", text))


def clean_text(text: str) -> str:
    """Return `text` without invisible characters and with line ends of one kind; tabs and line ends stay."""
    return _INVISIBLE.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))


def escape_control(text: str) -> str:
    """Return JSON `text` with control, direction, zero-width and tag characters escaped; its content is the same."""
    return _ESCAPED.sub(lambda found: json.dumps(found[0])[1:-1], text)
