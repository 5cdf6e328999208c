"""The description of a function that a model may call."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ToolSpec:
    """A function that a model may call; `parameters` is a JSON schema of type object."""

    name: str
    description: str
    parameters: Mapping[str, object]
