"""Headlines made safe to quote: one line, no control characters."""

import re
import unicodedata

WORD = re.compile(r"\w+")


def one_line(text: str) -> str:
    """Return `text` on one line: control and formatting characters become spaces, runs of spaces one."""
    visible = ("" if unicodedata.category(sign) == "Cf" else _printable(sign) for sign in text)
    return " ".join("".join(visible).split())


def truncate(text: str, max_length: int) -> str:
    """Return `text` cut to `longest` characters, with an ellipsis where something was cut."""
    return text if len(text) <= max_length else f"{text[: max_length - 1].rstrip()}…"


def normalized_title(title: str) -> str:
    """Return what two copies of a headline share: its words in lower case."""
    return " ".join(WORD.findall(unicodedata.normalize("NFKC", title).casefold()))


def _printable(sign: str) -> str:
    return " " if unicodedata.category(sign)[0] in "CZ" else sign
