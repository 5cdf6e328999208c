"""Conversion of replies to the JSON of a recording and back."""

import json
from base64 import b64decode, b64encode
from collections.abc import Mapping
from dataclasses import asdict

import numpy as np

from ..domain.errors import BudgetExceeded, InvalidOutput, ModelError, ModelUnavailable
from .completion import Completion, Served, TokenUsage
from .embeddings.port import Vectors
from .messages import parse_message

ERRORS: Mapping[str, type[ModelError]] = {
    "budget_exceeded": BudgetExceeded,
    "invalid_output": InvalidOutput,
    "model_unavailable": ModelUnavailable,
    "model_error": ModelError,
}
"""Recorded names of errors, the first one that fits."""


def error_to_json(error: ModelError) -> str:
    """Return a failed call as JSON text: its kind, which decides the cause of the abstention, and its message."""
    return json.dumps({"error": _kind(error), "text": str(error)})


def _kind(error: ModelError) -> str:
    return next(name for name, kind in ERRORS.items() if isinstance(error, kind))


def is_error(text: str) -> bool:
    """Return whether a recorded reply is a failed call."""
    return "error" in json.loads(text)


def completion_to_json(completion: Completion) -> str:
    """Return a completion as JSON text; it contains no secrets, because `Completion.request` has none."""
    document = {
        "message": completion.message.to_json(),
        "tokens": asdict(completion.tokens),
        "lost": asdict(completion.lost),
        "served": asdict(completion.served),
        "request": completion.request,
        "notes": completion.notes,
    }
    return json.dumps(document, sort_keys=True, separators=(",", ":"))


def completion_from_json(text: str) -> Completion:
    """Return the completion from text written by `completion_to_json`.

    Raises:
        ModelError: the text was written by `error_to_json`.
    """
    document = json.loads(text)
    if "error" in document:
        raise ERRORS[document["error"]](document["text"])
    return Completion(
        message=parse_message(document["message"]),
        tokens=TokenUsage(**document["tokens"]),
        served=Served(**document["served"]),
        request=document["request"],
        lost=TokenUsage(**document["lost"]),
        notes=tuple(document["notes"]),
    )


def vector_to_json(vector: Vectors) -> str:
    """Return one vector as JSON text with its exact 32-bit numbers, little-endian, in base64."""
    return json.dumps({"float32": b64encode(vector.astype("<f4").tobytes()).decode()})


def vector_from_json(text: str) -> Vectors:
    """Return the vector from text written by `vector_to_json`."""
    return np.frombuffer(b64decode(json.loads(text)["float32"]), "<f4").astype(np.float32)
