"""The mood of a desk with a character."""

from dataclasses import replace

import pytest
from desks import AS_OF, TICKER
from floors import close_of, rules, taken
from openoutcry.desk.mood import mood
from openoutcry.domain.brief import Mood
from openoutcry.graph.desk_file import Character, MemorySpec
from openoutcry.tools.tape import read_tape
from openoutcry.tools.view import MarketView


@pytest.mark.parametrize(
    ("character", "expected"),
    [(Character.NONE, None), (Character.SEEKING, Mood.SEEKING), (Character.AVERSE, Mood.AVERSE)],
)
def test_a_steady_character_has_one_mood(demo, character, expected):
    assert mood(character, MarketView(demo, AS_OF), TICKER, 0) is expected


@pytest.mark.parametrize("day", range(3, 8))
def test_an_adaptive_desk_is_averse_after_three_sessions_that_lost_it_money(demo, day):
    view = MarketView(demo, close_of(2025, 3, day))
    close = read_tape(view, TICKER).series.close
    rose = close[-1] > close[-4]
    assert mood(Character.ADAPTIVE, view, TICKER, 1) is (Mood.SEEKING if rose else Mood.AVERSE)
    assert mood(Character.ADAPTIVE, view, TICKER, 0) is mood(Character.ADAPTIVE, view, TICKER, 1)
    assert mood(Character.ADAPTIVE, view, TICKER, -1) is (Mood.AVERSE if rose else Mood.SEEKING)


def test_an_averse_desk_asks_for_half(demo):
    floor = rules(demo)
    averse = replace(floor, file=floor.file.model_copy(update={"memory": MemorySpec(character=Character.AVERSE)}))
    bold, timid = (taken(each, "GRUND").risk.asked[0].quantity for each in (floor, averse))
    assert timid == bold // 2
