"""The mood of a desk with a character."""

from dataclasses import replace

import pytest
from desk_factory import close_of, rules, taken
from openoutcry.desk.risk_posture import risk_posture
from openoutcry.domain.brief import RiskPosture
from openoutcry.graph.desk_config import MemorySpec, PosturePolicy
from openoutcry.market.price_history import load_price_history
from openoutcry.market.view import MarketView
from scripted_answers import AS_OF, TICKER


@pytest.mark.parametrize(
    ("character", "expected"),
    [
        (PosturePolicy.NONE, None),
        (PosturePolicy.SEEKING, RiskPosture.SEEKING),
        (PosturePolicy.AVERSE, RiskPosture.AVERSE),
    ],
)
def test_a_steady_character_has_one_mood(demo, character, expected):
    assert risk_posture(character, MarketView(demo, AS_OF), TICKER, 0) is expected


@pytest.mark.parametrize("day", range(3, 8))
def test_an_adaptive_desk_is_averse_after_three_sessions_that_lost_it_money(demo, day):
    view = MarketView(demo, close_of(2025, 3, day))
    close = load_price_history(view, TICKER).series.close
    rose = close[-1] > close[-4]
    assert risk_posture(PosturePolicy.ADAPTIVE, view, TICKER, 1) is (
        RiskPosture.SEEKING if rose else RiskPosture.AVERSE
    )
    assert risk_posture(PosturePolicy.ADAPTIVE, view, TICKER, 0) is risk_posture(
        PosturePolicy.ADAPTIVE, view, TICKER, 1
    )
    assert risk_posture(PosturePolicy.ADAPTIVE, view, TICKER, -1) is (
        RiskPosture.AVERSE if rose else RiskPosture.SEEKING
    )


def test_an_averse_desk_asks_for_half(demo):
    floor = rules(demo)
    averse = replace(
        floor, file=floor.file.model_copy(update={"memory": MemorySpec(risk_posture=PosturePolicy.AVERSE)})
    )
    bold, timid = (taken(each, "GRUND").risk.asked[0].quantity for each in (floor, averse))
    assert timid == bold // 2
