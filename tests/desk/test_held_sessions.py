"""Exits by horizon: how long a position has been held, and that a desk closes it when its horizon is reached."""

import asyncio
from datetime import date
from decimal import Decimal

import pytest
from learning_desk import DESK, FALLING, PROMPTS, SESSIONS
from openoutcry.desk.accounts.in_memory_account import InMemoryAccount
from openoutcry.desk.accounts.journal_readings import JournalReadings
from openoutcry.desk.backtest import Every, run_backtest
from openoutcry.desk.decision import Desk
from openoutcry.desk.held_sessions import held_sessions
from openoutcry.desk.rule_desk import order_policy
from openoutcry.desk.strategies.desk_strategy import desk_strategy
from openoutcry.domain.account import Account, Holding, PastFill
from openoutcry.domain.decision import ModelInfo
from openoutcry.domain.decision_outputs import DirectionDecision
from openoutcry.domain.ids import Symbol
from openoutcry.domain.market import Split
from openoutcry.domain.orders import Action
from openoutcry.domain.trading_calendar import trading_calendar
from openoutcry.evals.demo_experiment import TradingCosts, margin_account
from openoutcry.graph.build import build
from openoutcry.graph.desk_config import load_desk
from openoutcry.graph.team_builder import build_team
from openoutcry.llm.call_log import InMemoryCallLog
from openoutcry.llm.scripted import ScriptedModel
from openoutcry.market.view import MarketView
from openoutcry.risk.limit_settings import Limits

AAA = Symbol("AAA")
TUESDAY = date(2025, 3, 4)


class Splits:
    """A market of one calendar whose only facts are splits."""

    def __init__(self, *splits):
        self._splits = splits

    def calendar_name(self, symbol, *, until=None):
        return "XNYS"

    def splits(self, symbol, *, until):
        return self._splits


def age(held, *fills, splits=(), fractional=False):
    """Return the held sessions at the close of 7 March 2025; a fill is a day of March, an action and shares."""
    past = tuple(
        PastFill(date(2025, 3, day), Action(side), Decimal(str(shares)), Decimal(10)) for day, side, shares in fills
    )
    holdings = {AAA: Holding(AAA, Decimal(str(held)), Decimal(10), Decimal(10))} if held else {}
    account = Account("a", Decimal(1000), holdings=holdings, fills=past, fractional=fractional)
    view = MarketView(Splits(*splits), trading_calendar("XNYS").close(date(2025, 3, 7)))
    return held_sessions({AAA: account}, view).get(AAA)


@pytest.mark.parametrize(
    ("held", "fills", "sessions"),
    [
        (5, [(7, "buy", 5)], 1),
        (5, [(3, "buy", 3), (5, "buy", 2)], 5),
        (3, [(3, "buy", 5), (5, "sell", 2)], 5),
        (5, [(3, "buy", 5), (4, "sell", 5), (6, "buy", 5)], 2),
        (-4, [(3, "buy", 5), (5, "sell", 5), (5, "short", 4)], 3),
        (-4, [(3, "short", 6), (6, "cover", 2)], 5),
        (5, [(5, "buy", 2)], None),
        (5, [], None),
        (0, [(5, "buy", 2), (6, "sell", 2)], None),
    ],
    ids=["today", "added", "reduced", "again", "turned", "short", "older", "unknown", "flat"],
)
def test_a_position_begins_with_the_fill_that_opened_or_turned_it(held, fills, sessions):
    assert age(held, *fills) == sessions


def test_fills_before_a_split_count_in_shares_of_today():
    split = Split(AAA, TUESDAY, Decimal("1.5"), trading_calendar("XNYS").close(date(2025, 3, 3)))
    assert age(7, (3, "buy", 5), splits=(split,)) == 5  # half a share was paid in cash
    assert age(9.5, (3, "buy", 5), (6, "buy", 2), splits=(split,), fractional=True) == 5
    assert age(9.5, (3, "buy", 5), (6, "buy", 2), fractional=True) is None


def test_a_desk_closes_a_position_after_the_sessions_of_its_horizon(demo, tmp_path):
    path = tmp_path / "desk.yaml"
    path.write_text(DESK.replace("learning: LEARNING", "exits: {kind: horizon, sessions: 3}"))
    file, model = (
        load_desk(str(path)),
        ScriptedModel({"trader": [direction("long"), *[direction("keep")] * (len(SESSIONS) - 1)]}),
    )
    team = build_team(file, PROMPTS, model, order_policy(Limits()), seed=1)
    info = ModelInfo("scripted", "scripted", "scripted")
    desk = Desk(file, team, build(file), demo, Limits(), info, InMemoryCallLog(), {}, 1, "0", lambda: 0.0)
    rules = margin_account(TradingCosts())
    account = InMemoryAccount.open("test", rules, 10_000_000, demo, readings=JournalReadings(fill_days=400))
    strategy = desk_strategy(desk)
    result = asyncio.run(run_backtest(account, strategy, [FALLING], SESSIONS[0], SESSIONS[-1], every=Every.DAY))
    held = [each > 0 for each in result.gross_exposure]
    assert held[:6] == [False, True, True, True, False, False]
    assert not any(held[4:])


def direction(side):
    """Return an answer of the trader without evidence."""
    return DirectionDecision(
        direction=side, confidence=0.7, reward_to_risk=None, stop=None, horizon_sessions=5, summary="As the script.",
        invalidation="None.", evidence=("px.close",),
    )  # fmt: skip
