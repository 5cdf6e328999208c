"""The decisions of a run that were followed by the largest gains and losses, with their documents."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from .counted import CountedUnit
from .kept_decisions import MOST_EXAMPLES, example_gain
from .run_folder import StoredExperiment
from .unit import UnitDecision
from .unit_store import PlannedRow


@dataclass(frozen=True, slots=True)
class DecisionExample:
    """A decision that was followed by a large gain or loss in its direction: conviction sign times return.

    `document` is the decision document as JSON text; None in runs of earlier versions.
    """

    track: str
    seed: int
    key: str
    decision: UnitDecision
    gain: float
    document: str | None = None


def best_and_worst(
    run: StoredExperiment, units: Iterable[tuple[PlannedRow, CountedUnit]]
) -> tuple[tuple[DecisionExample, ...], tuple[DecisionExample, ...]]:
    """Return the decisions of counted units with the largest gains, the largest first, and with the largest losses."""
    found = list[DecisionExample]()
    for row, unit in units:
        for each in unit.decisions:
            gain = example_gain(each.outcome, each.conviction, each.forward_return)
            if gain is not None:
                found.append(DecisionExample(row.track, row.seed, row.key, each, gain))
    ordered = sorted(found, key=lambda each: (-each.gain, each.track, each.seed, each.decision.run_id))
    return _whole(run, ordered[:MOST_EXAMPLES]), _whole(run, ordered[::-1][:MOST_EXAMPLES])


def _whole(run: StoredExperiment, examples: Sequence[DecisionExample]) -> tuple[DecisionExample, ...]:
    with run.units() as store:
        return tuple(replace(each, document=store.document(each.decision.run_id)) for each in examples)
