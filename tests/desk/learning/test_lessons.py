"""What a desk learns when outcomes are known: lessons, feedback and beliefs, none of them early."""

import asyncio
from datetime import timedelta
from decimal import Decimal

import pytest
from desk_factory import (
    close_of,
    rules,
    scripted,
    taken,
)
from memory_desk import (
    HERE,
    LATER,
    MONTHS,
    citing_news,
    lived,
    records,
    remembering,
)
from openoutcry.agents.rules.research_manager import WEIGHT_FACT_PREFIX
from openoutcry.domain.abstention import Abstention, AbstentionCause
from openoutcry.domain.outputs import Lesson, Rating
from openoutcry.domain.trading_calendar import trading_calendar
from openoutcry.memory.record import Change, Source
from scripted_answers import TICKER


def test_an_outcome_becomes_a_lesson_when_its_horizon_has_passed_and_not_a_session_before(demo, keeper):
    floor = remembering(rules(demo), keeper)
    taken(floor, as_of=MONTHS[0])
    due = records(keeper, Source.THESIS)[0].due_at
    taken(floor, as_of=due - timedelta(minutes=1))
    assert records(keeper, Source.TRADE_REFLECTION) == ()
    taken(floor, as_of=due)
    (lesson,) = records(keeper, Source.TRADE_REFLECTION)
    assert lesson.available_at == lesson.outcome_at == due
    assert lesson.sources == (records(keeper, Source.THESIS)[0].id,)


def test_the_outcome_is_the_return_beyond_the_market_in_deviations(demo, keeper):
    floor = remembering(rules(demo), keeper)
    lived(floor, MONTHS[:2])
    days = trading_calendar("XNYS")
    start = days.last_completed(MONTHS[0])
    end = days.between(start, days.sessions[-1])[21]
    (thesis,) = records(keeper, Source.THESIS, as_of=MONTHS[1] - timedelta(days=1))
    lesson = records(keeper, Source.TRADE_REFLECTION)[0] if records(keeper, Source.TRADE_REFLECTION) else None
    assert (lesson is not None) == (end <= days.last_completed(MONTHS[1]))
    taken(floor, as_of=days.close(end))
    lesson = records(keeper, Source.TRADE_REFLECTION)[0]
    volatility = float(thesis.fact("volatility"))
    excess = float(lesson.fact("excess"))
    assert float(lesson.fact("outcome")) == pytest.approx(excess / (volatility * 21**0.5), abs=1e-4)
    own, broad = (_log_return(demo, symbol, start, end) for symbol in (TICKER, "OPENX"))
    assert float(lesson.fact("return")) == pytest.approx(own, abs=1e-3)
    assert excess == pytest.approx(own - broad, abs=2e-3)


def _log_return(demo, symbol, start, end):
    """Return the raw log return; there is no split in the window and dividends are small."""
    from math import log

    from openoutcry.domain.market import Interval

    bars = {b.session: b.close for b in demo.bars(symbol, Interval.DAY, until=LATER, count=10_000)}
    return log(bars[end] / bars[start])


def test_a_life_of_months_becomes_beliefs_one_for_each_analyst_and_each_replaces_the_last(demo, keeper):
    lived(remembering(rules(demo), keeper))
    beliefs = records(keeper, Source.BELIEF)
    told = sorted(name for belief in beliefs for name, _ in belief.facts if name.startswith(WEIGHT_FACT_PREFIX))
    assert told == [f"{WEIGHT_FACT_PREFIX}{name}" for name in ("fundamentals", "macro", "news", "technical")]
    earlier = records(keeper, Source.BELIEF, as_of=MONTHS[2])
    assert len(earlier) == 4
    assert {b.id for b in earlier} != {b.id for b in beliefs}


def test_beliefs_go_only_to_who_works_with_their_aspect(demo, keeper):
    last = lived(remembering(rules(demo), keeper))[-1]
    shown = {r.text.split("full score of ")[1].split(" ")[0]: r.roles for r in last.recalled if r.source == "belief"}
    assert "news" in shown["news"]
    assert "technical" not in shown["news"]
    assert {"research_manager", "trader", "bull", "bear"} <= set(shown["news"])


def test_the_manager_weighs_by_belief_and_cites_it(demo, keeper):
    last = lived(remembering(rules(demo), keeper))[-1]
    cited = {i for i in last.thesis.evidence if i.startswith("mem.")}
    assert cited == {f"mem.{r.memory_id}" for r in last.recalled if r.source == "belief"}
    assert cited <= {e.id for e in last.evidence}
    assert last.thesis.conviction != taken(rules(demo), as_of=MONTHS[-1]).thesis.conviction


def test_a_desk_that_does_not_learn_remembers_and_decides_as_without_a_memory(demo, keeper):
    last = lived(remembering(rules(demo), keeper, updates_weights=False))[-1]
    assert last.thesis.conviction == taken(rules(demo), as_of=MONTHS[-1]).thesis.conviction
    assert last.recalled
    assert records(keeper, Source.BELIEF) == ()


