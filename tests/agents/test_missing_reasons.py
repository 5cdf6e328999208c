"""The reasons of missing evidence are stated once each."""

from openoutcry.agents.context import MissingEvidence, missing_reasons


def test_a_reason_that_two_tools_share_is_stated_once():
    missing = [
        MissingEvidence("news", "row 1 is broken"),
        MissingEvidence("news_tone", "row 1 is broken", failed=True),
        MissingEvidence("macro", "no series"),
    ]
    assert missing_reasons(missing) == "row 1 is broken; no series"
    assert not missing_reasons([])
