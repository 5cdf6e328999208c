"""Tone of a text by VADER, a lexicon with rules for negation and emphasis (Hutto & Gilbert 2014).

VADER is made for short general texts. Its lexicon and the finance lexicon each have words that the other lacks, so
both scores are reported.
"""

from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer


@lru_cache(maxsize=16_384)
def vader_score(text: str) -> float:
    """Return VADER's compound score of `text`, -1 to 1; 0 if no word of its lexicon occurs."""
    return float(_analyser().polarity_scores(text)["compound"])


def has_vader_tone(text: str) -> bool:
    """Return whether a word of VADER's lexicon counts; without one, a score of 0 is not a finding."""
    found = _analyser().polarity_scores(text)
    return bool(found["pos"] or found["neg"])


@lru_cache(maxsize=1)
def _analyser() -> "SentimentIntensityAnalyzer":
    from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer  # noqa: PLC0415 - reads two lexicons

    return SentimentIntensityAnalyzer()
