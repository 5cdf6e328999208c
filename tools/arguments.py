"""Parsing and validation of the arguments of a model's tool call."""

import json
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime

from ..domain.ids import Symbol

LONGEST_ARGUMENTS = 2_000
TICKER = re.compile(r"[A-Z0-9][A-Z0-9.^=_-]{0,14}")


class InvalidToolCall(Exception):
    """An invalid tool call; its message is returned to the model as the reply."""


@dataclass(frozen=True, slots=True)
class IntegerRange:
    """Limits (inclusive) and description of an optional integer argument."""

    least: int
    most: int
    meaning: str


@dataclass(frozen=True, slots=True)
class ToolArguments:
    """Parsed arguments of a call; None if omitted or null."""

    symbol: Symbol | None
    as_of: date | datetime | None
    numbers: Mapping[str, int]


def parse_arguments(text: str, numbers: Mapping[str, IntegerRange]) -> ToolArguments:
    """Return the arguments in `text`; raises InvalidToolCall unless it is a JSON object that fits the schema."""
    given = _object(text)
    known = ["symbol", "as_of", *numbers]
    if unknown := sorted(given.keys() - set(known)):
        raise InvalidToolCall(
            f"There is no argument called {_shown(unknown[0])}; the arguments are {', '.join(known)}."
        )
    return ToolArguments(
        symbol=_symbol(given.get("symbol")),
        as_of=_moment(given.get("as_of")),
        numbers={
            name: number
            for name, bounds in numbers.items()
            if (number := _number(name, given.get(name), bounds)) is not None
        },
    )


def parameters_schema(numbers: Mapping[str, IntegerRange]) -> dict[str, object]:
    """Return the JSON schema of the arguments that `parse_arguments` accepts."""
    properties: dict[str, object] = {
        "symbol": {"type": "string", "description": "ticker, such as the one under discussion"},
        "as_of": {
            "type": ["string", "null"],
            "description": "ISO date or datetime in the past to look back from; null for the time of the decision.",
        },
    }
    for name, bounds in numbers.items():
        words = f"{bounds.meaning}, {bounds.least} to {bounds.most}; null for the usual"
        properties[name] = {"type": ["integer", "null"], "description": words}
    return {"type": "object", "properties": properties, "required": list(properties), "additionalProperties": False}


def resolve_tool(name: str, known: Collection[str]) -> str:
    """Return `name` if it is known; raises InvalidToolCall otherwise."""
    if name not in known:
        raise InvalidToolCall(f"There is no function called {_shown(name)}; the functions are {', '.join(known)}.")
    return name


def _object(text: str) -> dict[str, object]:
    if len(text) > LONGEST_ARGUMENTS:
        raise InvalidToolCall(
            f"The arguments are too long: {len(text)} characters, at most {LONGEST_ARGUMENTS} are read."
        )
    try:
        given = json.loads(text or "{}")
    except (ValueError, RecursionError):
        raise InvalidToolCall("The arguments are not valid JSON; write one JSON object.") from None
    if not isinstance(given, dict):
        raise InvalidToolCall("The arguments must be one JSON object.")
    return given


def _symbol(value: object) -> Symbol | None:
    if value is None:
        return None
    if not isinstance(value, str) or not TICKER.fullmatch(ticker := value.strip().upper()):
        raise InvalidToolCall(f"{_shown(value)} is not a symbol; write a ticker such as the one under discussion.")
    return Symbol(ticker)


def _moment(value: object) -> date | datetime | None:
    """Return the date or datetime in `value`; a datetime without a time zone is read as UTC."""
    if value is None:
        return None
    if not isinstance(value, str):
        raise InvalidToolCall(f"as_of must be an ISO date or null, not {_shown(value)}.")
    try:
        return date.fromisoformat(value)
    except ValueError:
        pass
    try:
        timestamp = datetime.fromisoformat(value)
        return timestamp.replace(tzinfo=UTC) if timestamp.tzinfo is None else timestamp.astimezone(UTC)
    except (ValueError, OverflowError):
        raise InvalidToolCall(f"as_of must be an ISO date such as 2025-03-03, not {_shown(value)}.") from None


def _number(name: str, value: object, bounds: IntegerRange) -> int | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int) or not bounds.least <= value <= bounds.most:
        raise InvalidToolCall(
            f"{name} must be a whole number from {bounds.least} to {bounds.most}, not {_shown(value)}."
        )
    return value


def _shown(value: object) -> str:
    """Return the start of `value` as an ASCII literal, or only its type if it is not a scalar."""
    return ascii(value)[:40] if isinstance(value, str | float | bool) else f"a value of type {type(value).__name__}"
