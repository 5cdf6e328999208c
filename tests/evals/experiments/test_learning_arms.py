"""Arms whose desks learn beside a memory: each unit learns from its own decisions, or in its own training."""

import json
from collections import Counter

import pytest
from learning_desk import DESK, PROMPTS, TRAINED
from openoutcry.evals.estimate import estimate_experiment
from openoutcry.evals.experiment_service import ExperimentService
from small_experiment import Seen
from stub.answers import Filler
from stub.http_log import Reply
from stub_trader import CASH, proposal

TEXT = """
name: learning
universe: [HALDM]
window: {from: 2025-02-18, to: 2025-02-24}
seeds: [7]
arms:
  plain: {desk: plain.yaml, model: "openai:gpt-5-mini"}
  taught: {desk: taught.yaml, model: "openai:gpt-5-mini"}
compare: {against: plain, varies: [desk]}
"""
LESSON = "Go SHORT where prices fall."


@pytest.fixture
def settings(model_settings):
    return model_settings


@pytest.fixture
def desks(tmp_path):
    """Return a function that writes the two desks, which differ in what they learn."""

    def write(text, learning):
        for name, how in (("plain", "{kind: none}"), ("taught", learning)):
            (tmp_path / f"{name}.yaml").write_text(text.replace("LEARNING", how))

    return write


class Student:
    """Goes long, unless its instructions or a lesson say otherwise; counts what it is asked for."""

    def __init__(self):
        self.asked = Counter()

    def __call__(self, request):
        names = (request.schema or {}).get("properties", {})
        if "revised_instructions" in names:
            self.asked["optimizer"] += 1
            return Reply(json.dumps(proposal(f"{PROMPTS.get('decision').instructions}\n\n{CASH}")))
        if "lesson" in names:
            self.asked["lesson"] += 1
            return Reply(json.dumps({"lesson": LESSON}))
        self.asked["decision"] += 1
        side = "short" if LESSON in request.prompt else "flat" if CASH in request.prompt else "long"
        return Reply(json.dumps(Filler(values={"direction": side}).fill(request.schema, request.prompt)))


def exposures(result):
    """Return the gross exposure of each arm, session by session."""
    return {track.name: list(track.gross) for track in result.tracks}


def test_an_arm_learns_its_instructions_from_its_own_decisions(written, ran, stub, desks, settings, tmp_path):
    desks(DESK, "{kind: opro, every: 2, shadow: false}")
    stub.responder = student = Student()
    file = written(text=TEXT)
    plan = ExperimentService(settings, Seen(), output=tmp_path / "planned").plan(file)
    expected = {each.track: each for each in estimate_experiment(plan, frozenset(), 1).tracks}
    assert (expected["plain"].learning_calls, expected["taught"].learning_calls) == (0, 2)
    result, _ = ran(file)
    assert student.asked == {"optimizer": 2, "decision": 10}
    held = exposures(result)
    assert held["plain"][-1] > 0
    assert held["taught"][-1] == 0
    usage = {track.name: track.usage.calls for track in result.tracks if track.name in held}
    assert (usage["plain"], usage["taught"]) == (5, 7)
    again, seen = ran(file)
    assert (seen.reused, student.asked["optimizer"]) == (2, 2)
    assert exposures(again) == held


def test_an_arm_is_trained_before_its_window(written, ran, stub, desks):
    desks(TRAINED, "{kind: retry, trials: 1, horizon: 1}")
    stub.responder = student = Student()
    untrained, _ = ran(written(text=TEXT))
    assert student.asked["lesson"] == 0
    assert untrained.run.facts.notes == (
        "Arm taught is untrained: its desk learns in a training, and window.trained_from is not given.",
    )
    trained, _ = ran(written(("from: 2025-02-18", "trained_from: 2025-02-10, from: 2025-02-18"), text=TEXT))
    assert student.asked["lesson"] > 0
    assert trained.run.facts.notes == ()
    assert exposures(trained)["plain"] == exposures(untrained)["plain"]
    assert exposures(trained)["taught"] != exposures(untrained)["taught"]


def test_a_training_inside_the_window_is_refused(written):
    with pytest.raises(Exception, match="trained_from 2025-02-18 is not before from 2025-02-18; give an earlier day"):
        written(("from: 2025-02-18", "trained_from: 2025-02-18, from: 2025-02-18"), text=TEXT)
