"""The tone of a headline by a list of words that finance writers use for good and bad news."""

import csv
import re
from collections.abc import Mapping
from functools import lru_cache
from importlib.resources import files

TOKEN = re.compile(r"[a-z]+(?:[-'][a-z]+)*")
NEGATIONS = frozenset({"not", "no", "never", "neither", "nor", "without", "cannot", "hardly", "unlikely", "unable"})
FAILURES = frozenset({"fail", "fails", "failed", "failing"})
REACH = 3
"""How many words a negation turns around."""


@lru_cache(maxsize=1)
def lexicon() -> Mapping[str, int]:
    """Return the tone of every listed word: +1 for good news, -1 for bad."""
    text = files(__package__).joinpath("lexicon.csv").read_text(encoding="utf-8")
    return {row["word"]: int(row["tone"]) for row in csv.DictReader(text.splitlines())}


def lexicon_score(text: str) -> float:
    """Return (good - bad) / (good + bad) over the listed words, -1 to 1; 0 where none occurs.

    A negation ("not", "no", "doesn't", "fails to") turns the tone of the three words that follow it.
    """
    words = TOKEN.findall(text.lower().replace("’", "'"))
    tones = [_tone_at(words, place) for place in range(len(words))]
    hits = sum(1 for each in tones if each)
    return sum(tones) / hits if hits else 0.0


def _tone_at(words: list[str], place: int) -> int:
    own = 0 if _negates(words, place) else lexicon().get(words[place], 0)
    turned = own and any(_negates(words, before) for before in range(max(0, place - REACH), place))
    return -own if turned else own


def _negates(words: list[str], place: int) -> bool:
    word = words[place]
    if word in FAILURES:
        return words[place + 1 : place + 2] == ["to"]
    return word in NEGATIONS or word.endswith("n't")
