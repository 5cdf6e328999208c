"""Recorded content hashes of the prompts: a prompt changes only on purpose. Independent of the recorded decisions."""

from pathlib import Path

import pytest

from tests.compatibility import expected_changes
from tests.compatibility.cases import DESKS
from tests.compatibility.differences import described, unexpected
from tests.compatibility.recording import PROMPTS, desk_prompts, load


@pytest.mark.parametrize("desk", DESKS)
def test_prompts_are_those_recorded(desk: str, tmp_path: Path) -> None:
    found = desk_prompts(desk, tmp_path / "home")
    wrong = unexpected(load(PROMPTS)[desk], found, expected_changes.PROMPTS, desk)
    assert not wrong, described(wrong)
