"""Relevance of a news item to the company of its symbol."""

import re
from collections.abc import Mapping, Sequence
from enum import StrEnum
from functools import lru_cache

from ...domain.market import NewsItem
from ...market.company_names import company_names, names
from ...market.text import WORD

SHORT = 3
"""Tickers with fewer letters (A, ON, GE) are often words, so they match only as $GE, (GE) and NYSE:GE."""


class Relevance(StrEnum):
    """Which companies a story names."""

    NAMED = "named"  # the company of the symbol, by name or ticker
    UNCLEAR = "unclear"  # no known company
    ELSEWHERE = "elsewhere"  # other companies only


def relevance(item: NewsItem) -> Relevance:
    """Return the relevance by title and summary; never ELSEWHERE if the company's name is unknown."""
    return _relevance(f"{item.title} {item.summary}", str(item.symbol))


@lru_cache(maxsize=16_384)
def _relevance(text: str, ticker: str) -> Relevance:
    if _company_patterns(ticker).search(text):
        return Relevance.NAMED
    return Relevance.ELSEWHERE if company_names(ticker) and _names_anyone(text) else Relevance.UNCLEAR


@lru_cache(maxsize=1024)
def _company_patterns(ticker: str) -> re.Pattern[str]:
    written = re.escape(ticker)
    marked = rf"[$:(]\s?{written}(?![\w.-])"
    bare = [] if len(ticker) < SHORT else [rf"(?<![\w.-]){written}(?![\w-])"]
    return re.compile(
        "|".join([marked, *bare, *(_pattern(form) for name in company_names(ticker) for form in _forms(name))])
    )


def _names_anyone(text: str) -> bool:
    """Return whether any known company is named; only names whose first word occurs are searched."""
    known = _by_first_word()
    return any(pattern.search(text) for word in known.keys() & WORD.findall(text) for pattern in known[word])


@lru_cache(maxsize=1)
def _by_first_word() -> Mapping[str, Sequence[re.Pattern[str]]]:
    found: dict[str, list[re.Pattern[str]]] = {}
    for form in sorted({form for known in names().values() for name in known for form in _forms(name)}):
        found.setdefault(WORD.findall(form)[0], []).append(re.compile(_pattern(form)))
    return found


def _forms(name: str) -> Sequence[str]:
    """Return the name as written and, unless it is short, in capitals. Case matters: Apple, not apple."""
    return sorted({name, name.upper() if len(name) > SHORT else name})


def _pattern(form: str) -> str:
    return rf"(?<!\w){re.escape(form)}(?!\w)"
