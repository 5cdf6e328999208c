"""Fill any JSON schema with a valid value, so that a whole desk can run against the stub."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

EVIDENCE = re.compile(r"\[([a-z]+\.[\w.@-]+)\]")
SENTENCE = "The evidence in the case supports this view and nothing in it speaks against it. "


def evidence_ids(prompt: str) -> tuple[str, ...]:
    """Return the evidence ids that stand in square brackets in `prompt`, each once, in order."""
    return tuple(dict.fromkeys(EVIDENCE.findall(prompt)))


def schema_in(text: str) -> Mapping[str, Any] | None:
    """Return the last JSON schema of an object that is written out in `text`, or None."""
    decoder, found, place = json.JSONDecoder(), None, text.find("{")
    while place >= 0:
        try:
            value, end = decoder.raw_decode(text, place)
        except ValueError:
            end = place + 1
        else:
            if isinstance(value, dict) and "properties" in value:
                found = value
        place = text.find("{", end)
    return found


@dataclass(frozen=True)
class Filler:
    """Writes an answer for a schema.

    Numbers lie three quarters of the way between their bounds, enums take their first value, what may be null is
    null, a scale agrees with its verdict, lists of objects have one member and lists of strings the first `citations`
    evidence ids of the prompt.

    Attributes:
        characters: spread evenly over the free-text fields of one answer.
        values: what to write for properties of these names, whatever the schema says.
        citations: how many evidence ids to cite.
    """

    characters: int = 160
    values: Mapping[str, object] = field(default_factory=dict)
    citations: int = 3

    def fill(self, schema: Mapping[str, Any], prompt: str) -> Any:
        """Return a value that fits `schema`, citing evidence found in `prompt`."""
        texts = sum(1 for _ in _free_texts(schema, schema, self.values))
        return self._value("", schema, _Page(schema, evidence_ids(prompt), self.characters // max(texts, 1)))

    def _value(self, name: str, schema: Mapping[str, Any], page: "_Page") -> Any:
        if name in self.values:
            return self.values[name]
        schema = _resolve(schema, page.root)
        if "const" in schema:
            return schema["const"]
        if "enum" in schema:
            return schema["enum"][0]
        match _kind(schema):
            case "object":
                return self._agreeing({key: self._value(key, part, page) for key, part in _properties(schema)})
            case "array":
                return self._list(name, schema, page)
            case "string":
                return _text(schema, page.text_length)
            case "integer":
                return _integer(schema)
            case "number":
                return _number(schema)
            case "boolean":
                return True
        return None

    def _agreeing(self, value: dict[str, Any]) -> dict[str, Any]:
        """Let a scale that was not given agree with its verdict."""
        if "scale" in value and "scale" not in self.values:
            value["scale"] = {"approve": 1.0, "veto": 0.0}.get(value.get("verdict", ""), value["scale"])
        return value

    def _list(self, name: str, schema: Mapping[str, Any], page: "_Page") -> list[Any]:
        items = _resolve(schema.get("items", {}), page.root)
        least = int(schema.get("minItems", 0))
        if _kind(items) == "string" and not {"enum", "const"} & items.keys():
            count = min(max(least, self.citations), int(schema.get("maxItems", self.citations)))
            ids = list(page.evidence[:count])
            return ids + [f"item {number}" for number in range(least - len(ids))]
        return [self._value(name + "[]", items, page) for _ in range(max(least, min(1, schema.get("maxItems", 1))))]


@dataclass(frozen=True)
class _Page:
    root: Mapping[str, Any]
    evidence: Sequence[str]
    text_length: int


def _properties(schema: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    yield from schema.get("properties", {}).items()


def _resolve(schema: Mapping[str, Any], root: Mapping[str, Any]) -> Mapping[str, Any]:
    while True:
        if "$ref" in schema:
            schema = root["$defs"][schema["$ref"].rsplit("/", 1)[1]]
        elif options := schema.get("anyOf") or schema.get("oneOf") or schema.get("allOf"):
            schema = next((part for part in options if part.get("type") == "null"), options[0])
        else:
            return schema


def _kind(schema: Mapping[str, Any]) -> str:
    kind = schema.get("type", "object" if "properties" in schema else "string")
    if isinstance(kind, list):
        return "null" if "null" in kind else str(kind[0])
    return str(kind)


def _free_texts(schema: Mapping[str, Any], root: Mapping[str, Any], values: Mapping[str, object]) -> Iterator[None]:
    schema = _resolve(schema, root)
    if "enum" in schema or "const" in schema:
        return
    match _kind(schema):
        case "string":
            yield None
        case "object":
            for name, part in schema.get("properties", {}).items():
                if name not in values:
                    yield from _free_texts(part, root, values)
        case "array":
            items = _resolve(schema.get("items", {}), root)
            if _kind(items) == "object":
                yield from _free_texts(items, root, values)


def _text(schema: Mapping[str, Any], length: int) -> str:
    length = min(max(length, int(schema.get("minLength", 1)), 1), int(schema.get("maxLength", length + 1)))
    return (SENTENCE * (length // len(SENTENCE) + 1))[:length]


def _bounds(schema: Mapping[str, Any], step: float) -> tuple[float | None, float | None]:
    low, high = schema.get("minimum"), schema.get("maximum")
    if "exclusiveMinimum" in schema:
        low = schema["exclusiveMinimum"] + step
    if "exclusiveMaximum" in schema:
        high = schema["exclusiveMaximum"] - step
    return low, high


def _number(schema: Mapping[str, Any]) -> float:
    low, high = _bounds(schema, 1e-6)
    if low is None or high is None:
        return max(10.0, low) if low is not None else min(10.0, high if high is not None else 10.0)
    return low + 0.75 * (high - low)


def _integer(schema: Mapping[str, Any]) -> int:
    low, high = _bounds(schema, 1)
    least = int(low) if low is not None else 1
    return min(max(least, 10), int(high)) if high is not None else max(least, 10)
