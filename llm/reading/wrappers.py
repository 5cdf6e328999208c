"""What models put around an answer: a list of one, an object of one key, a function call."""

import re
from typing import Any

from ..messages import ANSWER_TOOL
from .json_text import read_json
from .repairs import ARRAY_OF_ONE, JSON_IN_TEXT, TOOL_CALL, WRAPPER, AppliedRepair

MOST_LAYERS = 4
_NEUTRAL = frozenset({"answer", "response", "result", "output", "arguments", "parameters"})
_CALLED = ("arguments", "parameters", "input")


def unwrap(value: Any, names: frozenset[str]) -> tuple[Any, tuple[AppliedRepair, ...]]:
    """Return the answer inside `value`, and what was removed around it.

    `names` are the names of the answer's form. Raises UnreadableJson for JSON text inside that cannot be read.
    """
    known, repairs = frozenset(_plain(name) for name in names), list[AppliedRepair]()
    for _ in range(MOST_LAYERS):
        inner, repair = _peeled(value, known)
        if repair is None:
            break
        value, repairs = inner, [*repairs, repair]
    return value, tuple(repairs)


def _peeled(value: Any, names: frozenset[str]) -> tuple[Any, AppliedRepair | None]:
    if isinstance(value, str) and value.lstrip().startswith("{"):
        return read_json(value).value, AppliedRepair(JSON_IN_TEXT)
    if isinstance(value, list) and len(value) == 1 and isinstance(value[0], dict):
        return value[0], AppliedRepair(ARRAY_OF_ONE)
    if not isinstance(value, dict):
        return value, None
    if (called := _called(value, names)) is not None:
        return called, AppliedRepair(TOOL_CALL)
    if len(value) == 1:
        ((key, inner),) = value.items()
        if isinstance(inner, dict) and _plain(key) in names | _NEUTRAL:
            return inner, AppliedRepair(WRAPPER)
    return value, None


def _called(value: dict[str, Any], names: frozenset[str]) -> Any:
    """Return the arguments of a call of the answer's function; None for anything else."""
    if isinstance(calls := value.get("tool_calls"), list) and len(calls) == 1 and len(value) == 1:
        value = calls[0] if isinstance(calls[0], dict) else {}
    function = value.get("function", value.get("tool_call", value))
    if not isinstance(function, dict) or _plain(str(function.get("name", ""))) not in {*names, _plain(ANSWER_TOOL)}:
        return None
    return next((function[key] for key in _CALLED if isinstance(function.get(key), dict | str)), None)


def _plain(name: str) -> str:
    return re.sub(r"[\s_-]", "", name).casefold()
