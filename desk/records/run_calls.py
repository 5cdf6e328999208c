"""The finished model calls of one run, stored in the run store."""

import json
from collections.abc import Mapping, Sequence
from operator import attrgetter
from typing import NamedTuple

from ...domain.ids import RunId
from ...domain.picture import Picture
from ...llm.completion import TokenUsage
from ...llm.port import ModelCall
from ...storage.sqlite import SqliteFile
from ...storage.stored_type import StoredType
from .run_schema import CALL_COLUMNS
from .stored_pictures import save_pictures

_CALL = StoredType(ModelCall)
_NAMES = ", ".join(CALL_COLUMNS)
_MARKS = ", ".join("?" for _ in CALL_COLUMNS)
_SAVE = f"INSERT OR REPLACE INTO calls (run_id, {_NAMES}) VALUES (?, {_MARKS})"  # noqa: S608
_VALUES = attrgetter(*CALL_COLUMNS)
_SELECT = f"SELECT {_NAMES} FROM calls WHERE run_id = ?"  # noqa: S608 -- column names of this module


class RunCallLog:
    """The CallLog of one run: a resumed run reads the calls that were finished before the process ended."""

    def __init__(self, file: SqliteFile, run_id: RunId) -> None:
        self._file, self._run_id = file, run_id

    def find(self, key: str) -> ModelCall | None:
        return next((_call(row) for row in self._file.rows(f"{_SELECT} AND key = ?", (self._run_id, key))), None)

    def save(self, call: ModelCall) -> None:
        with self._file.writing() as connection:
            connection.execute(_SAVE, (self._run_id, *_VALUES(call)))

    def keep(self, pictures: Sequence[Picture]) -> None:
        save_pictures(self._file, self._run_id, pictures)

    def calls(self) -> Sequence[ModelCall]:
        return [_call(row) for row in self._file.rows(f"{_SELECT} ORDER BY role, key", (self._run_id,))]


class ModelTotal(NamedTuple):
    """The finished calls of one model: their number, and the sum of their tokens."""

    model: str
    calls: int
    tokens: TokenUsage


def usage_by_model(file: SqliteFile, run_ids: Sequence[RunId]) -> Sequence[ModelTotal]:
    """Return the finished calls of `run_ids`, summed by model."""
    query = (
        "SELECT model, count(*), sum(prompt_tokens), sum(cached_tokens), sum(completion_tokens), max(estimated) "
        "FROM calls WHERE run_id IN (SELECT value FROM json_each(?)) GROUP BY model ORDER BY model"
    )
    rows = file.rows(query, (json.dumps(list(run_ids)),))
    return [ModelTotal(row[0], row[1], TokenUsage(row[2], row[3], row[4], bool(row[5]))) for row in rows]


def answer_tokens(file: SqliteFile) -> Mapping[str, int]:
    """Return the mean completion tokens of a call by role, rounded up."""
    rows = file.rows("SELECT role, sum(completion_tokens), count(*) FROM calls GROUP BY role ORDER BY role")
    return {role: -(-tokens // calls) for role, tokens, calls in rows}


def _call(row: tuple[object, ...]) -> ModelCall:
    return _CALL.from_values(dict(zip(CALL_COLUMNS, row, strict=True)))
