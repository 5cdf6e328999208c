"""What calls cost: tokens and seconds by role, and money where the prices are known."""

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
    """List price of one model on the day `as_of`: USD for a million fresh input, cached input and output tokens."""

    input: Decimal
    cached: Decimal
    output: Decimal
    as_of: date


def usage_by_role(calls: Sequence[ModelCall]) -> Mapping[str, RoleUsage]:
    """Return what each role spent, in order of each role's first call."""
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
    """Return what `calls` cost in USD; None as soon as one of them went to a model without a price.

    Cached tokens are part of the prompt tokens and are paid at their own price.
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

    A CSV file with the columns `model,input,cached,output,as_of`: the model's name as requests give it, USD for a
    million tokens of each sort, and the day on which the figures were true. No table is built in, for list prices
    change without notice and a stale figure would look like a fact.

    Raises:
        ConfigError: the file cannot be read, lacks a column, names a model twice, or holds what is no price.
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
            raise ConfigError(f"the price table {file} names {row['model']!r} a second time in row {number}")
        prices[row["model"]] = _price(row, f"the price table {file}, row {number}")
    return prices


def _price(row: Mapping[str, str], where: str) -> Price:
    try:
        fresh, cached, output = (Decimal(row[column]) for column in ("input", "cached", "output"))
        day = date.fromisoformat(row["as_of"])
    except (InvalidOperation, ValueError, TypeError) as error:
        raise ConfigError(f"{where}: three prices in USD and a date such as 2025-03-03 are needed") from error
    if not all(figure.is_finite() and figure >= 0 for figure in (fresh, cached, output)):
        raise ConfigError(f"{where}: a price is a number of USD, zero or more")
    return Price(fresh, cached, output, day)
