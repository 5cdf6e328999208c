"""The memory explorer: layers over time, why a memory came to mind, and what it was worth."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from openoutcry.app.memory_section import memory_section_of
from openoutcry.domain.decision import Decision, RecalledMemory
from openoutcry.domain.market import Bar
from openoutcry.llm.embeddings.hashing import HashingEmbedder
from openoutcry.memory.port import Query
from openoutcry.memory.presets.catalog import DEFAULT
from openoutcry.memory.record import (
    Aspect,
    Change,
    Event,
    Namespace,
    Record,
    Source,
)
from openoutcry.memory.store import FileMemoryStore
from openoutcry.reports.memory_chart import layers_chart, life_chart, parts_chart
from openoutcry.reports.memory_section import MemorySection
from openoutcry.reports.render import html, markdown

SPACE = Namespace("demo", "explorer")
KINDS = (Source.NEWS, Source.NEWS, Source.NEWS, Source.QUARTERLY, Source.TRADE_REFLECTION, Source.ANNUAL)


@pytest.fixture
def memory(tmp_path: Path, decision: Decision) -> Iterator[FileMemoryStore]:
    """Remember a year of a ticker; what rose early paid before the decision, what came late after it."""
    with FileMemoryStore(tmp_path / "memory", HashingEmbedder(), DEFAULT) as memory:
        for week in range(50):
            at = decision.as_of - timedelta(days=350 - week * 7)
            text = f"<b>Week {week}</b> of Caldera: orders rise by {week} in region {week * 37 % 11}"
            memory.write(
                [
                    Record(SPACE, decision.ticker, KINDS[week % 6], Aspect.NEWS, f"{text} part {n}", at, at, at)
                    for n in range(2)
                ]
            )
        yield memory


@pytest.fixture
def remembering(memory: FileMemoryStore, decision: Decision) -> Decision:
    """Return the decision with what it would have recalled."""
    query = Query(("orders rise at Caldera",), decision.ticker, frozenset(Aspect), limit=6)
    recalls = memory.at(decision.as_of, SPACE).recall(query)
    found = [
        RecalledMemory(
            each.record.id,
            each.layer,
            Decimal(f"{each.score:.4f}"),
            {name: Decimal(f"{part:.4f}") for name, part in each.parts.items()},
            each.excerpt,
            each.record.source,
            each.record.available_at,
            ("research_manager", "trader"),
        )
        for each in recalls
    ]
    best, second = found[0].memory_id, found[1].memory_id
    before, after = (decision.as_of + timedelta(hours=hours) for hours in (-1, 500))
    memory.write(
        [],
        [
            Event(recalls[0].record.id, Change.FEEDBACK, before, "paid", 0.15),
            Event(recalls[0].record.id, Change.FEEDBACK, after, "failed", -0.12),
        ],
    )
    assert best != second
    return replace(decision, recalled=tuple(found))


@pytest.fixture
def picture(memory: FileMemoryStore, remembering: Decision) -> MemorySection:
    found = memory_section_of(memory, remembering, remembering.as_of + timedelta(days=60))
    assert found is not None
    return found


def test_the_page_shows_layers_parts_lives_and_worth(
    remembering: Decision, bars: Sequence[Bar], picture: MemorySection, tmp_path: Path
) -> None:
    page = html(remembering, bars, picture)
    assert page.count('class="parts"') == len(remembering.recalled)
    assert page.count('class="life"') >= 1
    assert "feedback +0.15 before the decision" in page
    assert "-0.12" in page
    assert 'class="layer short"' in page
    assert "<b>Week" not in page
    assert "&lt;b&gt;Week" in page
    assert "research manager, trader" in page
    assert "feedback +0.15 before the decision, -0.12 since" in markdown(remembering, bars, picture)


def test_nothing_that_came_after_the_decision_is_in_its_layers(picture: MemorySection, remembering: Decision) -> None:
    assert max(each.at for each in picture.filled) == remembering.as_of
    assert sum(picture.filled[0].by_layer.values()) == 0
    assert all(point.at <= remembering.as_of for worth in picture.worth.values() for point in worth.curve)


def test_without_the_store_the_page_shows_what_the_decision_holds(
    remembering: Decision, bars: Sequence[Bar], tmp_path: Path
) -> None:
    page = html(remembering, bars)
    assert page.count('class="parts"') == len(remembering.recalled)
    assert "Outcome feedback" not in page
    with FileMemoryStore(tmp_path / "empty", HashingEmbedder(), DEFAULT) as empty:
        assert memory_section_of(empty, remembering, remembering.as_of) is None


def test_a_drawing_of_nothing_is_nothing(picture: MemorySection) -> None:
    assert layers_chart(()) == layers_chart(picture.filled[:1]) == life_chart(()) == ""
    assert parts_chart({"<script>": Decimal(1)}) == parts_chart({}) == ""
