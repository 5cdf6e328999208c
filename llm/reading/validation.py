"""From the value of a JSON object to a validated answer, with the repairs that its form allows."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from pydantic import BaseModel, ValidationError

from ...domain.errors import InvalidOutput
from ...domain.outputs import StructuredOutput
from ..schema import answer_schema
from .bounds import check_bounds, check_length
from .fields import field_at, is_nullable
from .json_text import ReadJson, UnreadableJson
from .repairs import EXTRA_KEY, OMITTED_NULL, AppliedRepair
from .values import ValueRepairs
from .wrappers import unwrap

T = TypeVar("T", bound=BaseModel)

_SHOWN_DEFECTS = 5


@dataclass(frozen=True, slots=True)
class Reading(Generic[T]):
    """An answer and the repairs that it needed, in the order in which they were made."""

    answer: T
    repairs: tuple[AppliedRepair, ...] = ()


def form_names(answer: type[BaseModel]) -> frozenset[str]:
    """Return the names of an answer's form: that of its class and that of its schema."""
    return frozenset({answer.__name__, answer_schema(answer).name})


def validated(read: ReadJson, answer: type[T]) -> Reading[T]:
    """Return the answer that a JSON value holds.

    Raises:
        InvalidOutput: it does not have the form, even with all repairs; it is too large; or it contradicts itself.
    """
    check_length(read.text)
    try:
        value, unwrapped = unwrap(read.value, form_names(answer))
    except UnreadableJson as error:
        raise InvalidOutput(str(error)) from None
    schema, values = answer_schema(answer).body, ValueRepairs()
    found = values.repaired(schema, value)
    check_bounds(schema, found)
    text = read.text if found == read.value else json.dumps(found)
    checked, structure = _formed(text, found, answer)
    if isinstance(checked, StructuredOutput) and (defects := checked.contradictions()):
        raise InvalidOutput("; ".join(defects))
    return Reading(checked, (*read.repairs, *unwrapped, *values.applied, *structure))


def _formed(text: str, value: Any, answer: type[T]) -> tuple[T, tuple[AppliedRepair, ...]]:
    """Validate; where fields are missing that may be null, or were not asked for, mend that and validate again."""
    try:
        return answer.model_validate_json(text), ()
    except ValidationError as error:
        mended, repairs = _mended(value, error, answer)
        if not repairs:
            raise InvalidOutput(_validation_message(error)) from None
    try:
        return answer.model_validate_json(json.dumps(mended)), repairs
    except ValidationError as error:
        raise InvalidOutput(_validation_message(error)) from None


def _mended(value: Any, error: ValidationError, answer: type[BaseModel]) -> tuple[Any, tuple[AppliedRepair, ...]]:
    mended, repairs, schema = json.loads(json.dumps(value)), list[AppliedRepair](), answer_schema(answer).body
    for defect in error.errors(include_url=False, include_context=False, include_input=False):
        place = defect["loc"]
        holder = _at(mended, place[:-1])
        if not place or not isinstance(holder, dict) or not isinstance(key := place[-1], str):
            continue
        path = ".".join(str(step) for step in place)
        if defect["type"] == "extra_forbidden" and key in holder and not _shadows(key, holder):
            del holder[key]
            repairs.append(AppliedRepair(EXTRA_KEY, path[:80]))
        field = field_at(schema, place)
        if defect["type"] == "missing" and field is not None and is_nullable(field):
            holder[key] = None
            repairs.append(AppliedRepair(OMITTED_NULL, path))
    return mended, tuple(repairs)


def _at(value: Any, place: Sequence[str | int]) -> Any:
    for step in place:
        if isinstance(value, dict):
            value = value.get(step)
        elif isinstance(value, list) and isinstance(step, int) and step < len(value):
            value = value[step]
        else:
            return None
    return value


def _shadows(key: str, holder: dict[str, Any]) -> bool:
    """Return whether a field of another spelling says something else: then one field was given twice."""
    return any(other != key and other.casefold() == key.casefold() and holder[other] != holder[key] for other in holder)


def _validation_message(error: ValidationError) -> str:
    defects = error.errors(include_url=False, include_context=False, include_input=False)
    said = [_defect(defect) for defect in defects[:_SHOWN_DEFECTS]]
    more = len(defects) - len(said)
    return "; ".join(said) + (f"; and {more} more" if more > 0 else "")


def _defect(defect: Any) -> str:
    place = ".".join(str(part)[:80] for part in defect["loc"]) or "the answer"
    return f"{place}: {defect['msg'].removeprefix('Value error, ')}"
