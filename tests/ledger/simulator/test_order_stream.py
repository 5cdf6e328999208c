"""The worked examples: every case must come out exactly equal."""

import json
from pathlib import Path

import pytest
from openoutcry.ledger.simulator.simulate import simulate

CASES = Path(__file__).parents[4] / "shared" / "cases" / "order-stream"
INPUTS = sorted((CASES / "inputs").glob("*.json"))


@pytest.mark.skipif(not INPUTS, reason="the folder of worked order streams is not beside this checkout")
def test_every_worked_stream_comes_out_exactly_equal() -> None:
    for path in INPUTS:
        expected = json.loads((CASES / "expected" / path.name).read_text())
        assert simulate(json.loads(path.read_text())).document() == expected, path.name
