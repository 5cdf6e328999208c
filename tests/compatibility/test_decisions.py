"""By rules, this version decides what the recorded version decided, on the same evidence and memories."""

import gzip
import json

import pytest
from openoutcry.tests.compatibility.decisions import PUBLIC, RECORDED, compact, decide

CHANGED: dict[str, str] = {}
"""Parts of the document that differ on purpose, by name, with the reason."""


def recorded(market):
    found = json.loads(gzip.decompress(RECORDED.read_bytes()))
    return [each for each in found if each["folder"] == market]


def differences(wanted, home):
    arguments = tuple(wanted["arguments"])
    found = compact(decide(wanted["folder"], arguments, home))
    return {
        f"{' '.join(arguments)}: {name}": (found.get(name), part)
        for name, part in wanted.items()
        if name not in {"folder", "arguments", *CHANGED} and found.get(name) != part
    }


def test_every_kind_of_outcome_is_recorded():
    assert {each["outcome"] for each in recorded("demo")} == {"orders", "hold", "abstain"}
    assert len(recorded("demo")) >= 40 <= len(recorded("public"))


def test_decisions_on_the_demo_market_are_those_on_record(tmp_path):
    assert not {key: value for each in recorded("demo") for key, value in differences(each, tmp_path).items()}


def test_decisions_on_real_data_are_those_on_record(tmp_path):
    if not PUBLIC.is_dir():
        pytest.skip("the folder of real market data is not here")
    assert not {key: value for each in recorded("public") for key, value in differences(each, tmp_path).items()}


def test_a_changed_decision_is_found(tmp_path):
    first = recorded("demo")[0]
    assert list(differences(first | {"thesis": "0" * 16}, tmp_path)) == [f"{' '.join(first['arguments'])}: thesis"]
