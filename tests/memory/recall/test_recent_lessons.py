"""The newest lessons of a memory: whole on the same symbol, the reflection alone on others."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from openoutcry.domain.ids import Symbol
from openoutcry.memory.recall.recent_lessons import recent_lessons
from openoutcry.memory.record import Aspect, Namespace, Record, Source

SPACE = Namespace("market", "account")
START = datetime(2025, 1, 6, 21, tzinfo=UTC)
LATER = START + timedelta(days=365)


def settled(symbol, day, *, outcome="1.5"):
    """Return a thesis of that day and its lesson five days later; without figures if `outcome` is None."""
    decided, known = START + timedelta(days=day), START + timedelta(days=day + 5)
    thesis = Record(
        SPACE, Symbol(symbol), Source.THESIS, Aspect.TRADE, f"Buy {symbol} {day}.", decided, decided, decided, None
    )
    facts = (("outcome", outcome), ("excess", "0.021"), ("return", "0.034")) if outcome else ()
    lesson = replace(
        thesis,
        source=Source.TRADE_REFLECTION,
        text=f"reflection {symbol} {day}",
        event_at=known,
        available_at=known,
        learned_at=known,
        outcome_at=known,
        sources=(thesis.id,),
        facts=tuple((name, Decimal(value)) for name, value in facts),
    )
    return [thesis, lesson]


def texts(store, symbol, as_of=LATER, **numbers):
    return [each.text for each in recent_lessons(store.at(as_of, SPACE), Symbol(symbol), **numbers)]


def test_own_lessons_are_whole_and_others_are_reflections_newest_first(store):
    store.write([each for day in range(7) for each in settled("ACME", day)])
    store.write([each for day in (1, 8, 3, 5) for each in settled(f"O{day}", day)])
    found = texts(store, "ACME")
    assert found[0] == (
        "Buy ACME 6. Outcome: return +3.4%, beyond the market +2.1%, +1.5 deviations. Lesson: reflection ACME 6"
    )
    assert [text[-1] for text in found[:5]] == ["6", "5", "4", "3", "2"]
    assert found[5:] == ["O8: reflection O8 8", "O5: reflection O5 5", "O3: reflection O3 3"]


def test_the_numbers_are_settings(store):
    store.write([*settled("ACME", 1), *settled("ACME", 2), *settled("OTHER", 3)])
    assert [text[-1] for text in texts(store, "ACME", same=1, cross=0)] == ["2"]
    assert texts(store, "ACME", same=0) == ["OTHER: reflection OTHER 3"]
    with pytest.raises(ValueError, match="negative"):
        texts(store, "ACME", cross=-1)


def test_a_lesson_is_absent_before_it_was_learned_or_without_an_outcome(store):
    store.write([*settled("ACME", 1), *settled("ACME", 2, outcome=None)])
    assert texts(store, "ACME", as_of=START + timedelta(days=5)) == []
    assert [text[-1] for text in texts(store, "ACME", as_of=START + timedelta(days=6))] == ["1"]
    assert len(texts(store, "ACME")) == 1
    assert texts(store, "EMPTY", cross=0) == []
