"""The thesis that the memory of one role keeps: its own last decision, whatever its form."""

from dataclasses import replace
from decimal import Decimal

import pytest
from openoutcry.agents.context import AgentContext
from openoutcry.desk.decision import DecisionRequest, decision_brief
from openoutcry.desk.learning.role_thesis import as_seen_by
from openoutcry.domain.account import Account
from openoutcry.domain.decision_outputs import (
    DirectionDecision,
    ExposureDecision,
    RatingDecision,
    RatioDecision,
    ResearchNote,
    ResearchSection,
)
from openoutcry.domain.ids import RunId
from openoutcry.graph.desk_config import load_desk
from openoutcry.market.view import MarketView
from scripted_answers import AS_OF, THESIS, TICKER

VIEW = {"horizon_sessions": 5, "summary": "Own view.", "invalidation": "Else.", "evidence": ("px.close",)}
NOTE = ResearchNote(
    rating="buy", fair_value=None, sections=(ResearchSection(title="A", text="B", evidence=("px.close",)),), **VIEW
)


@pytest.fixture
def context(demo):
    request = DecisionRequest(RunId("run"), TICKER, AS_OF, Account("test", Decimal(100_000)))
    return AgentContext(decision_brief(MarketView(demo, AS_OF), request, load_desk("debate")), ())


@pytest.mark.parametrize(
    ("said", "conviction"),
    [
        (RatingDecision(rating="sell", conviction=-0.4, **VIEW), -0.4),
        (DirectionDecision(direction="short", confidence=0.7, reward_to_risk=None, stop=None, **VIEW), -0.4),
        (ExposureDecision(exposure=-0.3, **VIEW), -0.3),
        (RatioDecision(ratio=0.25, **VIEW), 0.25),
    ],
    ids=["rating", "direction", "exposure", "ratio"],
)
def test_a_decision_becomes_a_thesis_with_its_conviction(context, said, conviction):
    seen = as_seen_by("one", context.with_outputs("one", said).with_outputs("other", THESIS))
    assert seen.thesis.conviction == pytest.approx(conviction)
    assert seen.thesis.summary == "Own view."
    assert {made.author for made in seen.contributions} == {"one"}


def test_a_thesis_of_its_own_stays_and_a_note_or_silence_is_none(context):
    own = context.with_outputs("one", THESIS, RatioDecision(ratio=0.25, **VIEW))
    assert as_seen_by("one", own).thesis == THESIS
    assert as_seen_by("one", context.with_outputs("one", NOTE)).thesis is None
    assert as_seen_by("silent", own).thesis is None
    assert as_seen_by("silent", replace(own, contributions=())).contributions == ()
