"""What large companies are called, so that a headline can be told to be about one of them or about another.

`companies.csv` holds the names that the press uses, the first of each ticker being its full one. It knows the large
ones only; nothing is concluded about a company that it does not know.
"""

import csv
from collections.abc import Mapping, Sequence
from functools import lru_cache
from importlib.resources import files


@lru_cache(maxsize=1)
def names() -> Mapping[str, Sequence[str]]:
    """Return the names of every known ticker, the full one first."""
    text = files(__package__).joinpath("companies.csv").read_text(encoding="utf-8")
    found: dict[str, list[str]] = {}
    for row in csv.DictReader(text.splitlines()):
        found.setdefault(row["ticker"], []).append(row["name"])
    return found


def company_names(ticker: str) -> Sequence[str]:
    """Return what the company behind `ticker` is called; nothing where it is not known. BRK-B is BRK.B."""
    return names().get(ticker) or names().get(ticker.replace("-", "."), ())


def legal_name(ticker: str) -> str | None:
    """Return the full name of the company behind `ticker`, or None where it is not known."""
    return next(iter(company_names(ticker)), None)
