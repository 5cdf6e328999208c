"""Usage of model calls: tokens and seconds by role, and cost if prices are known."""

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from pathlib import Path

from ..domain.decision import RoleUsage
from ..domain.errors import ConfigError
from .port import ModelCall

PRICE_COLUMNS = ("model", "input", "cached", "output", "as_of")
_PER = Decimal(1_000_000)


@dataclass(frozen=True, slots=True)
class Price:
    """List price of one model on `as_of`: USD per million uncached input, cached input and output tokens."""

    input: Decimal
    cached: Decimal
    output: Decimal
    as_of: date


def usage_by_role(calls: Sequence[ModelCall]) -> Mapping[str, RoleUsage]:
    """Return the usage per role, in order of each role's first call."""
    total: dict[str, RoleUsage] = {}
    for call in calls:
        so_far = total.get(call.role, RoleUsage(0, 0, 0, 0, 0.0))
        total[call.role] = RoleUsage(
            model_calls=so_far.model_calls + 1,
            prompt_tokens=so_far.prompt_tokens + call.prompt_tokens,
            cached_tokens=so_far.cached_tokens + call.cached_tokens,
            completion_tokens=so_far.completion_tokens + call.completion_tokens,
            wall_s=so_far.wall_s + call.wall_s,
        )
    return total


def cost_usd(calls: Sequence[ModelCall], prices: Mapping[str, Price]) -> Decimal | None:
    """Return the cost of `calls` in USD; None if the price of any model is missing.

    Cached tokens are part of the prompt tokens and have a separate price.
    """
    if any(call.model not in prices for call in calls):
        return None
    return sum((_cost(call, prices[call.model]) for call in calls), Decimal(0))


def _cost(call: ModelCall, price: Price) -> Decimal:
    cached = min(call.cached_tokens, call.prompt_tokens)
    fresh = call.prompt_tokens - cached
    return (fresh * price.input + cached * price.cached + call.completion_tokens * price.output) / _PER


def load_prices(file: Path) -> Mapping[str, Price]:
    """Read a price table.

    A CSV file with the columns `model,input,cached,output,as_of`: the model name as in requests, USD per million
    tokens of each kind, and the date of the prices. There is no built-in table, because list prices change without
    notice.

    Raises:
        ConfigError: the file cannot be read, lacks a column, has a duplicate model, or has an invalid price or date.
    """
    try:
        with file.open(newline="", encoding="utf-8-sig") as lines:
            rows = csv.DictReader(lines)
            if missing := set(PRICE_COLUMNS) - set(rows.fieldnames or ()):
                raise ConfigError(f"the price table {file} lacks the columns {', '.join(sorted(missing))}")
            return _prices(file, list(rows))
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"the price table {file} cannot be read: {error}") from error


def _prices(file: Path, rows: Sequence[Mapping[str, str]]) -> Mapping[str, Price]:
    prices: dict[str, Price] = {}
    for number, row in enumerate(rows, start=2):
        if row["model"] in prices:
            raise ConfigError(f"the price table {file} has a duplicate model {row['model']!r} in row {number}")
        prices[row["model"]] = _price(row, f"the price table {file}, row {number}")
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
