"""Text normalization for headlines: single line, no control characters."""

import re
import unicodedata

WORD = re.compile(r"\w+")


def one_line(text: str) -> str:
    """Return `text` on one line.

    Control characters become spaces, formatting characters are removed, and runs of spaces become one space.
    """
    if text.isprintable():  # no control or formatting character, and no space but the plain one
        return " ".join(text.split())
    visible = ("" if unicodedata.category(sign) == "Cf" else _printable(sign) for sign in text)
    return " ".join("".join(visible).split())


def truncate(text: str, max_length: int) -> str:
    """Return `text` cut to at most `max_length` characters; a cut text ends with an ellipsis."""
    return text if len(text) <= max_length else f"{text[: max_length - 1].rstrip()}…"


def normalized_title(title: str) -> str:
    """Return the words of `title`, NFKC-normalized and case-folded, to compare copies of a headline."""
    return " ".join(WORD.findall(unicodedata.normalize("NFKC", title).casefold()))


def _printable(sign: str) -> str:
    return " " if unicodedata.category(sign)[0] in "CZ" else sign
