"""Recorded decisions: the same market, model and state folder give the same decision."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.compatibility import expected_changes
from tests.compatibility.cases import CASES, DEMO, PUBLIC_SYMBOLS, Case
from tests.compatibility.differences import described, unexpected
from tests.compatibility.public_market import cut_folders
from tests.compatibility.recording import DECISIONS, WORKING_FOLDER, load, run_case

RECORDED = load(DECISIONS)


@pytest.fixture(scope="module")
def folders(real_market: Path, tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Path]:
    """Return a small market folder for each symbol of real data."""
    if not WORKING_FOLDER.exists():
        pytest.skip("this system has no fixed path for the working folder")
    return cut_folders(real_market, tmp_path_factory.mktemp("markets"), PUBLIC_SYMBOLS)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_decisions_are_those_recorded(case: Case, request: pytest.FixtureRequest, tmp_path: Path) -> None:
    folders = {} if case.market == DEMO else request.getfixturevalue("folders")
    found = run_case(case, tmp_path / "home", folders)
    wrong = unexpected(RECORDED[case.name], found, expected_changes.DECISIONS, case.name, expected_changes.REMOVALS)
    assert not wrong, described(wrong)


def test_the_recording_covers_what_it_should() -> None:
    """The cases must exercise every outcome, verdict and kind of order, or equal decisions prove little."""
    decisions = [each for case in RECORDED.values() for each in case["decisions"].values()]
    verdicts = {said["verdict"] for each in decisions for said in each["committee"]}
    classes = {order["order_class"] for each in decisions for order in each["risk"]["asked"]}
    assert {each["outcome"] for each in decisions} == {"orders", "hold", "abstain"}
    assert verdicts == {"approve", "shrink", "veto"}
    assert classes >= {"simple", "oto", "bracket"}
    assert all(any(each[name] for each in decisions) for name in ("superseded", "submissions", "recalled", "debate"))
    assert any(each["risk"]["denied"] for each in decisions)
