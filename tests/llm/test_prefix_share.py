"""Prompts of calls that share evidence begin with the same text, so that endpoints can cache it."""

import json

import pytest

from tests.bench.model_port import SHARE_TARGET, prefix_share
from tests.llm.test_endpoint_personalities import Run
from tests.stub.personalities import strict


def request(arrived, *texts):
    return {"arrived": arrived, "body": {"messages": [{"role": "user", "content": text} for text in texts]}}


def test_the_share_counts_common_prefixes_of_calls_with_the_same_evidence_only():
    case = "rules <evidence>\n[px.close] 100\n</evidence>"
    share = prefix_share(
        [request(3, f"{case} bear"), request(1, f"{case} bull"), request(2, "rules <evidence>\nother\n</evidence>")]
    )
    assert (share.calls, share.characters) == (1, len(f"<user>{case} bear"))
    assert share.common == len(f"<user>{case} b")


def test_functions_and_schemas_stand_before_the_prompt():
    text, form = "rules <evidence>\n[px.close] 100\n</evidence> task", {"json_schema": {"name": "A"}}
    one, two = request(1, text), request(2, text)
    one["body"]["response_format"] = two["body"]["response_format"] = form
    assert prefix_share([one, two], forms=True).part == 1
    two["body"]["response_format"] = {"json_schema": {"name": "B"}}
    assert prefix_share([one, two], forms=True).common < len(json.dumps(form))
    assert prefix_share([one, two]).part == 1


@pytest.mark.parametrize("forms", [False, True], ids=["prompts", "with_functions_and_schemas"])
def test_the_default_desk_reaches_the_target(demo, forms):
    run = Run(demo, strict)
    asked = [{"arrived": record.arrived, "body": record.body} for record in run.requests]
    share = prefix_share(asked, forms=forms)
    assert share.calls >= 7
    assert share.part >= SHARE_TARGET
