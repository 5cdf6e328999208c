"""A contest over a book keeps the signals of its contestants, and ranks them by the rewards that followed."""

import asyncio
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from desk_factory import rules
from memory_desk import HERE, records
from openoutcry.desk.book_decision import decide_book
from openoutcry.desk.decision import DecisionRequest
from openoutcry.desk.learning.memory import DeskMemory
from openoutcry.desk.learning.memory_session import MemorySession
from openoutcry.domain.account import Account
from openoutcry.domain.ids import RunId, Symbol
from openoutcry.domain.market import Interval
from openoutcry.domain.trading_calendar import trading_calendar
from openoutcry.graph.desk_config import BUILT_IN
from openoutcry.market.view import MarketView
from openoutcry.memory.record import Source

XNYS = trading_calendar("XNYS")
BOOK = tuple(map(Symbol, ("CALDR", "GRUND", "HALDM")))
DAYS = XNYS.between(date(2025, 3, 3), date(2025, 3, 7))


def contest(demo, keeper, file=None):
    """Return the desk with a memory, and a function that decides after a session."""
    floor = rules(demo, file or "contesttrade")
    floor = replace(floor, memory=DeskMemory(keeper, HERE, tokens=0, learning=floor.file.learning))

    def decided(day):
        account, as_of = Account("t", Decimal(100_000)), XNYS.close(day)
        requests = [DecisionRequest(RunId(f"{day}-{symbol}"), symbol, as_of, account) for symbol in BOOK]
        return asyncio.run(decide_book(floor, requests))

    return floor, decided


def test_the_factors_with_the_best_record_are_shown(demo, keeper, tmp_path):
    """Four data agents; what each is predicted to earn is computed again from the decisions and the demo prices."""
    text = (BUILT_IN / "contesttrade.yaml").read_text(encoding="utf-8")
    fourth = "  - {role: data_agent, name: whole_data, tools: [bars, indicators, ratios, news]}\n  - {role: data_agent"
    path = tmp_path / "contest.yaml"
    path.write_text(text.replace("  - {role: data_agent", fourth, 1).replace("top_factors: 3", "top_factors: 2"))
    _, decided = contest(demo, keeper, str(path))
    made = [decided(day) for day in DAYS]
    earned = {}
    for place, decisions in enumerate(made[: len(DAYS) - 2]):
        for author, ratings in ratings_of(decisions[0]).items():
            earned.setdefault(author, []).append(reward_by_hand(demo, ratings, DAYS[place + 1], DAYS[place + 2]))
    wanted = {author: shrunk_sharpe(rewards) for author, rewards in earned.items()}
    ranking = only(made[-1][0], "FactorRanking")
    assert {each["author"]: each["predicted"] for each in ranking["factors"]} == pytest.approx(wanted, abs=1e-6)
    assert {each["rewards"] for each in ranking["factors"]} == {len(DAYS) - 2}
    assert ranking["shown"] == sorted(wanted, key=lambda name: -wanted[name])[:2]
    first = only(made[0][0], "FactorRanking")
    assert first["shown"] == sorted(wanted)[:2] != ranking["shown"]
    assert {each["predicted"] for each in first["factors"]} == {0.0}


def ratings_of(decision):
    stated = [each for each in decision.contributions if each.kind == "TextFactor"]
    return {each.author: {r["symbol"]: r["rating"] for r in each.content["ratings"]} for each in stated}


def only(decision, kind):
    (made,) = [each.content for each in decision.contributions if each.kind == kind]
    return made


def reward_by_hand(demo, ratings, bought, sold):
    earned = 0.0
    for symbol, rating in ratings.items():
        bars = demo.bars(Symbol(symbol), Interval.DAY, until=XNYS.close(DAYS[-1]), count=20)
        opens = {bar.session: float(bar.open) for bar in bars}
        percent = 100 * (opens[sold] / opens[bought] - 1)
        earned += max(rating, 0) * max(-20, min(20, percent))
    return earned / len(ratings)


def shrunk_sharpe(rewards):
    mean = sum(rewards) / len(rewards)
    spread = (sum((each - mean) ** 2 for each in rewards) / len(rewards)) ** 0.5
    return mean / max(spread, 0.01) * len(rewards) / (len(rewards) + 5)


def test_signals_of_a_session_become_rewards_of_later_ones(demo, keeper):
    floor, decided = contest(demo, keeper)
    made = [decided(day) for day in DAYS]
    stated = {
        name for symbol in BOOK for each in records(keeper, Source.THESIS, symbol=symbol) for name, _ in each.facts
    }
    assert {name for name in stated if name.startswith("signal.")}
    assert "signal.ranking" not in stated
    view = MarketView(demo, XNYS.close(DAYS[-1]))
    rewards = MemorySession(floor.memory, view, floor.file).rewards(BOOK[0])()
    assert {name.removeprefix("factor.") for name in stated if name.startswith("factor.")} <= {*rewards}
    assert max(map(len, rewards.values())) == len(DAYS) - 2  # the last two sessions have no open after the next
    seq = keeper.journal.head()
    assert decided(DAYS[-1]) == made[-1]
    assert keeper.journal.head() == seq
