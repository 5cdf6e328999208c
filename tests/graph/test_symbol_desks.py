"""Every desk of the literature that decides on one symbol, answered by rules, on made-up and on real data."""

from datetime import UTC, datetime

import desk_factory
import pytest
from openoutcry.domain.decision import Outcome
from openoutcry.graph.desk_config import load_desk
from scripted_answers import AS_OF, CLEAR
from transcripts import GOLDEN

NAMES = sorted(path.stem for path in GOLDEN.glob("*.txt") if not load_desk(path.stem).over_book)
REAL_DAY = datetime(2024, 6, 12, 21, tzinfo=UTC)


@pytest.mark.parametrize("name", NAMES)
def test_rules_decide_on_the_demo_market(name, demo):
    decision = desk_factory.taken(desk_factory.rules(demo, name), CLEAR, AS_OF)
    assert decision.outcome in {Outcome.ORDERS, Outcome.HOLD}, decision.abstention
    assert decision.thesis.evidence


@pytest.mark.parametrize("name", NAMES)
def test_rules_decide_on_real_data(name, real_source):
    decision = desk_factory.taken(desk_factory.rules(real_source, name), "AAPL", REAL_DAY)
    assert decision.outcome in {Outcome.ORDERS, Outcome.HOLD}, decision.abstention
    assert decision.desk == name
