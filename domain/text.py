"""Removal of control characters and invisible characters."""

import re

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
INVISIBLE = (
    "\\x00-\\x08\\x0b\\x0c\\x0e-\\x1f\\x7f-\\x9f\\u061c\\u200b\\u200e\\u200f\\u202a-\\u202e\\u2060-\\u206f\\ufeff"
    "\\ufff9-\\ufffb\\U000e0000-\\U000e007f"
)
"""Character class of C0 and C1 controls, direction marks, zero-width characters and tags; not of tabs and line ends."""

_INVISIBLE = re.compile(f"[{INVISIBLE}]")


def strip_control(text: str) -> str:
    """Return `text` with control characters and direction overrides replaced by spaces, except tabs and newlines."""
    return _INVISIBLE.sub("", _CONTROL.sub(" ", text))


def clean_text(text: str) -> str:
    """Return `text` without invisible characters and with line ends of one kind; tabs and line ends stay."""
    return _INVISIBLE.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
