"""The JSON schema of an answer, in the subset accepted for strict structured output."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from pydantic import BaseModel

from ..domain.errors import ConfigError

_KEPT = frozenset({"type", "enum", "description", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"})
_COUNTS = frozenset({"minItems", "maxItems"})


@dataclass(frozen=True, slots=True)
class AnswerSchema:
    """Schema of an answer: `name` for the API, `body` as a JSON schema, `text` as `body` in one line.

    The name is the class attribute `schema_name`; it is part of requests and of the keys of stored calls.
    """

    name: str
    body: Mapping[str, Any]
    text: str


@lru_cache(maxsize=256)
def answer_schema(answer: type[BaseModel]) -> AnswerSchema:
    """Return the strict schema of `answer`.

    Every property is required, additional properties are forbidden, references are resolved, and only keywords that
    strict mode supports are kept; other constraints, such as text lengths, are checked when the answer is validated.

    Raises:
        ConfigError: the class is recursive or has a field with free-form keys; neither can be strict.
    """
    raw = answer.model_json_schema()
    body = _strict(raw, raw.get("$defs", {}), ())
    return AnswerSchema(
        getattr(answer, "schema_name", answer.__name__)[:64],
        body,
        json.dumps(body, separators=(",", ":"), ensure_ascii=False),
    )


def _strict(schema: Mapping[str, Any], defs: Mapping[str, Any], inside: tuple[str, ...]) -> dict[str, Any]:
    if reference := schema.get("$ref"):
        name = str(reference).rsplit("/", 1)[-1]
        if name in inside:
            raise ConfigError(f"the answer class {name} refers to itself; strict schemas must not be recursive")
        return _strict({**defs[name], **_beside_reference(schema)}, defs, (*inside, name))
    if single := schema.get("allOf"):
        return _strict({**single[0], **_beside_reference(schema)}, defs, inside)
    kept = {key: value for key, value in schema.items() if key in _KEPT}
    if "const" in schema:
        kept["enum"] = [schema["const"]]
    if options := schema.get("anyOf", schema.get("oneOf")):
        kept["anyOf"] = [_strict(option, defs, inside) for option in options]
    if kept.get("type") == "array":
        kept |= {key: value for key, value in schema.items() if key in _COUNTS}
        kept["items"] = _strict(schema.get("items", {}), defs, inside)
    if kept.get("type") == "object":
        kept |= _closed(schema, defs, inside)
    return kept


def _beside_reference(schema: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in schema.items() if key == "description"}


def _closed(schema: Mapping[str, Any], defs: Mapping[str, Any], inside: tuple[str, ...]) -> dict[str, Any]:
    if "properties" not in schema:
        raise ConfigError(f"an answer must not have a field with free-form keys: {schema.get('title', 'object')}")
    parts = {name: _strict(part, defs, inside) for name, part in schema["properties"].items()}
    return {"properties": parts, "required": list(parts), "additionalProperties": False}
