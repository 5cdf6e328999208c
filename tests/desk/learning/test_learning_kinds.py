"""Kinds of learning through the desk: on literal outcomes, as of a moment, in any order, and repeated."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from desk_factory import close_of, rules, taken
from memory_desk import HERE, LATER, MONTHS, lived, records
from openoutcry.desk.learning.memory import DeskMemory
from openoutcry.desk.learning.memory_session import MemorySession
from openoutcry.domain.ids import Symbol
from openoutcry.domain.trading_calendar import trading_calendar
from openoutcry.graph.desk_config import load_desk
from openoutcry.graph.learning_section import ContestLearning, MarketLearning
from openoutcry.market.view import MarketView
from openoutcry.memory.record import Aspect, Record, Source
from scripted_answers import AS_OF, TICKER

XNYS = trading_calendar("XNYS")
LESSONS = """
name: lessons
roles:
  - {role: analyst, name: technical, tools: [bars, indicators]}
  - {role: analyst, name: news, tools: [news, sentiment]}
deliberation: {kind: panel}
decision: {kind: direction}
sizing: {kind: vol_target}
memory: {preset: default, tokens: 0}
learning: {kind: lessons, horizon: 5, same: 2, cross: 1}
"""
SECOND = Symbol("GRUND")


def written(tmp_path, text, **changes):
    for old, new in changes.items():
        text = text.replace(old, new)
    path = tmp_path / "desk.yaml"
    path.write_text(text)
    return str(path)


def learning_desk(floor, keeper):
    file = floor.file
    memory = DeskMemory(keeper, HERE, tokens=file.memory.tokens, updates_weights=False, learning=file.learning)
    return replace(floor, memory=memory)


def stated(source, symbol, at, text, facts, sources=(), outcome_at=None):
    return Record(
        HERE, symbol, source, Aspect.TRADE, text, at, at, at, outcome_at=outcome_at, sources=sources,
        facts=tuple((name, Decimal(value)) for name, value in facts.items()),
    )  # fmt: skip


def settled(number, outcome, **bets):
    """Return a thesis with bets on (down, flat, up), and the lesson with its outcome in deviations, a day later."""
    at = datetime(2025, 1, number, 21, tzinfo=UTC)
    facts = {
        f"bet.{name}.{side}": value
        for name, stakes in bets.items()
        for side, value in zip(("down", "flat", "up"), stakes, strict=True)
    }
    thesis = stated(Source.THESIS, TICKER, at, f"thesis {number}", facts)
    known = at + timedelta(days=1)
    facts |= {"outcome": outcome}
    return thesis, stated(Source.TRADE_REFLECTION, TICKER, known, f"lesson {number}", facts, (thesis.id,), known)


ROUNDS = (
    settled(2, "1.5", technical=("0.2", "0.2", "0.6"), news=("0.5", "0.3", "0.2")),
    settled(6, "-0.9", technical=("0.1", "0.3", "0.6")),
    settled(9, "0.2", technical=("0.2", "0.7", "0.1"), news=("0.4", "0.2", "0.4")),
)


def market_session(demo, keeper, as_of=AS_OF, **learning):
    file = load_desk("prediction_market").model_copy(update={"learning": MarketLearning(**learning)})
    return MemorySession(DeskMemory(keeper, HERE, learning=file.learning), MarketView(demo, as_of), file)


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 0, 1)], ids=["by time", "shuffled"])
def test_budgets_follow_from_settled_bets_in_any_order_of_writing(demo, keeper, order):
    """eta 0.1. Up, c = (.6 + .2) / 2 = .4: technical .9 + .1 * .6/.4 = 1.05, news .9 + .1 * .2/.4 = .95. Down, only
    technical: unchanged. Flat, c = (1.05 * .7 + .95 * .2) / 2 = .4625: factors .9 + .07/.4625 and .9 + .02/.4625.
    """
    for place in order:
        keeper.write(ROUNDS[place])
        keeper.write(ROUNDS[place])
    budgets = market_session(demo, keeper, eta=0.1).budgets(TICKER)(("technical", "news", "macro"))
    assert budgets["technical"] == pytest.approx(1.05 * (0.9 + 0.07 / 0.4625))
    assert budgets["news"] == pytest.approx(0.95 * (0.9 + 0.02 / 0.4625))
    assert budgets["macro"] == 1


def test_budgets_use_no_outcome_that_is_learned_later(demo, keeper):
    for pair in ROUNDS:
        keeper.write(pair)
    early = market_session(demo, keeper, datetime(2025, 1, 4, tzinfo=UTC), eta=0.1).budgets(TICKER)
    assert early(("technical", "news")) == pytest.approx({"technical": 1.05, "news": 0.95})
    assert market_session(demo, keeper, datetime(2025, 1, 2, tzinfo=UTC)).budgets(TICKER)(("news",)) == {"news": 1}


def test_the_floor_of_the_file_bounds_the_smallest_budget(demo, keeper):
    """eta 1: technical 1/.5 = 2, news 0, raised to .2 of the mean; both are scaled to the sum 2."""
    keeper.write(settled(2, "1.5", technical=("0", "0", "1"), news=("1", "0", "0")))
    budgets = market_session(demo, keeper, eta=1.0, floor=0.2).budgets(TICKER)(("technical", "news"))
    assert budgets == pytest.approx({"technical": 2 * 2 / 2.2, "news": 0.2 * 2 / 2.2})


def test_a_market_desk_learns_its_budgets_from_its_own_decisions(demo, keeper):
    floor = rules(demo, "prediction_market")
    file = floor.file.model_copy(update={"learning": MarketLearning(eta=0.1)})
    floor = learning_desk(replace(floor, file=file), keeper)
    first, *_, last = lived(floor)
    (thesis, *_) = sorted(records(keeper, Source.THESIS), key=lambda each: each.event_at)
    assert {name for name, _ in thesis.facts if name.startswith("budget.")} == {
        f"budget.{role.name}" for role in file.roles
    }
    assert all(value == 1 for name, value in thesis.facts if name.startswith("budget."))
    newest = max(records(keeper, Source.THESIS), key=lambda each: each.event_at)
    assert {value for name, value in newest.facts if name.startswith("budget.")} != {Decimal(1)}
    seq = keeper.journal.head()
    assert [taken(floor, as_of=MONTHS[0]), taken(floor, as_of=MONTHS[-1])] == [first, last]  # repeated, as of then
    assert keeper.journal.head() == seq


def test_lessons_are_settled_at_the_horizon_of_the_file_and_shown_to_the_role_that_decides(demo, keeper, tmp_path):
    floor = learning_desk(rules(demo, written(tmp_path, LESSONS)), keeper)
    weeks = [close_of(2024, 2, day, 22) for day in (5, 13, 21, 29)]
    decisions = lived(floor, weeks)
    theses = sorted(records(keeper, Source.THESIS), key=lambda each: each.event_at)
    assert theses[0].due_at == XNYS.close(date(2024, 2, 12))
    lessons = sorted(records(keeper, Source.TRADE_REFLECTION), key=lambda each: each.event_at)
    assert [each.event_at for each in lessons] == [
        XNYS.close(day) for day in (date(2024, 2, 12), date(2024, 2, 21), date(2024, 2, 28))
    ][: len(lessons)]
    shown = decisions[-1].recalled
    assert {each.memory_id for each in shown} == {each.id for each in lessons[-2:]}
    assert {each.roles for each in shown} == {(floor.file.decider,)}
    (newest,) = [each.text for each in shown if each.memory_id == lessons[-1].id]
    assert newest.startswith(theses[-2].text.rstrip(".")[:60])
    assert "Outcome: return" in newest
    assert "Lesson: " in newest


def test_lessons_on_other_symbols_do_not_depend_on_the_order_of_symbols(demo, keeper, tmp_path):
    floor = learning_desk(rules(demo, written(tmp_path, LESSONS)), keeper)
    first, second = close_of(2024, 2, 5, 22), close_of(2024, 2, 13, 22)
    for symbol in (TICKER, SECOND):
        taken(floor, symbol, first)
    one = taken(floor, TICKER, second)
    taken(floor, SECOND, second)
    assert taken(floor, TICKER, second).recalled == one.recalled
    third = taken(floor, TICKER, close_of(2024, 2, 14, 22)).recalled
    assert sum(each.text.startswith(f"{SECOND}: ") for each in third) == 1


def test_a_frozen_desk_adds_nothing_to_what_it_has_learned(demo, keeper, tmp_path):
    desk = written(tmp_path, LESSONS, **{"cross: 1": "cross: 1, frozen_at_test: true"})
    floor = learning_desk(rules(demo, desk), keeper)
    lived(floor, MONTHS[:3])
    assert not records(keeper, Source.TRADE_REFLECTION)
    assert records(keeper, Source.THESIS)


def test_a_step_of_learning_waits_for_its_sessions_and_a_repeated_one_goes_on(demo, keeper, tmp_path):
    desk = written(tmp_path, LESSONS, **{"horizon: 5": "horizon: 1, every: 4"})
    floor = learning_desk(rules(demo, desk), keeper)
    days = XNYS.between(date(2024, 2, 5), date(2024, 2, 20))
    counts = []
    for day in days:
        for _ in range(2):
            taken(floor, as_of=XNYS.close(day))
        counts.append(len(records(keeper, Source.TRADE_REFLECTION)))
    assert counts == [0, 1, 1, 1, 1, 5, 5, 5, 5, 9, 9]


def test_a_decision_that_is_repeated_in_its_session_goes_on_with_what_is_due(demo, keeper, tmp_path):
    floor = learning_desk(rules(demo, written(tmp_path, LESSONS)), keeper)
    days = XNYS.between(date(2024, 2, 5), date(2024, 2, 29))
    lived(floor, [XNYS.close(day) for day in days[:5]])
    counts = []
    for _ in range(3):
        taken(floor, as_of=XNYS.close(days[-1]))
        counts.append(len(records(keeper, Source.TRADE_REFLECTION)))
    assert counts == [3, 5, 5]


def test_rewards_of_contestants_come_from_the_opens_after_each_signal(demo, keeper):
    file = load_desk("prediction_market").model_copy(update={"learning": ContestLearning()})
    days = XNYS.between(date(2025, 2, 24), date(2025, 3, 3))
    signals = [
        stated(Source.THESIS, TICKER, XNYS.close(days[0]), "a", {"signal.bold": 1, "signal.shy": -1}),
        stated(Source.THESIS, SECOND, XNYS.close(days[0]), "b", {"signal.bold": -1}),
        stated(Source.THESIS, TICKER, XNYS.close(days[2]), "c", {"signal.bold": 1}),
    ]
    for each in reversed(signals):
        keeper.write([each])

    def opens(symbol):
        return {bar.session: float(bar.open) for bar in MarketView(demo, AS_OF).bars(symbol, count=20)}

    def rewards(as_of):
        session = MemorySession(DeskMemory(keeper, HERE, learning=file.learning), MarketView(demo, as_of), file)
        return session.rewards(TICKER)()

    first, second = opens(TICKER), opens(SECOND)
    up = first[days[2]] / first[days[1]] - 1
    other = second[days[2]] / second[days[1]] - 1
    known = rewards(XNYS.close(days[2]))
    assert known["bold"] == pytest.approx(((up - other) / 2,))
    assert known["shy"] == pytest.approx((-up,))
    later = first[days[4]] / first[days[3]] - 1
    assert rewards(XNYS.close(days[4]))["bold"] == pytest.approx(((up - other) / 2, later))
    assert all(values == () for values in rewards(XNYS.close(days[1])).values())


VOTERS = """
name: voters
roles:
  - {role: single_agent, name: bold, tools: [bars, indicators, news]}
  - {role: single_agent, name: careful, tools: [bars, indicators, news]}
deliberation: {kind: vote}
decision: {kind: direction}
sizing: {kind: vol_target}
memory: {preset: finmem, per_role: true}
"""


def test_every_role_has_memories_of_its_own(demo, keeper, tmp_path):
    floor = learning_desk(rules(demo, written(tmp_path, VOTERS)), keeper)
    lived(floor, MONTHS[:3])

    def own(role, *sources):
        space = replace(HERE, agent=f"{HERE.agent}:{role}")
        return keeper.at(LATER, space).records(TICKER, sources=sources)

    assert not records(keeper, *Source)
    for role in ("bold", "careful"):
        assert len(own(role, Source.THESIS)) == 3
        assert own(role, Source.TRADE_REFLECTION)
        assert own(role, Source.NEWS)
    last = taken(floor, as_of=MONTHS[3])
    by_id = {each.id: role for role in ("bold", "careful") for each in own(role, *Source)}
    assert {by_id[each.memory_id] for each in last.recalled} == {"bold", "careful"}
    assert all(each.roles == (by_id[each.memory_id],) for each in last.recalled)
