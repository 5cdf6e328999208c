"""The labelled warm-up of a memory: before the test, by the known next move, and never visible before it is known."""

import asyncio
from dataclasses import replace
from datetime import date, timedelta
from io import StringIO
from itertools import pairwise

import pytest
from desk_factory import rules, taken
from memory_desk import HERE, LABELLED_DESK, LATER, records
from openoutcry.cli.console.decision import print_decision
from openoutcry.desk.learning.memory import DeskMemory
from openoutcry.desk.records.document import to_document
from openoutcry.desk.warm_up import WarmUpWindow, warm_up, warm_up_sessions
from openoutcry.domain.errors import ConfigError
from openoutcry.domain.trading_calendar import trading_calendar
from openoutcry.market.view import MarketView
from openoutcry.memory.record import Source
from openoutcry.reports.render import html, markdown
from rich.console import Console
from scripted_answers import TICKER

XNYS = trading_calendar("XNYS")
WEEK = WarmUpWindow(date(2025, 2, 24), date(2025, 2, 27), date(2025, 3, 3))


@pytest.fixture
def floor(demo, keeper, tmp_path):
    path = tmp_path / "desk.yaml"
    path.write_text(LABELLED_DESK)
    desk = rules(demo, str(path))
    return replace(desk, memory=DeskMemory(keeper, HERE, tokens=800, learning=desk.file.learning))


def warmed(floor, window=WEEK, symbols=(TICKER,)):
    return asyncio.run(warm_up(floor, symbols, window))


def labels(keeper, as_of=LATER):
    return sorted(records(keeper, Source.THESIS, as_of=as_of), key=lambda each: each.event_at)


def test_each_session_is_labelled_by_the_next_close_and_settled_before_the_test(floor, keeper, demo):
    """Closes of CALDR in 2025: 02-26 72.93, 02-27 74.49, 02-28 72.31."""
    assert warmed(floor) == 4
    theses = labels(keeper)
    closes = [bar.close for bar in MarketView(demo, XNYS.close(date(2025, 2, 28))).bars(TICKER, count=5)]
    assert [each.fact("conviction") for each in theses] == [1 if b > a else -1 for a, b in pairwise(closes)]
    assert [each.fact("conviction") for each in theses[-2:]] == [1, -1]
    lessons = records(keeper, Source.TRADE_REFLECTION)
    assert {each.sources for each in lessons} == {(each.id,) for each in theses}
    assert max(each.learned_at for each in lessons) == XNYS.close(date(2025, 2, 28)) < XNYS.close(WEEK.test)
    assert {each.fact("labelled") for each in theses} == {1}


def test_a_label_is_not_visible_before_the_move_is_known(floor, keeper):
    warmed(floor)
    for day, thesis in zip(XNYS.between(WEEK.first, WEEK.last), labels(keeper), strict=True):
        known = XNYS.close(XNYS.next(day))
        assert thesis.event_at == XNYS.close(day)
        assert thesis not in labels(keeper, known - timedelta(microseconds=1))
        assert thesis in labels(keeper, known)


def test_what_a_label_cites_gets_its_feedback(floor, keeper):
    warmed(floor)
    cited = {name for each in labels(keeper) for name in each.cites}
    assert cited
    rewarded = {row[0] for row in keeper.journal.rows("SELECT record FROM events", ())}
    assert len(rewarded) == len(cited)


def test_a_decision_of_the_test_recalls_what_the_warm_up_has_learned(floor):
    before = taken(floor, as_of=XNYS.close(WEEK.test))
    assert not before.recalled
    warmed(floor)
    recalled = taken(floor, as_of=XNYS.close(WEEK.test)).recalled
    assert {each.source for each in recalled} & {"trade_reflection", "thesis"}


def warnings(floor, symbol=TICKER, day=WEEK.test):
    degraded = taken(floor, symbol, XNYS.close(day)).provenance.degraded
    return [text for text in degraded if "labelled warm-up" in text]


def test_a_decision_without_the_warm_up_that_the_desk_asks_for_says_so(floor, tmp_path):
    (said,) = warnings(floor)
    assert f"no label on {TICKER} is known" in said
    (silent,) = warnings(replace(floor, memory=None))
    assert "decides without a memory" in silent
    warmed(floor)
    assert warnings(floor) == []
    assert warnings(floor, day=WEEK.first)  # the first label is known at the next close
    assert warnings(floor, day=XNYS.next(WEEK.first)) == []
    assert warnings(floor, "GRUND")


def test_a_desk_that_asks_for_no_warm_up_has_no_such_warning(demo, tmp_path):
    path = tmp_path / "plain.yaml"
    path.write_text(LABELLED_DESK.replace(", warmup: labelled", ""))
    assert warnings(rules(demo, str(path))) == []


def test_the_warning_is_in_ticket_document_and_report(floor):
    decision = taken(floor, TICKER, XNYS.close(WEEK.test))
    (said,) = (text for text in decision.provenance.degraded if "labelled warm-up" in text)
    console = Console(record=True, width=1000, file=StringIO())
    print_decision(console, decision)
    assert said in console.export_text()
    assert said in to_document(decision)["provenance"]["degraded"]
    part = f"no label on {TICKER} is known"
    assert part in said
    assert all(part in page for page in (markdown(decision, ()), html(decision, ())))


def test_a_repeated_or_interrupted_warm_up_adds_nothing_twice(floor, keeper):
    warmed(floor, replace(WEEK, last=date(2025, 2, 25)))
    warmed(floor)
    seq = keeper.journal.head()
    assert warmed(floor) == 4
    assert keeper.journal.head() == seq
    assert len(labels(keeper)) == 4


@pytest.mark.parametrize(
    ("last", "test"),
    [
        (date(2025, 2, 28), date(2025, 3, 3)),
        (date(2025, 3, 4), date(2025, 3, 3)),
        (date(2025, 2, 27), date(2025, 2, 28)),
    ],
    ids=["its last label", "its end", "the next session"],
)
def test_a_window_whose_labels_reach_into_the_test_is_refused(last, test):
    with pytest.raises(ConfigError, match="the test begins at"):
        warm_up_sessions(XNYS, WarmUpWindow(date(2025, 2, 24), last, test))


def test_a_window_that_begins_too_late_names_the_last_day_to_begin():
    window = WarmUpWindow(date(2025, 1, 3), date(2025, 1, 2), date(2025, 1, 6))
    with pytest.raises(ConfigError, match="begins on 2025-01-02 or earlier"):
        warm_up_sessions(XNYS, window)


def test_a_desk_without_a_labelled_warm_up_is_refused(demo, keeper):
    floor = replace(rules(demo, "fincon"), memory=DeskMemory(keeper, HERE))
    with pytest.raises(ConfigError, match="warmup: labelled"):
        warmed(floor)
