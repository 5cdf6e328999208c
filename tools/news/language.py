"""Detection of English text from its letters and common words.

Headlines are short, so a text counts as English in doubt. It is foreign only if most of its letters are not Latin,
or if it has several common words of other languages, and more of them than English ones. For other languages,
`common_words.csv` contains only words that do not occur in English headlines: not "die", "on", "par", "los".
"""

import csv
import re
import unicodedata
from functools import lru_cache
from importlib.resources import files

WORD = re.compile(r"[^\W\d_]+")
ENGLISH = "english"
ENOUGH = 2


@lru_cache(maxsize=16_384)
def is_english(text: str) -> bool:
    """Return whether `text` may be English; True for a text without letters."""
    words = frozenset(word.casefold() for word in WORD.findall(text))
    if not _is_mostly_latin("".join(words)):
        return False
    english, foreign = _common_words()
    found = len(words & foreign)
    return found < ENOUGH or found <= len(words & english)


def _is_mostly_latin(letters: str) -> bool:
    if letters.isascii():
        return True
    latin = sum(1 for letter in letters if letter.isascii() or "LATIN" in unicodedata.name(letter, ""))
    return 2 * latin >= len(letters)


@lru_cache(maxsize=1)
def _common_words() -> tuple[frozenset[str], frozenset[str]]:
    """Return the common words of English, and those of other languages."""
    text = files(__package__).joinpath("common_words.csv").read_text(encoding="utf-8")
    rows = [(row["language"], row["word"]) for row in csv.DictReader(text.splitlines())]
    english = frozenset(word for language, word in rows if language == ENGLISH)
    return english, frozenset(word for language, word in rows if language != ENGLISH) - english
