"""Golden transcripts of the desks: who was asked what, who saw whose work, and in which order."""

import pytest
from scripted_answers import AS_OF, CLEAR
from transcripts import GOLDEN, transcript

NAMES = sorted(path.stem for path in GOLDEN.glob("*.txt"))


@pytest.mark.parametrize("name", NAMES)
def test_who_is_asked_and_who_sees_what(name, demo):
    assert transcript(name, demo, CLEAR, AS_OF) == (GOLDEN / f"{name}.txt").read_text(encoding="utf-8")
