"""The strict YAML of desk files: lines of keys, and errors that name file, line, key and remedy."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, get_args

import yaml
from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails, InitErrorDetails, PydanticCustomError

from ..domain.errors import ConfigError

Place = tuple[int | str, ...]
"""The way to a value of a desk file: keys of mappings, and numbers of list entries from 0."""

PYDANTIC_PREFIX = "Value error, "
ADD_KEY = "add the key"


class KeyDefect(ValueError):
    """A defect of the value at `place`, which starts at the section whose validator raises it."""

    def __init__(self, message: str, *place: int | str) -> None:
        super().__init__(message)
        self.place: Place = place


@dataclass(frozen=True, slots=True)
class DeskDefect:
    """One defect of a desk file.

    Attributes:
        line: number of the line from 1; None if the file could not be read so far.
        key: the key as `roles.1.tools`; empty for the file as a whole.
        remedy: what to write instead; empty where the message says it.
    """

    line: int | None
    key: str
    message: str
    remedy: str = ""

    def __str__(self) -> str:
        """Return key, message and remedy in one sentence."""
        text = f"{self.key}: {self.message}" if self.key else self.message
        return f"{text}; {self.remedy}" if self.remedy else text


class DeskFileError(ConfigError):
    """A desk file with defects. The message states the first one, with file and line."""

    def __init__(self, path: object, defects: Sequence[DeskDefect]) -> None:
        self.path, self.defects = path, tuple(defects)
        first = self.defects[0]
        where = "" if first.line is None else f", line {first.line}"
        more = len(self.defects) - 1
        others = f" ({more} more: openoutcry desks check {path})" if more else ""
        super().__init__(f"desk file {path}{where}: {first}{others}")


@dataclass(frozen=True, slots=True)
class YamlSource:
    """The content of a YAML file, with the lines of its keys."""

    content: object
    root: yaml.Node | None

    def line_of(self, place: Place) -> int:
        """Return the line, from 1, of the value at `place`, or of the innermost mapping or list around it.

        Parts of the place that the file does not have, such as the name of a variant of a section, are skipped.
        """
        return max((line for _, line in self._steps(place)), default=1)

    def key_of(self, place: Place) -> str:
        """Return the key as it is written in the file: `roles.1.tools`. The last part may be missing in the file."""
        present = [part for part, _ in self._steps(place)]
        missing = place[-1:] if place and present[-1:] != [place[-1]] else ()
        return ".".join(map(str, (*present, *missing)))

    def _steps(self, place: Place) -> Iterator[tuple[int | str, int]]:
        """Yield the parts of a place that the file has, each with its line."""
        node = self.root
        for part in place:
            found = _child(node, part)
            if found is not None:
                yield part, found[0]
                node = found[1]


def read_yaml(path: object, text: str) -> YamlSource:
    """Return the content of a YAML file; raises DeskFileError for text that is not strict YAML."""
    try:
        loader = StrictLoader(text)
        try:
            root = loader.get_single_node()
            return YamlSource(None if root is None else loader.construct_document(root), root)
        finally:
            loader.dispose()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = None if mark is None else mark.line + 1
        raise DeskFileError(path, [DeskDefect(line, "", f"not YAML: {error.problem or error.context}")]) from error
    except yaml.YAMLError as error:
        raise DeskFileError(path, [DeskDefect(None, "", f"not YAML: {error}")]) from error
    except RecursionError as error:
        raise DeskFileError(path, [DeskDefect(None, "", "nested too deeply")]) from error
    except ValueError as error:  # an impossible date, or an integer of thousands of digits
        raise DeskFileError(path, [DeskDefect(None, "", f"has an invalid value: {error}")]) from error


class StrictLoader(yaml.SafeLoader):
    """A safe loader that rejects duplicate keys, of which plain YAML keeps the last one silently, and aliases.

    Aliases could multiply a small file to any size.
    """

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        if self.check_event(yaml.AliasEvent):
            peek: Callable[[], Any] = self.peek_event
            problem = "aliases (*name) are not allowed; repeat the value"
            raise yaml.composer.ComposerError(None, None, problem, peek().start_mark)
        return super().compose_node(parent, index)

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[object, object]:
        seen = set[str]()
        for key, _ in node.value:
            name = str(self.construct_object(key, deep=True))
            if name in seen:
                problem = f"the key {name} occurs twice; remove one of them"
                raise yaml.constructor.ConstructorError(None, None, problem, key.start_mark)
            seen.add(name)
        return super().construct_mapping(node, deep)


def _child(node: yaml.Node | None, part: int | str) -> tuple[int, yaml.Node] | None:
    """Return the line and the node of a key or a list entry; None if `node` has none."""
    if isinstance(node, yaml.MappingNode):
        return next(((key.start_mark.line + 1, value) for key, value in node.value if key.value == str(part)), None)
    if isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
        return node.value[part].start_mark.line + 1, node.value[part]
    return None


def defects_of(error: ValidationError, source: YamlSource, model: type[BaseModel]) -> Iterator[DeskDefect]:
    """Yield the defects that pydantic has found in a desk file, in the order of their lines."""
    details = error.errors()
    found = [_defect(detail, source, model) for detail in details if not _follows(detail, details)]
    yield from sorted(found, key=lambda defect: defect.line or 0)


def _follows(detail: ErrorDetails, others: Sequence[ErrorDetails]) -> bool:
    """Return whether a list is only called too short because one of its items has a defect of its own."""
    place = detail["loc"]
    return detail["type"] == "too_short" and any(
        len(other["loc"]) > len(place) and other["loc"][: len(place)] == place for other in others
    )


def _defect(detail: ErrorDetails, source: YamlSource, model: type[BaseModel]) -> DeskDefect:
    place, message, remedy = explained(detail, model)
    return DeskDefect(source.line_of(place), source.key_of(place), message, remedy)


def explained(detail: ErrorDetails, model: type[BaseModel]) -> tuple[Place, str, str]:
    """Return the place of a defect that pydantic found in a `model`, its message and its remedy."""
    context: Mapping[str, Any] = detail.get("ctx", {})
    cause, place = context.get("error"), detail["loc"]
    if isinstance(cause, KeyDefect):
        place = (*place, *cause.place)
    if detail["type"] == "extra_forbidden":
        known = keys_at(model, place[:-1])
        return place, "unknown key", choice(str(place[-1]), known)
    if detail["type"] == "missing":
        return place, "is missing", ADD_KEY
    if detail["type"] == "union_tag_invalid":
        kinds = str(context.get("expected_tags", "")).replace("'", "").split(", ")
        tag = str(context.get("tag"))
        return (*place, "kind"), f"unknown kind {tag!r}", choice(tag, kinds)
    if detail["type"] == "union_tag_not_found":
        return (*place, "kind"), "is missing", ADD_KEY
    message = detail["msg"].removeprefix(PYDANTIC_PREFIX)
    return place, message, str(context.get("remedy", "")) or _near(detail["input"], str(context.get("expected", "")))


def defect_in(section: str, error: ValidationError, model: type[BaseModel], title: str) -> ValidationError:
    """Return the error of a `section` that was validated by itself as an error of the whole desk file."""
    return ValidationError.from_exception_data(
        title, [_custom((section, *place), message, remedy) for place, message, remedy in _explained_all(error, model)]
    )


def defect_at(place: Place, message: str, remedy: str, title: str) -> ValidationError:
    """Return the error of one key of a desk file."""
    return ValidationError.from_exception_data(title, [_custom(place, message, remedy)])


def _explained_all(error: ValidationError, model: type[BaseModel]) -> Iterator[tuple[Place, str, str]]:
    return (explained(detail, model) for detail in error.errors())


def _custom(place: Place, message: str, remedy: str) -> InitErrorDetails:
    error = PydanticCustomError("desk", "{message}", {"message": message, "remedy": remedy})
    return InitErrorDetails(type=error, loc=place, input=None)


def keys_at(model: type[BaseModel], place: Place) -> tuple[str, ...]:
    """Return the keys that a desk file may have at `place` of a `model`, sorted."""
    models: tuple[type[BaseModel], ...] = (model,)
    for part in place:
        models = models if isinstance(part, int) else _inner(models, part)
    return tuple(sorted({field.alias or name for each in models for name, field in each.model_fields.items()}))


def _inner(models: Sequence[type[BaseModel]], part: str) -> tuple[type[BaseModel], ...]:
    """Return the models of a field, or of the variant with the kind `part`; unchanged for the key of a mapping."""
    named = [
        field.annotation for each in models for name, field in each.model_fields.items() if part in {name, field.alias}
    ]
    if named:
        return tuple(inner for annotation in named for inner in _models(annotation))
    kinds = tuple(each for each in models if "kind" in each.model_fields and each.model_fields["kind"].default == part)
    return kinds or tuple(models)


def _models(annotation: object) -> Iterator[type[BaseModel]]:
    """Yield the models in an annotation such as `tuple[Role, ...]` or `A | B`."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
        return
    for argument in get_args(annotation):
        yield from _models(argument)


def _near(written: object, expected: str) -> str:
    """Return the closest of the expected values of a closed set, which pydantic lists in quotes."""
    close = get_close_matches(str(written), re.findall(r"'([^']*)'", expected), n=1)
    return f"did you mean {close[0]}?" if close and close[0] != written else ""


def choice(written: str, known: Iterable[str]) -> str:
    """Return what to write instead of an unknown name."""
    known = tuple(known)
    close = get_close_matches(written, known, n=1)
    if close:
        return f"did you mean {close[0]}?"
    return f"use one of: {', '.join(known)}" if known else "remove it"
