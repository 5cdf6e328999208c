"""What a decision of each built-in desk costs: calls, serial slots, tokens and the framework's own time."""

import asyncio
import time
from dataclasses import replace
from statistics import median

from openoutcry.app.desk_sheet import BOOK, CASH, LAST, DeskDescriber
from openoutcry.cli.commands.desks import calls_text
from openoutcry.desk.book_decision import decide_book
from openoutcry.desk.decision import DecisionRequest, Desk, decide
from openoutcry.desk.rule_desk import rule_desk
from openoutcry.domain.account import Account
from openoutcry.domain.ids import RunId
from openoutcry.domain.trading_calendar import trading_calendar
from openoutcry.graph.desk_config import built_in_desks, load_desk
from openoutcry.graph.interpreter import plan_of
from openoutcry.market.demo import demo_market
from openoutcry.market.view_memo import ViewMemo
from openoutcry.prompts.library import load_prompts
from openoutcry.risk.limit_settings import Limits

from tests.bench.table import Row

TIMES = 5


def rows() -> list[Row]:
    """Measure and return a row for each built-in desk."""
    describer, times = DeskDescriber(load_prompts(), Limits()), _times(built_in_desks())
    return [_row(describer, name, times) for name in built_in_desks()]


def _row(describer: DeskDescriber, name: str, times: dict[str, float]) -> Row:
    sheet = describer.describe(name)
    over = f" over {sheet.symbols} symbols" if sheet.config.over_book else ""
    measured = (
        f"{calls_text(sheet)} calls, {sheet.count.slots} slots, {sheet.prompt_tokens:,} prompt tokens{over}, "
        f"{times[name] * 1000:.0f} ms by rules"
    )
    target = "<= 14 calls, <= 7 slots, <= 24,000 prompt tokens" if name == "debate" else ""
    return Row(f"{name} ({sheet.config.deliberation.kind}, {sheet.config.decision.kind})", measured, target)


def _times(names: tuple[str, ...]) -> dict[str, float]:
    """Return the median seconds of one decision of each desk by rules, after one that warms up."""
    source, memo = demo_market(seed=7, last=LAST), ViewMemo()
    found = {}
    for name in names:
        desk = rule_desk(load_desk(name), load_prompts(), source, Limits(), seed=7, version="", timer=time.perf_counter)
        desk = replace(desk, plan=plan_of(desk.graph), memo=memo)
        found[name] = median([_seconds(desk) for _ in range(TIMES + 1)][1:])
    return found


def _seconds(desk: Desk) -> float:
    as_of, account = trading_calendar("XNYS").close(LAST), Account("bench", CASH)
    requests = [DecisionRequest(RunId("bench"), symbol, as_of, account) for symbol in BOOK]
    start = time.perf_counter()
    if desk.file.over_book:
        asyncio.run(decide_book(desk, requests))
    else:
        asyncio.run(decide(desk, requests[0]))
    return time.perf_counter() - start
