"""Prompts of calls that share evidence begin with the same text, so that endpoints can cache it."""

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


def test_the_default_desk_reaches_the_target(demo):
    run = Run(demo, strict)
    share = prefix_share([{"arrived": record.arrived, "body": record.body} for record in run.requests])
    assert share.calls >= 7
    assert share.part >= SHARE_TARGET
