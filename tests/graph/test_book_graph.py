"""A graph over a book: any checkpoint leads to the same result, and so does the interpreter."""

import asyncio
from dataclasses import asdict, replace
from datetime import date
from decimal import Decimal

import pytest
from book_desks import EACH, PANEL, write_desk
from openoutcry.desk.book_decision import decide_book
from openoutcry.desk.decision import DecisionRequest
from openoutcry.desk.rule_desk import order_policy
from openoutcry.domain.account import Account
from openoutcry.domain.brief import Brief
from openoutcry.domain.ids import RunId, Symbol
from openoutcry.domain.trading_calendar import trading_calendar
from openoutcry.graph.build import build, run_graph
from openoutcry.graph.desk_config import built_in_desks, load_desk
from openoutcry.graph.interpreter import plan_of
from openoutcry.graph.runtime import RunContext
from openoutcry.graph.team_builder import build_team
from openoutcry.market.view import MarketView
from openoutcry.prompts.library import load_prompts
from openoutcry.risk.limit_settings import Limits
from openoutcry.tests.desk_factory import rules
from openoutcry.tools.quote import build_quote
from slow_disk import Slow

DAYS = trading_calendar("XNYS").between(date(2025, 3, 3), date(2025, 3, 14))
BOOK = tuple(map(Symbol, ("CALDR", "GRUND", "VEXIL")))
BOOK_DESKS = [name for name in built_in_desks() if load_desk(name).over_book]
ALL = pytest.mark.parametrize("name", [PANEL, EACH, *BOOK_DESKS], ids=["over the book", "each symbol", *BOOK_DESKS])


def context_of(source, desk):
    """Return the run context of a desk of rules over BOOK."""
    as_of = trading_calendar("XNYS").close(DAYS[0])
    view = MarketView(source, as_of)
    account = Account("test", Decimal(100_000), margin=True)
    briefs = []
    for symbol in BOOK:
        quote = build_quote(view, symbol)
        following = view.calendar(symbol).next(quote.session)
        briefs.append(Brief(symbol, as_of, quote.session, following, quote, account, synthetic=True))
    team = build_team(desk, load_prompts(), None, order_policy(Limits()), seed=1)
    return RunContext(briefs[0], view, team, book=tuple(briefs))


@ALL
async def test_a_run_goes_on_from_any_step_that_was_written(demo, tmp_path, name):
    desk, slow = load_desk(name if name in BOOK_DESKS else write_desk(tmp_path, name)), Slow()
    whole = await run_graph(build(desk, slow), context_of(demo, desk), thread="t")
    assert len(slow.steps) >= 3
    assert whole.context.contributions
    for step in range(len(slow.steps)):
        graph = build(desk, slow.until(step))
        assert await run_graph(graph, context_of(demo, desk), thread="t", resume=True) == whole, step


@ALL
def test_the_interpreter_decides_as_langgraph(demo, tmp_path, name):
    desk = rules(demo, name if name in BOOK_DESKS else write_desk(tmp_path, name))
    symbols = (*BOOK, Symbol("NOWHERE"))

    def decisions(each):
        account = Account("a", Decimal(100_000), margin=True)

        async def run():
            for day in DAYS[::4]:
                close = trading_calendar("XNYS").close(day)
                requests = [DecisionRequest(RunId(f"{day}-{name}"), name, close, account) for name in symbols]
                yield [asdict(made) for made in await decide_book(each, requests)]

        async def collect():
            return [made async for made in run()]

        return asyncio.run(collect())

    slow, fast = decisions(desk), decisions(replace(desk, plan=plan_of(desk.graph)))
    assert slow == fast
    outcomes = {str(made["outcome"]) for session in fast for made in session}
    assert outcomes >= {"orders", "abstain"}
