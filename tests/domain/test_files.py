"""What is said of a file that cannot be used."""

from pathlib import Path

import pytest
from openoutcry.domain.files import REMEDIES, unusable


@pytest.mark.parametrize(
    ("said", "remedy"),
    [
        ("database or disk is full", "make room on the disk"),
        ("database disk image is malformed", "move it away to start anew"),
        ("disk I/O error", "check the disk"),
        ("something new", "see what it says"),
    ],
)
def test_cause_and_remedy_are_one_sentence(said, remedy):
    told = str(unusable("the memory", Path("a/journal.db"), said))
    assert told.startswith(f"the memory a/journal.db cannot be used: {said}; {remedy}")


def test_no_remedy_hides_behind_another():
    for number, (sign, _) in enumerate(REMEDIES):
        assert not any(earlier in sign for earlier, _ in REMEDIES[:number])
