"""Names of large companies, used to decide which company a headline is about.

`companies.csv` lists the names used by the press; the first name of each ticker is the full one. It covers large
companies only. Nothing is concluded about a company that it does not list.
"""

import csv
from collections.abc import Mapping, Sequence
from functools import lru_cache
from importlib.resources import files


@lru_cache(maxsize=1)
def names() -> Mapping[str, Sequence[str]]:
    """Return the names of every known ticker, the full name first."""
    text = files(__package__).joinpath("companies.csv").read_text(encoding="utf-8")
    found: dict[str, list[str]] = {}
    for row in csv.DictReader(text.splitlines()):
        found.setdefault(row["ticker"], []).append(row["name"])
    return found


def company_names(ticker: str) -> Sequence[str]:
    """Return the names of the company with `ticker`, full name first; empty if unknown. BRK-B is read as BRK.B."""
    return names().get(ticker) or names().get(ticker.replace("-", "."), ())


def legal_name(ticker: str) -> str | None:
    """Return the full name of the company with `ticker`, or None if it is unknown."""
    return next(iter(company_names(ticker)), None)