def test_feedback_goes_to_what_a_thesis_rested_on_with_the_sign_of_its_outcome(demo, keeper):
    """The first thesis cites no memory of its own; what it cites of the news it read gains or loses by the outcome."""
    floor = remembering(scripted(demo, research_manager=citing_news), keeper)
    first = taken(floor, as_of=MONTHS[0])
    (thesis,) = records(keeper, Source.THESIS)
    assert len(thesis.cites) == 1
    taken(floor, as_of=thesis.due_at)
    (lesson,) = records(keeper, Source.TRADE_REFLECTION)
    rows = keeper.journal.rows("SELECT r.id, e.gain, e.change FROM events e JOIN records r ON r.seq = e.record", ())
    feedback = [(record, gain) for record, gain, change in rows if change == Change.FEEDBACK.value]
    assert [record for record, _ in feedback] == list(thesis.cites)
    deviations = float(lesson.fact("outcome")) * (1 if first.thesis.conviction > 0 else -1)
    assert feedback[0][1] == pytest.approx(0.1 * max(-2, min(2, deviations)), rel=1e-4)


def test_a_thesis_without_a_side_gives_no_feedback(demo, keeper):
    def undecided(question):
        return citing_news(question).model_copy(update={"rating": Rating.HOLD, "conviction": 0.0})

    floor = remembering(scripted(demo, research_manager=undecided), keeper)
    taken(floor, as_of=MONTHS[0])
    (thesis,) = records(keeper, Source.THESIS)
    assert len(thesis.cites) == 1
    taken(floor, as_of=thesis.due_at)
    assert len(records(keeper, Source.TRADE_REFLECTION)) == 1
    assert not keeper.journal.rows("SELECT record FROM events WHERE change = ?", (Change.FEEDBACK.value,))


def test_a_model_writes_the_lesson_and_arithmetic_its_figures(demo, keeper):
    asked = []

    def lesson(question):
        asked.append(question.user)
        return Lesson(lesson=f"Lesson {len(asked)}: patience.")

    floor = remembering(scripted(demo, reflector=lesson), keeper)
    lived(floor, MONTHS[:3])
    lessons = records(keeper, Source.TRADE_REFLECTION)
    assert lessons
    assert all(record.text.startswith("Lesson ") and record.fact("outcome") is not None for record in lessons)
    assert any("deviations" in told for told in asked)


def test_where_the_model_has_no_lesson_the_plain_account_stands(demo, keeper):
    silent = Abstention("reflector", AbstentionCause.MODEL, "endpoint down")
    lived(remembering(scripted(demo, reflector=silent), keeper), MONTHS[:3])
    assert all("sessions later" in record.text for record in records(keeper, Source.TRADE_REFLECTION))


def test_a_blank_lesson_is_no_lesson(demo, keeper):
    lived(remembering(scripted(demo, reflector=Lesson(lesson="  \n ")), keeper), MONTHS[:3])
    assert all("sessions later" in record.text for record in records(keeper, Source.TRADE_REFLECTION))


def test_news_is_held_against_prices_two_weeks_later_once(demo, keeper):
    floor = remembering(rules(demo), keeper)
    lived(floor, MONTHS[:3])
    lessons = records(keeper, Source.PRICE_REFLECTION)
    told = [source for lesson in lessons for source in lesson.sources]
    assert told
    assert len(told) == len(set(told))
    news = {record.id: record for record in records(keeper, Source.NEWS)}
    assert all(
        lesson.available_at >= news[one].event_at + timedelta(days=10) for lesson in lessons for one in lesson.sources
    )


def test_an_account_tells_what_became_of_the_orders(demo, keeper):
    from openoutcry.desk.decision import DecisionRequest, decide
    from openoutcry.domain.account import Account, LastOrder
    from openoutcry.domain.ids import RunId

    floor = remembering(rules(demo), keeper)
    taken(floor, as_of=MONTHS[0])
    due = records(keeper, Source.THESIS)[0].due_at
    past = LastOrder(MONTHS[0], "buy", Decimal(100), Decimal(80), Decimal(40), "canceled")
    account = Account("test", Decimal(100_000), last_orders=(past,))
    asyncio.run(decide(floor, DecisionRequest(RunId("run"), TICKER, due, account)))
    (lesson,) = records(keeper, Source.TRADE_REFLECTION)
    assert "buy: asked 100, allowed 80, filled 40 (canceled)" in lesson.text


def test_after_a_pause_only_so_many_outcomes_are_looked_back_on_and_the_rest_wait(demo, keeper):
    days = [close_of(2024, 1, day, 22) for day in (3, 4, 5, 8, 9)]
    asked = []

    def lesson(question):
        asked.append(question.user)
        return Lesson(lesson=f"Lesson {len(asked)}.")

    floor = remembering(scripted(demo, reflector=lesson), keeper)
    lived(floor, days)
    asked.clear()
    taken(floor, as_of=MONTHS[3])
    assert len(records(keeper, Source.TRADE_REFLECTION)) == 3
    taken(floor, as_of=MONTHS[4])
    assert len(records(keeper, Source.TRADE_REFLECTION)) == 6


def test_the_rest_of_a_life_does_not_wait_for_a_thesis_whose_prices_are_gone(demo, keeper):
    """After more sessions than the tape holds there is no telling; the thesis leaves the queue, and teaches nothing."""
    floor = remembering(rules(demo), keeper)
    taken(floor, as_of=close_of(2021, 1, 5, 22))
    taken(floor, as_of=MONTHS[0])
    (lesson,) = records(keeper, Source.TRADE_REFLECTION)
    assert "cannot be told" in lesson.text
    assert lesson.fact("outcome") is None
    assert records(keeper, Source.BELIEF) == ()
    assert keeper.at(MONTHS[0], HERE).due_theses(TICKER) == ()
