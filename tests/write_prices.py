"""Write the price table of the package, `llm/prices.csv`, from the package genai-prices.

Run it by hand with genai-prices installed: `python tests/write_prices.py 2026-11-28`. The date is stored in every row.
"""

import csv
import sys
from collections.abc import Iterator
from decimal import Decimal
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

PROVIDERS = ("openai", "anthropic", "google", "deepseek", "mistral", "x-ai", "moonshotai", "groq", "openrouter")
TABLE = Path(__file__).parent.parent / "llm" / "prices.csv"


def rows(as_of: str) -> Iterator[tuple[str, str, str, str, str, str]]:
    """Return one row per exact model name; the provider that comes first in PROVIDERS sets the price."""
    from genai_prices.data import providers

    by_id, seen = {provider.id: provider for provider in providers}, set[str]()
    for provider in (by_id[name] for name in PROVIDERS):
        for model in provider.models:
            price = _price(model.prices, embeds="embed" in model.id)
            for name in dict.fromkeys((model.id, *_names(model.match))) if price else ():
                if name not in seen and "," not in name:
                    seen.add(name)
                    yield name, *price, as_of, f"genai-prices {_version()} ({provider.id})"


def _version() -> str:
    try:
        return version("genai-prices")
    except PackageNotFoundError:
        return "unknown"


def _price(prices: Any, *, embeds: bool) -> tuple[str, str, str] | None:
    """Return the prices of input, cached input and output: the highest conditional one, of tiers the first."""
    options = [each.prices for each in prices] if isinstance(prices, list) else [prices]
    found = [_amounts(option, embeds=embeds) for option in options]
    known = [amounts for amounts in found if amounts is not None]
    if not known:
        return None
    return tuple(f"{max(column).normalize():f}" for column in zip(*known, strict=True))  # type: ignore[return-value]


def _amounts(price: Any, *, embeds: bool) -> tuple[Decimal, Decimal, Decimal] | None:
    fresh, output = _base(price.input_mtok), _base(price.output_mtok)
    if fresh is None or (output is None and not embeds):
        return None
    cached = _base(price.cache_read_mtok)
    return fresh, fresh if cached is None else cached, output or Decimal(0)


def _base(price: Any) -> Decimal | None:
    return getattr(price, "base", price)


def _names(clause: Any) -> Iterator[str]:
    if hasattr(clause, "equals"):
        yield clause.equals
    for inner in getattr(clause, "or_", ()):
        yield from _names(inner)


def main() -> None:
    """Write the table."""
    with TABLE.open("w", newline="", encoding="utf-8") as lines:
        writer = csv.writer(lines, lineterminator="\n")
        writer.writerow(("model", "input", "cached", "output", "as_of", "source"))
        writer.writerows(sorted(rows(sys.argv[1])))


if __name__ == "__main__":
    main()
