"""A contest over a book keeps the signals of its contestants, and ranks them by the rewards that followed."""

import asyncio
from dataclasses import replace
from datetime import date
from decimal import Decimal

from desk_factory import rules
from memory_desk import HERE, records
from openoutcry.desk.book_decision import decide_book
from openoutcry.desk.decision import DecisionRequest
from openoutcry.desk.learning.memory import DeskMemory
from openoutcry.desk.learning.memory_session import MemorySession
from openoutcry.domain.account import Account
from openoutcry.domain.ids import RunId, Symbol
from openoutcry.domain.trading_calendar import trading_calendar
from openoutcry.market.view import MarketView
from openoutcry.memory.record import Source

XNYS = trading_calendar("XNYS")
BOOK = tuple(map(Symbol, ("CALDR", "GRUND", "HALDM")))
DAYS = XNYS.between(date(2025, 3, 3), date(2025, 3, 7))


def test_signals_of_a_session_become_rewards_of_later_ones(demo, keeper):
    floor = rules(demo, "contesttrade")
    floor = replace(floor, memory=DeskMemory(keeper, HERE, tokens=0, learning=floor.file.learning))

    def decided(day):
        account, as_of = Account("t", Decimal(100_000)), XNYS.close(day)
        requests = [DecisionRequest(RunId(f"{day}-{symbol}"), symbol, as_of, account) for symbol in BOOK]
        return asyncio.run(decide_book(floor, requests))

    made = [decided(day) for day in DAYS]
    stated = {
        name for symbol in BOOK for each in records(keeper, Source.THESIS, symbol=symbol) for name, _ in each.facts
    }
    assert {name for name in stated if name.startswith("signal.")}
    assert "signal.ranking" not in stated
    view = MarketView(demo, XNYS.close(DAYS[-1]))
    rewards = MemorySession(floor.memory, view, floor.file).rewards(BOOK[0])()
    assert max(map(len, rewards.values())) == len(DAYS) - 2  # the last two sessions have no open after the next
    seq = keeper.journal.head()
    assert decided(DAYS[-1]) == made[-1]
    assert keeper.journal.head() == seq
