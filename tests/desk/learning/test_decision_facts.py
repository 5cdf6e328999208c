"""Signals that theses state: one for each session, symbol and contestant, from the thesis that was learned first."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from memory_desk import HERE
from openoutcry.desk.learning.contest_history import SubmittedSignal
from openoutcry.desk.learning.decision_facts import submitted_signals
from openoutcry.domain.ids import Symbol
from openoutcry.domain.trading_calendar import trading_calendar
from openoutcry.memory.record import Aspect, Record, Source

XNYS = trading_calendar("XNYS")
CALDR, GRUND = Symbol("CALDR"), Symbol("GRUND")
SATURDAY = datetime(2025, 3, 8, 12, tzinfo=UTC)
FRIDAY = date(2025, 3, 7)


def thesis(at, learned, symbol=CALDR, **signals):
    facts = tuple((f"signal.{name}", Decimal(side)) for name, side in signals.items())
    more = (("budget.x", Decimal(1)),)
    return Record(HERE, symbol, Source.THESIS, Aspect.TRADE, "t", at, at, learned, facts=(*facts, *more))


def test_a_decision_on_a_weekend_belongs_to_the_session_before():
    assert submitted_signals([thesis(SATURDAY, SATURDAY, bold=1)], XNYS) == [SubmittedSignal("bold", FRIDAY, CALDR, 1)]


def test_of_two_theses_after_one_session_the_one_learned_first_counts():
    first = thesis(XNYS.close(FRIDAY), SATURDAY, bold=-1)
    second = thesis(SATURDAY, SATURDAY + timedelta(seconds=1), bold=1, shy=1)
    expected = [SubmittedSignal("bold", FRIDAY, CALDR, -1), SubmittedSignal("shy", FRIDAY, CALDR, 1)]
    assert submitted_signals([first, second], XNYS) == submitted_signals([second, first], XNYS) == expected


def test_a_thesis_about_no_symbol_or_without_signals_states_none():
    assert submitted_signals([thesis(SATURDAY, SATURDAY, None, bold=1), thesis(SATURDAY, SATURDAY)], XNYS) == []
    two = [thesis(SATURDAY, SATURDAY, symbol, bold=1) for symbol in (GRUND, CALDR)]
    assert {each.symbol for each in submitted_signals(two, XNYS)} == {CALDR, GRUND}
