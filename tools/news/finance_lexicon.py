"""Tone of a headline by a lexicon of positive and negative finance words."""

import csv
import re
from collections.abc import Mapping
from functools import lru_cache
from importlib.resources import files

TOKEN = re.compile(r"[a-z]+(?:[-'][a-z]+)*")
NEGATIONS = frozenset({"not", "no", "never", "neither", "nor", "without", "cannot", "hardly", "unlikely", "unable"})
FAILURES = frozenset({"fail", "fails", "failed", "failing"})
REACH = 3
"""Number of following words whose tone a negation inverts."""


@lru_cache(maxsize=1)
def lexicon() -> Mapping[str, int]:
    """Return the tone of every word in the lexicon: +1 for good news, -1 for bad news."""
    text = files(__package__).joinpath("lexicon.csv").read_text(encoding="utf-8")
    return {row["word"]: int(row["tone"]) for row in csv.DictReader(text.splitlines())}


@lru_cache(maxsize=16_384)
def lexicon_score(text: str) -> float:
    """Return (good - bad) / (good + bad) over the words in the lexicon, -1 to 1; 0 if none occurs.

    A negation ("not", "no", "doesn't", "fails to") inverts the tone of the three following words.
    """
    tones = _tones(text)
    return sum(tones) / len(tones) if tones else 0.0


def has_tone(text: str) -> bool:
    """Return whether a word of the lexicon occurs; without one, a score of 0 is not a finding."""
    return bool(_tones(text))


def _tones(text: str) -> list[int]:
    """Return the tones of the words in the lexicon, +1 or -1 each."""
    words = TOKEN.findall(text.lower().replace("’", "'"))
    return [tone for place in range(len(words)) if (tone := _tone_at(words, place))]


def _tone_at(words: list[str], place: int) -> int:
    own = 0 if _negates(words, place) else lexicon().get(words[place], 0)
    inverted = own and any(_negates(words, before) for before in range(max(0, place - REACH), place))
    return -own if inverted else own


def _negates(words: list[str], place: int) -> bool:
    word = words[place]
    if word in FAILURES:
        return words[place + 1 : place + 2] == ["to"]
    return word in NEGATIONS or word.endswith("n't")
