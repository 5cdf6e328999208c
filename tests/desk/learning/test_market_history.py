"""Budgets folded over settled decisions, and bets that survive as facts of a memory."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from openoutcry.desk.learning.market_history import SettledBets, bet_facts, learned_budgets, settled_bets
from openoutcry.domain.ids import Symbol
from openoutcry.memory.record import Aspect, MemoryId, Namespace, Record, Source
from openoutcry.tools.signals.fusion import Bet, OutcomeClass

DOWN, FLAT, UP = OutcomeClass.DOWN, OutcomeClass.FLAT, OutcomeClass.UP
START = datetime(2025, 1, 6, 21, tzinfo=UTC)


def bet(analyst, down, flat, up):
    return Bet(analyst, 1.0, {DOWN: down, FLAT: flat, UP: up})


def lesson(day, thesis, deviations, bets, *, late=0):
    at = START + timedelta(days=day)
    facts = (*bet_facts(bets), *((("outcome", Decimal(deviations)),) if deviations else ()))
    one = Record(
        Namespace("m", "r"), Symbol("ACME"), Source.TRADE_REFLECTION, Aspect.TRADE, f"lesson {day}", at, at, at
    )
    return replace(one, learned_at=at + timedelta(days=late), sources=(MemoryId(thesis),), facts=facts)


def test_budgets_are_a_fold_over_outcomes_and_start_equal():
    settled = [
        SettledBets((bet("a", 0, 0, 1), bet("b", 0.5, 0.5, 0)), UP),
        SettledBets((bet("a", 0, 0, 1), bet("gone", 1, 0, 0)), DOWN),
        SettledBets((bet("a", 0.2, 0.2, 0.6), bet("b", 0.6, 0.2, 0.2)), DOWN),
    ]
    first = {"a": 1.1, "b": 0.9}  # price of up 0.5: a gains 0.1 x 1 / 0.5 - 0.1
    price = (1.1 * 0.2 + 0.9 * 0.6) / 2  # the second outcome moves nothing: a alone has bet, and not on it
    expected = {"a": 1.1 * (0.9 + 0.1 * 0.2 / price), "b": 0.9 * (0.9 + 0.1 * 0.6 / price), "c": 1.0}
    assert learned_budgets(["a", "b"], settled[:2], rate=0.1) == pytest.approx(first)
    assert learned_budgets(["a", "b", "c"], settled, rate=0.1) == pytest.approx(expected)
    assert learned_budgets(["a", "b"], []) == {"a": 1, "b": 1}


def test_bets_come_back_from_the_facts_of_a_lesson():
    bets = (bet("news", 1 / 3, 1 / 3, 1 / 3), bet("tech.daily", 0.1, 0.2, 0.7))
    assert bet_facts(bets)[:2] == (("bet.news.down", Decimal("0.333333")), ("bet.news.flat", Decimal("0.333333")))
    (found,) = settled_bets([lesson(3, "t1", "-0.7", bets)])
    assert found.outcome is DOWN
    assert [each.analyst for each in found.bets] == ["news", "tech.daily"]
    assert found.bets[1].probabilities == pytest.approx({DOWN: 0.1, FLAT: 0.2, UP: 0.7})


def test_lessons_are_ordered_by_outcome_and_each_thesis_counts_once():
    bets = (bet("a", 0, 0, 1),)
    lessons = [
        lesson(9, "t2", "0.9", bets),
        lesson(2, "t1", "-0.9", bets),
        lesson(2, "t1", "0.9", bets, late=1),
        lesson(4, "t3", None, bets),
        lesson(5, "t4", "0.9", ()),
    ]
    assert [each.outcome for each in settled_bets(lessons)] == [DOWN, UP]
