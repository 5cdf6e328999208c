"""Results of slow roles in recorded runs: a recording holds those of earlier decisions that its run has used again."""

import hashlib
import json
from dataclasses import dataclass
from datetime import UTC, datetime

from ...domain.ids import RunId
from ...graph.period_results import KeptResult, PeriodResults, PeriodTurn
from ...llm.recording import EntryKind, RecordedCall
from ...llm.replay import Player, Recorder
from .stored_results import result_of, result_text


@dataclass(frozen=True, slots=True)
class RecordingPeriodResults:
    """Implements `PeriodResults` with `results`, and adds those of earlier decisions to the recording of `run_id`."""

    results: PeriodResults
    recorder: Recorder
    run_id: RunId

    def last(self, turn: PeriodTurn, as_of: datetime) -> KeptResult | None:
        kept = self.results.last(turn, as_of)
        if kept is not None and kept.run_id != self.run_id:
            self.recorder.save([_entry(turn, kept)])
        return kept

    def keep(self, turn: PeriodTurn, kept: KeptResult) -> None:
        self.results.keep(turn, kept)


@dataclass(frozen=True, slots=True)
class ReplayedPeriodResults:
    """Implements `PeriodResults` with the results in a recording; the replayed run keeps none."""

    player: Player

    def last(self, turn: PeriodTurn, as_of: datetime) -> KeptResult | None:
        reply = self.player.find(EntryKind.KEPT, _key(_request(turn)))
        if reply is None:
            return None
        stored = json.loads(reply)
        made_at = datetime.fromisoformat(stored["made_at"])
        return KeptResult(result_of(stored["result"]), made_at, RunId(stored["run_id"])) if made_at <= as_of else None

    def keep(self, turn: PeriodTurn, kept: KeptResult) -> None:
        return


def _entry(turn: PeriodTurn, kept: KeptResult) -> RecordedCall:
    request = _request(turn)
    reply = {
        "made_at": kept.made_at.astimezone(UTC).isoformat(), "run_id": kept.run_id, "result": result_text(kept.result)
    }  # fmt: skip
    return RecordedCall(EntryKind.KEPT, _key(request), request, json.dumps(reply, sort_keys=True))


def _request(turn: PeriodTurn) -> str:
    period = turn.period.astimezone(UTC).isoformat()
    values = {"role": turn.role, "subject": turn.subject, "round": turn.round, "period": period}
    return json.dumps(values, sort_keys=True)


def _key(request: str) -> str:
    return hashlib.sha256(request.encode()).hexdigest()
