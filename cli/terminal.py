"""Text for a terminal. Imports nothing of the desk, so that commands without a decision start quickly."""

import re

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


def plain(text: str) -> str:
    """Return `text` with control characters, which could steer a terminal, replaced by spaces."""
    return _CONTROL.sub(" ", text)
