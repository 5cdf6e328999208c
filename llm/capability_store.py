"""Store of learned capabilities by endpoint and model, in memory and in a file."""

import json
import os
import tempfile
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import asdict, fields
from datetime import date
from enum import IntEnum
from pathlib import Path
from typing import Any

from .capabilities import Capabilities, OutputMode, SystemRole, TokenLimit

FILE_NAME = "capabilities.json"
VERSION = 1
ADDED = frozenset({"keeps_limits", "images"})
"""Capabilities that entries of earlier releases do not have."""
_ENUMS: Mapping[str, type[IntEnum]] = {"mode": OutputMode, "system": SystemRole, "token_limit": TokenLimit}


class CapabilityStore:
    """Capabilities by base URL and model; an unknown endpoint has the default capabilities.

    The file is a cache: if it is absent, damaged, of another version or not writable, capabilities are learned
    again. Several processes may share it; what one process learns is merged with what others wrote.

    Args:
        path: the file; None keeps capabilities in memory only.
        today: returns the current date, stored with each entry; None stores an empty date.
    """

    def __init__(self, path: Path | None = None, today: Callable[[], date] | None = None) -> None:
        self._path, self._today = path, today
        self._known: dict[str, Capabilities] = _read(path)

    @property
    def path(self) -> Path | None:
        """Return the file; None if capabilities are kept in memory only."""
        return self._path

    def get(self, endpoint: str, model: str) -> Capabilities:
        """Return the known capabilities of `model` at `endpoint`."""
        return self._known.get(_key(endpoint, model), Capabilities())

    def learn(self, endpoint: str, model: str, remaining: Capabilities) -> None:
        """Store that `model` at `endpoint` accepts at most `remaining`."""
        key = _key(endpoint, model)
        written = _read(self._path)
        for other in (written.get(key), self._known.get(key)):
            remaining = remaining.intersect(other) if other else remaining
        self._known = {**written, **self._known, key: remaining}
        self._write(key)

    def clear(self, endpoint: str | None = None) -> None:
        """Delete all entries, or those of one endpoint, in memory and in the file."""
        kept = {} if endpoint is None else {k: v for k, v in self._known.items() if not k.startswith(f"{endpoint} ")}
        self._known = kept
        if self._path is not None and self._path.exists():
            self._save({key: entry for key, entry in _entries(self._path).items() if key in kept})

    def _write(self, key: str) -> None:
        if self._path is None:
            return
        learnt = self._today().isoformat() if self._today else ""
        self._save({**_entries(self._path), key: {**asdict(self._known[key]), "learnt_on": learnt}})

    def _save(self, entries: Mapping[str, object]) -> None:
        assert self._path is not None
        text = json.dumps({"version": VERSION, "models": entries}, indent=1, sort_keys=True)
        with suppress(OSError):  # without a writable folder, each run repeats one rejected request
            self._path.parent.mkdir(parents=True, exist_ok=True)
            handle, name = tempfile.mkstemp(prefix=f"{self._path.name}.", dir=self._path.parent)
            with os.fdopen(handle, "w", encoding="utf-8") as target:
                target.write(text)
            Path(name).replace(self._path)


def _key(endpoint: str, model: str) -> str:
    return f"{endpoint} {model}"


def _read(path: Path | None) -> dict[str, Capabilities]:
    known: dict[str, Capabilities] = {}
    for key, entry in _entries(path).items():
        with suppress(ValueError, TypeError, KeyError):
            known[key] = _capabilities(entry)
    return known


def _entries(path: Path | None) -> dict[str, Any]:
    if path is None:
        return {}
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
        entries = document["models"] if document["version"] == VERSION else {}
        return dict(entries)
    except (OSError, ValueError, TypeError, KeyError, RecursionError):
        return {}


def _capabilities(entry: Mapping[str, Any]) -> Capabilities:
    values: dict[str, Any] = {}
    for field in fields(Capabilities):
        if field.name in ADDED and field.name not in entry:
            continue
        value = entry[field.name]
        kind = _ENUMS.get(field.name, bool)
        if kind is bool and not isinstance(value, bool):
            raise TypeError(field.name)
        values[field.name] = kind(value)
    return Capabilities(**values)
