"""Stored results of roles that do not act at every decision, which the decisions of one desk on one account share.

A result is stored with a hash of the configuration of its role: after a change of its prompt, model or tools, the role
is asked again.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import Any

from pydantic import TypeAdapter

from ...agents.agent import AgentResult
from ...agents.context import MissingEvidence
from ...domain.decision import ModelInfo
from ...domain.evidence import Evidence
from ...domain.ids import RunId
from ...domain.outputs import StructuredOutput
from ...graph.desk_config import DeskConfig
from ...graph.period_results import KeptResult, PeriodTurn
from ...graph.serializer import NAMES, STORED_TYPES
from ...graph.team import Team
from ...llm.port import Tier
from ...memory.port import RecalledRecord
from ...storage.sqlite import SqliteFile
from .provenance import digest, prompt_hashes

ROLE_RESULTS = """
CREATE TABLE IF NOT EXISTS role_results (
    market TEXT NOT NULL, account TEXT NOT NULL, desk TEXT NOT NULL, role TEXT NOT NULL, configuration TEXT NOT NULL,
    subject TEXT NOT NULL, round INTEGER NOT NULL, period TEXT NOT NULL, made_at TEXT NOT NULL, run_id TEXT NOT NULL,
    result TEXT NOT NULL,
    PRIMARY KEY (market, account, desk, role, configuration, subject, round, period, made_at)
)
"""
_TURN = "market = ? AND account = ? AND desk = ? AND role = ? AND configuration = ? AND subject = ? AND round = ?"
_LAST = (
    f"SELECT made_at, run_id, result FROM role_results WHERE {_TURN} AND period = ? AND made_at <= ? "  # noqa: S608
    "ORDER BY made_at DESC LIMIT 1"
)
_KEEP = "INSERT OR IGNORE INTO role_results VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
DELETE_OUTDATED = """
DELETE FROM role_results WHERE run_id = ? AND EXISTS (
    SELECT 1 FROM role_results later WHERE later.period > role_results.period AND later.market = role_results.market
    AND later.account = role_results.account AND later.desk = role_results.desk AND later.role = role_results.role
    AND later.subject = role_results.subject
)
"""
"""Deletes the results that a run has kept, unless they are the last ones of their role."""


@dataclass(frozen=True, slots=True)
class ResultsOwner:
    """Whose results are kept: the market's namespace, the account or backtest, and the stored name of the desk."""

    market: str
    account: str
    desk: str


@dataclass(frozen=True, slots=True)
class StoredPeriodResults:
    """Implements `PeriodResults` in the table ROLE_RESULTS of a file; `configurations` has a hash for each role."""

    file: SqliteFile
    owner: ResultsOwner
    configurations: Mapping[str, str]

    def last(self, turn: PeriodTurn, as_of: datetime) -> KeptResult | None:
        rows = self.file.rows(_LAST, (*self._key(turn), _text(as_of)))
        return next(
            (KeptResult(result_of(row[2]), datetime.fromisoformat(row[0]), RunId(row[1])) for row in rows), None
        )

    def keep(self, turn: PeriodTurn, kept: KeptResult) -> None:
        values = (*self._key(turn), _text(kept.made_at), kept.run_id, result_text(kept.result))
        with self.file.writing() as connection:
            connection.execute(_KEEP, values)

    def _key(self, turn: PeriodTurn) -> tuple[object, ...]:
        owner, configuration = self.owner, self.configurations[turn.role]
        return (
            owner.market, owner.account, owner.desk, turn.role, configuration, turn.subject, turn.round,
            _text(turn.period),
        )  # fmt: skip


def role_configurations(file: DeskConfig, team: Team, model: ModelInfo, seed: int) -> Mapping[str, str]:
    """Return a hash for each role over all that can change its answer: its line of the desk file, prompts and model."""
    hashes, calls = prompt_hashes(team), file.all_calls
    return {
        spec.name: digest(
            [
                spec.model_dump(mode="json", exclude_defaults=True),
                [hashes.get(name) for name in (spec.name, f"{spec.name}.follow_up")],
                [model.provider, model.deep_name if spec.model is Tier.DEEP else model.name],
                calls[spec.name].model_dump(mode="json", exclude_defaults=True) if spec.name in calls else None,
                seed,
            ]
        )
        for spec in file.roster.roles
    }


@dataclass(frozen=True, slots=True)
class _StoredOutput:
    """An output: the stored name of its type, and its values as JSON text."""

    type: str
    value: str


@dataclass(frozen=True, slots=True)
class _StoredResult:
    """The content of the column `result`."""

    outputs: tuple[_StoredOutput, ...]
    evidence: tuple[Evidence, ...]
    missing: tuple[MissingEvidence, ...]
    memories: tuple[RecalledRecord, ...]


@cache
def _results() -> TypeAdapter[_StoredResult]:
    return TypeAdapter(_StoredResult)


def result_text(result: AgentResult) -> str:
    """Return a result, which is not an abstention, as JSON text."""
    outcome: Any = result.outcome
    outputs = tuple(_StoredOutput(NAMES[type(each)], each.model_dump_json()) for each in outcome)
    return _results().dump_json(_StoredResult(outputs, result.evidence, result.missing, result.memories)).decode()


def result_of(text: str) -> AgentResult:
    """Return the result that `result_text` has written."""
    stored = _results().validate_json(text)
    return AgentResult(_outputs(stored.outputs), stored.evidence, stored.missing, stored.memories)


def _outputs(stored: Sequence[_StoredOutput]) -> tuple[StructuredOutput, ...]:
    return tuple(STORED_TYPES[each.type].model_validate_json(each.value) for each in stored)


def _text(timestamp: datetime) -> str:
    """Return a time in UTC, in a form that sorts by time."""
    return timestamp.astimezone(UTC).isoformat(timespec="microseconds")
