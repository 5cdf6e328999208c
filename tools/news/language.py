"""Whether a text is English, told from its letters and its commonest words.

A headline is short, so it has the benefit of the doubt: a text is foreign only where most of its letters are not Latin,
or where it has several of the common words of other languages, and more of them than of English ones.
`common_words.csv` holds, of other languages, only words that no English headline has: not "die", "on", "par", "los".
"""

import csv
import re
import unicodedata
from functools import lru_cache
from importlib.resources import files

WORD = re.compile(r"[^\W\d_]+")
ENGLISH = "english"
ENOUGH = 2


def is_english(text: str) -> bool:
    """Say whether `text` may be English; a text without letters may."""
    words = frozenset(word.casefold() for word in WORD.findall(text))
    letters = "".join(words)
    latin = sum(1 for letter in letters if letter.isascii() or "LATIN" in unicodedata.name(letter, ""))
    if 2 * latin < len(letters):
        return False
    english, foreign = _common_words()
    found = len(words & foreign)
    return found < ENOUGH or found <= len(words & english)


@lru_cache(maxsize=1)
def _common_words() -> tuple[frozenset[str], frozenset[str]]:
    """Return the common words of English, and those of the other languages."""
    text = files(__package__).joinpath("common_words.csv").read_text(encoding="utf-8")
    rows = [(row["language"], row["word"]) for row in csv.DictReader(text.splitlines())]
    english = frozenset(word for language, word in rows if language == ENGLISH)
    return english, frozenset(word for language, word in rows if language != ENGLISH) - english
