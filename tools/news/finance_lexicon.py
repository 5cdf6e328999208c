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
    words = TOKEN.findall(text.lower().replace("’", "'"))
    tones = [_tone_at(words, place) for place in range(len(words))]
    hits = sum(1 for each in tones if each)
    return sum(tones) / hits if hits else 0.0


def _tone_at(words: list[str], place: int) -> int:
    own = 0 if _negates(words, place) else lexicon().get(words[place], 0)
    inverted = own and any(_negates(words, before) for before in range(max(0, place - REACH), place))
    return -own if inverted else own


def _negates(words: list[str], place: int) -> bool:
    word = words[place]
    if word in FAILURES:
        return words[place + 1 : place + 2] == ["to"]
    return word in NEGATIONS or word.endswith("n't")
