"""Analyst weights from lessons: outcomes of the same days count once, and of several lessons on a thesis the first."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from memory_desk import HERE, LATER
from openoutcry.desk.learning.analyst_weights import updated_weights
from openoutcry.desk.learning.memory import DeskMemory
from openoutcry.memory.record import Aspect, Record, Source
from scripted_answers import TICKER

START = datetime(2025, 1, 6, 21, tzinfo=UTC)
ANALYSTS = {"technical": Aspect.PRICE}


def lesson(number, begins, ends, outcome):
    """Return a lesson about a thesis, whose outcome spans days `begins` to `ends`."""
    at, known = START + timedelta(days=begins), START + timedelta(days=ends)
    facts = {"outcome": outcome, "start": int(at.timestamp()), "score.technical": "1"}
    learned = known + timedelta(minutes=number)
    return Record(
        HERE, TICKER, Source.TRADE_REFLECTION, Aspect.TRADE, f"lesson {number}", known, known, learned,
        outcome_at=known, facts=tuple((name, Decimal(value)) for name, value in facts.items()),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("second", "counted"), [((0, 10), 1.0), ((5, 15), 1.5), ((10, 20), 2.0)], ids=["same days", "half", "apart"]
)
def test_days_that_were_counted_are_not_counted_again(keeper, second, counted):
    first = lesson(0, 0, 10, "1.0")
    other = lesson(1, *second, "1.0")
    theses = [Record(HERE, TICKER, Source.THESIS, Aspect.TRADE, f"thesis {n}", START, START, START) for n in (0, 1)]
    keeper.write(theses)
    linked = [_of(each, thesis) for each, thesis in zip((first, other), theses, strict=True)]
    keeper.write(linked)
    records, _ = updated_weights(DeskMemory(keeper, HERE), keeper.at(LATER, HERE), TICKER, ANALYSTS)
    assert float(records[0].fact("outcomes")) == counted


def test_of_several_lessons_on_a_thesis_the_one_learned_first_counts(keeper):
    thesis = Record(HERE, TICKER, Source.THESIS, Aspect.TRADE, "thesis", START, START, START)
    keeper.write([thesis])
    early, late = (_of(lesson(number, 0, 10, outcome), thesis) for number, outcome in ((0, "2.0"), (1, "-2.0")))

    def weight(*lessons):
        keeper.write(lessons)
        records, _ = updated_weights(DeskMemory(keeper, HERE), keeper.at(LATER, HERE), TICKER, ANALYSTS)
        return float(next(value for name, value in records[0].facts if name != "outcomes"))

    alone = weight(early)
    assert weight(late) == alone


def _of(each, thesis):
    return replace(each, sources=(thesis.id,))
