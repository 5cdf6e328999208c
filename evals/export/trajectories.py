"""The decisions of a run as trajectories: what each role was sent and answered, and what followed."""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from ...desk.records.backtest_store import FILE_NAME, BacktestStore
from ...domain.ids import RunId
from ...llm.port import ModelCall
from ..run_folder import StoredExperiment
from ..unit import UnitDecision
from ..unit_store import PlannedRow

SCHEMA = "openoutcry.trajectory/1"


@dataclass(frozen=True, slots=True)
class TrajectoryCall:
    """One model call: the messages that were sent, and the answer as text."""

    role: str
    model: str
    messages: tuple[Mapping[str, Any], ...]
    reply: str


@dataclass(frozen=True, slots=True)
class Trajectory:
    """One decision.

    Attributes:
        reward: return of the symbol until the next decision, in the direction of the conviction; None without a
            conviction, orders or a return.
        calls: the model calls, sorted by role; empty for rules.
    """

    run: str
    arm: str
    seed: int
    decision: UnitDecision
    reward: float | None
    calls: tuple[TrajectoryCall, ...]


def trajectories(run: StoredExperiment) -> Iterator[Trajectory]:
    """Yield every decision of the finished units of the arms; baselines have none."""
    arms = {track.name for track in run.facts.tracks if track.desk and track.model}
    with run.units() as store:
        for row in store.planned():
            record = store.find(row.key)
            if record is None or row.track not in arms:
                continue
            calls = _calls(run, row, [decision.run_id for decision in record.decisions])
            for each in record.decisions:
                yield Trajectory(run.facts.run_id, row.track, row.seed, each, reward_of(each), calls[each.run_id])


def reward_of(decision: UnitDecision) -> float | None:
    """Return the return until the next decision in the direction of the conviction; None where there is none."""
    if decision.outcome != "orders" or not decision.conviction or decision.forward_return is None:
        return None
    return decision.forward_return if decision.conviction > 0 else -decision.forward_return


def trajectory_line(each: Trajectory) -> str:
    """Return a trajectory as one line of JSON, schema `openoutcry.trajectory/1`."""
    document = {
        "schema": SCHEMA,
        "run": each.run,
        "arm": each.arm,
        "seed": each.seed,
        **asdict(each.decision),
        "reward": each.reward,
        "calls": [asdict(call) for call in each.calls],
    }
    return json.dumps(document, default=str, ensure_ascii=False)


def _calls(run: StoredExperiment, row: PlannedRow, names: Sequence[str]) -> Mapping[str, tuple[TrajectoryCall, ...]]:
    """Return the model calls by decision; a unit that was taken from another run has its calls there."""
    folder = _folder(run, row)
    if folder is None:
        return dict.fromkeys(names, ())
    with closing(BacktestStore(folder)) as store:
        return {name: last_calls(_calls_of(store, name)) for name in names}


def last_calls(calls: Sequence[TrajectoryCall]) -> tuple[TrajectoryCall, ...]:
    """Return the calls without those that another call of the same role continues, such as one that was corrected."""

    def continued(call: TrajectoryCall) -> bool:
        length = len(call.messages)
        return any(
            other.role == call.role and len(other.messages) > length and other.messages[:length] == call.messages
            for other in calls
        )

    return tuple(call for call in calls if not continued(call))


def _calls_of(store: BacktestStore, name: str) -> list[TrajectoryCall]:
    return [_call(call) for call in _answered(store.call_log(RunId(name)).calls())]


def _folder(run: StoredExperiment, row: PlannedRow) -> Path | None:
    for path in (run.folder, *sorted(run.folder.parent.iterdir())):
        for found in path.glob(f"arms/*/{row.key}/{FILE_NAME}"):
            return found.parent
    return None


def _answered(calls: Sequence[ModelCall]) -> Iterator[ModelCall]:
    return (call for call in calls if call.request is not None and "error" not in json.loads(call.reply))


def _call(call: ModelCall) -> TrajectoryCall:
    body = json.loads(call.request or "{}")["body"]
    return TrajectoryCall(call.role, call.model, tuple(body["messages"]), reply_text(call.reply))


def reply_text(reply: str) -> str:
    """Return what a stored reply says: its content, or the arguments of the function that it calls."""
    document = json.loads(reply)
    message = document.get("message", document)
    if content := message.get("content"):
        return str(content)
    called = message.get("tool_calls") or ()
    return "\n".join(str(each["function"]["arguments"]) for each in called)
