"""Weekly reflection, the control: a reflection on the decisions of the last sessions is added to the original text."""

from learning_desk import LONG, SHORT, asked, block, evidence, steps_of, taught, traded
from openoutcry.desk.learning.instructions.optimizer_inputs import with_reflection
from openoutcry.domain.abstention import Abstention, AbstentionCause

LEARNING = "{kind: reflection, every: 3, shadow: false}"


def test_the_reflector_sees_the_decisions_and_what_followed_and_no_scores(demo, tmp_path):
    desk, model = taught(demo, tmp_path, LEARNING, texts=[SHORT, LONG, SHORT, LONG])
    traded(desk)
    first, second, *_ = asked(model, "weekly_reflector")
    assert first.user.count("return that followed") == 3
    assert "unknown" not in first.user
    assert "return that followed -3.20%" in first.user  # 184.22 on 6 February, 178.33 on the 7th
    assert "weight +0.00" in first.user
    assert "weight -" in second.user
    assert "score" not in evidence(first)


def test_a_reflection_replaces_the_one_before_it(demo, tmp_path):
    desk, _ = taught(demo, tmp_path, "{kind: reflection, every: 3}", texts=[SHORT, "Wait.", "Wait more."])
    traded(desk)
    steps = steps_of(desk)
    assert steps[1].in_shadow == with_reflection(block(), SHORT)
    assert steps[3].in_shadow == with_reflection(block(), "Wait.")
    assert SHORT in steps[3].in_force


def test_without_an_answer_the_text_stays(demo, tmp_path):
    said = Abstention("weekly_reflector", AbstentionCause.ANSWER, "two answers were invalid")
    desk, _ = taught(demo, tmp_path, LEARNING, weekly_reflector=said)
    traded(desk)
    assert {step.in_force for step in steps_of(desk)} == {""}
    assert "no valid answer" in steps_of(desk)[1].proposal.reason
