"""The mood of a desk with a character."""

from dataclasses import replace

import pytest
from desk_factory import close_of, rules, taken
from openoutcry.desk.risk_posture import risk_posture
from openoutcry.domain.brief import RiskPosture
from openoutcry.graph.desk_sections import MemorySpec, PostureMeasure, PosturePolicy
from openoutcry.market.view import MarketView
from scripted_answers import AS_OF, TICKER

ADAPTIVE = MemorySpec(risk_posture=PosturePolicy.ADAPTIVE)
BY_PRICE = MemorySpec(risk_posture=PosturePolicy.ADAPTIVE, posture_by=PostureMeasure.PRICE)


@pytest.mark.parametrize(
    ("character", "expected"),
    [
        (PosturePolicy.NONE, None),
        (PosturePolicy.SEEKING, RiskPosture.SEEKING),
        (PosturePolicy.AVERSE, RiskPosture.AVERSE),
    ],
)
def test_a_steady_character_has_one_mood(demo, character, expected):
    assert risk_posture(MemorySpec(risk_posture=character), MarketView(demo, AS_OF), TICKER, 0) is expected


@pytest.mark.parametrize(
    ("day", "long", "short"),
    [
        (5, "risk seeking", "risk averse"),  # 72.31 to 72.78: a long position gained
        (6, "risk seeking", "risk averse"),  # 70.80 to 73.34
        (7, "risk seeking", "risk averse"),  # 71.48 to 72.11
        (10, "risk seeking", "risk averse"),  # 72.78 to 73.12
        (3, "risk averse", "risk seeking"),  # 72.93 to 70.80: a long position lost
        (4, "risk averse", "risk seeking"),  # 74.49 to 71.48
    ],
)
def test_an_adaptive_desk_is_averse_after_three_sessions_that_lost_it_money(demo, day, long, short):
    """By the closes of CALDR in 2025: 02-26 72.93, 02-27 74.49, 02-28 72.31, 03-03 70.80, 03-04 71.48, 03-05 72.78,
    03-06 73.34, 03-07 72.11, 03-10 73.12; a symbol that is not held counts as long.
    """
    view = MarketView(demo, close_of(2025, 3, day))
    postures = [risk_posture(ADAPTIVE, view, TICKER, held) for held in (1, 0, -1)]
    assert postures == [long, long, short]


@pytest.mark.parametrize(("day", "expected"), [(5, "risk seeking"), (3, "risk averse")])
def test_a_posture_by_price_is_the_same_for_every_position(demo, day, expected):
    view = MarketView(demo, close_of(2025, 3, day))
    assert [risk_posture(BY_PRICE, view, TICKER, held) for held in (1, 0, -1)] == [expected] * 3


def test_an_averse_desk_asks_for_half(demo):
    floor = rules(demo)
    averse = replace(
        floor, file=floor.file.model_copy(update={"memory": MemorySpec(risk_posture=PosturePolicy.AVERSE)})
    )
    bold, timid = (taken(each, "GRUND").risk.asked[0].quantity for each in (floor, averse))
    assert timid == bold // 2
