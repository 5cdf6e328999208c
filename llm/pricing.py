"""List prices of models: a dated table of the package, and tables of users."""

import csv
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from functools import cache
from importlib.resources import files
from pathlib import Path

from ..domain.errors import ConfigError
from .completion import TokenUsage

TABLE = "prices.csv"
PRICE_COLUMNS = ("model", "input", "cached", "output", "as_of")
_PER = Decimal(1_000_000)


@dataclass(frozen=True, slots=True)
class Price:
    """List price of one model on `as_of`: USD per million uncached input, cached input and output tokens."""

    input: Decimal
    cached: Decimal
    output: Decimal
    as_of: date

    def cost(self, tokens: TokenUsage) -> Decimal:
        """Return the cost of `tokens` in USD; cached tokens are part of the prompt tokens."""
        cached = min(tokens.cached, tokens.prompt)
        fresh = tokens.prompt - cached
        return (fresh * self.input + cached * self.cached + tokens.completion * self.output) / _PER


@cache
def builtin_prices() -> Mapping[str, Price]:
    """Return the table of the package: exact model names, with the prices of the models' own providers."""
    lines = files(__package__).joinpath(TABLE).read_text(encoding="utf-8").splitlines()
    return _parse(lines, f"the price table {TABLE}")


def load_prices(file: Path) -> Mapping[str, Price]:
    """Read a price table of a user.

    A CSV file with the columns `model,input,cached,output,as_of`: the model name as in requests, USD per million
    tokens of each kind, and the date of the prices. Other columns are ignored.

    Raises:
        ConfigError: the file cannot be read, lacks a column, has a duplicate model, or has an invalid price or date.
    """
    try:
        return _parse(file.read_text(encoding="utf-8-sig").splitlines(), f"the price table {file}")
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise ConfigError(f"the price table {file} cannot be read: {error}") from error


def price_table(file: Path | None) -> Mapping[str, Price]:
    """Return the table of the package, overridden by the rows of `file`; raises ConfigError as `load_prices` does."""
    return builtin_prices() if file is None else {**builtin_prices(), **load_prices(file)}


def check_priced(models: Iterable[str], prices: Mapping[str, Price]) -> None:
    """Raise ConfigError if one of `models` has no price, so that a budget in USD could not be kept."""
    missing = [model for model in dict.fromkeys(models) if model not in prices]
    if missing:
        raise ConfigError(
            f"a budget in USD needs the price of every model, but there is none for {', '.join(missing)}; add it to a "
            "price table (setting `prices`), or cap calls or tokens instead"
        )


def _parse(lines: Sequence[str], where: str) -> Mapping[str, Price]:
    rows = csv.DictReader(lines)
    if missing := set(PRICE_COLUMNS) - set(rows.fieldnames or ()):
        raise ConfigError(f"{where} lacks the columns {', '.join(sorted(missing))}")
    prices: dict[str, Price] = {}
    for number, row in enumerate(rows, start=2):
        if row["model"] in prices:
            raise ConfigError(f"{where} has a duplicate model {row['model']!r} in row {number}")
        prices[row["model"]] = _price(row, f"{where}, row {number}")
    return prices


def _price(row: Mapping[str, str], where: str) -> Price:
    try:
        fresh, cached, output = (Decimal(row[column]) for column in ("input", "cached", "output"))
        day = date.fromisoformat(row["as_of"])
    except (InvalidOperation, ValueError, TypeError) as error:
        raise ConfigError(f"{where}: three prices in USD and a date such as 2025-03-03 are required") from error
    if not all(figure.is_finite() and figure >= 0 for figure in (fresh, cached, output)):
        raise ConfigError(f"{where}: prices must be finite numbers of at least zero")
    return Price(fresh, cached, output, day)
