"""What outcomes do to memories."""

import pytest
from openoutcry.domain.errors import InvalidData
from openoutcry.memory.decay.daily_steps import _RecordState
from openoutcry.memory.decay.feedback import feedback_gain
from openoutcry.memory.port import Query
from openoutcry.memory.presets.catalog import PRESETS
from openoutcry.memory.record import (
    Aspect,
    Change,
    Event,
    Layer,
)

from ..random_memories import (
    CALDR,
    RUN,
    day,
    news,
)


def test_the_gain_is_bounded_of_both_signs_and_shared():
    assert feedback_gain(0.05, 0.02, 25, 1) == pytest.approx(0.05)
    assert feedback_gain(0.05, 0.02, 25, 5) == pytest.approx(0.01)
    assert feedback_gain(-9.0, 0.02, 25, 1) == -0.2
    assert feedback_gain(9.0, 0.02, 25, 1) == 0.2
    assert feedback_gain(9.0, 0.02, 25, 0) == 0
    for wrong in ((float("nan"), 0.02, 5), (0.1, 0.0, 5), (0.1, 0.02, 0)):
        with pytest.raises(InvalidData):
            feedback_gain(*wrong, 1)


def test_an_outcome_moves_only_what_was_cited_and_only_from_then_on(store):
    cited, other = store.write([news("orders rise", 0), news("strike at the port", 0)])
    store.write([], [Event(cited, Change.FEEDBACK, day(5), "lost", -0.2)])

    def strengths(at):
        found = store.at(day(at), RUN).recall(Query(("orders",), CALDR, frozenset(Aspect)))
        return {recall.record.id: recall.parts["strength"] for recall in found}

    assert strengths(4.999)[cited] == strengths(4.999)[other]
    assert strengths(5)[cited] == pytest.approx(strengths(5)[other] - 0.2, abs=1e-6)


@pytest.mark.parametrize(
    ("preset", "gains", "importance"),
    [
        ("finmem", (0.1, 0.1, -0.1), 50 + 5 + 10 + 5),  # a penalty after two rewards still raises it
        ("investor-bench", (0.1, -0.3), 50 + 18 - 18),
        ("fincon", (0.1, -0.3), 50 + 5),
    ],
)
def test_the_presets_credit_as_their_sources_do(preset, gains, importance):
    walk = _RecordState(PRESETS[preset].decay, Layer.SHORT, 50.0)
    for gain in gains:
        walk.credit(gain)
    assert walk.importance == importance
