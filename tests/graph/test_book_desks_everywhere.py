"""Every built-in desk over a book: a decision under rules on both markets, a bounded prompt, look-ahead, bad files."""

import asyncio
import time
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from book_desks import PANEL, write_desk
from openoutcry.agents.book_formatting import format_book
from openoutcry.agents.context import AgentContext
from openoutcry.desk.book_decision import decide_book
from openoutcry.desk.decision import DecisionRequest
from openoutcry.domain.account import Account
from openoutcry.domain.brief import Brief
from openoutcry.domain.decision import Outcome
from openoutcry.domain.errors import ConfigError, LookAheadError
from openoutcry.domain.evidence import Evidence, EvidenceKind
from openoutcry.domain.ids import EvidenceId, RunId, Symbol
from openoutcry.graph.desk_config import BUILT_IN, built_in_desks, load_desk
from openoutcry.market.view import MarketView
from openoutcry.tests.desk.test_look_ahead import Leaking
from openoutcry.tests.desk_factory import rules
from openoutcry.tools.quote import build_quote
from scripted_answers import AS_OF

DESKS = [name for name in built_in_desks() if load_desk(name).over_book]
EVERY = pytest.mark.parametrize("name", DESKS)
BOOK = ("CALDR", "GRUND", "VEXIL")


def decisions(source, desk, symbols=BOOK, as_of=AS_OF, account=None):
    account = account or Account("test", Decimal(100_000), margin=True)
    requests = [DecisionRequest(RunId(f"r-{name}"), Symbol(name), as_of, account) for name in symbols]
    return asyncio.run(decide_book(rules(source, desk), requests))


@EVERY
def test_rules_decide_on_the_demo_market(demo, name):
    made = decisions(demo, name)
    assert [each.ticker for each in made] == list(BOOK)
    assert Outcome.ORDERS in {each.outcome for each in made}
    assert all(each.thesis is not None for each in made if each.outcome is Outcome.ORDERS)


@EVERY
def test_rules_decide_on_real_companies(real_source, name):
    made = decisions(real_source, name, ("AAPL", "KO", "MSFT"), datetime(2021, 11, 5, 20, tzinfo=UTC))
    assert {each.outcome for each in made} <= {Outcome.ORDERS, Outcome.HOLD}


@EVERY
@pytest.mark.parametrize("kind", ["bars", "news"])
def test_a_leak_stops_the_decision(demo, name, kind):
    reads = {tool for role in load_desk(name).roles for tool in role.tools}
    if kind == "news" and not reads & {"news", "sentiment", "headlines_2d", "headlines_3d"}:
        pytest.skip("the desk reads no news")
    with pytest.raises(LookAheadError):
        decisions(Leaking(demo, kind), name)


@EVERY
def test_the_file_says_what_is_published_and_what_is_ours(name):
    text = (BUILT_IN / f"{name}.yaml").read_text(encoding="utf-8")
    assert all(f"# {part}:" in text for part in ("published", "ours", "code differs"))


def large_book(demo, symbols, facts):
    view = MarketView(demo, AS_OF)
    quote = build_quote(view, Symbol("CALDR"))
    account = Account("test", Decimal(100_000))
    briefs = tuple(
        Brief(Symbol(f"S{n:03}"), AS_OF, quote.session, quote.session, quote, account, synthetic=True)
        for n in range(symbols)
    )
    evidence = tuple(
        Evidence(EvidenceId(f"{brief.symbol}/px.f{n}"), EvidenceKind.PRICE, "t", AS_OF, "fact " * 40)
        for brief in briefs
        for n in range(facts)
    )
    return AgentContext(briefs[0], evidence, book=briefs)


@pytest.mark.parametrize(("symbols", "facts"), [(1, 5), (200, 30), (500, 10)])
def test_a_prompt_is_bounded_names_every_symbol_and_says_what_is_left_out(demo, symbols, facts):
    context = large_book(demo, symbols, facts)
    began = time.perf_counter()
    text = format_book(context)
    assert time.perf_counter() - began < 5
    assert len(text) < 60_000 + 320 * symbols
    assert all(f"{brief.symbol}: " in text for brief in context.book)
    shown = text.count("/px.f")
    left_out = sum(int(line.split("(")[1].split()[0]) for line in text.splitlines() if "more facts on" in line)
    assert shown + left_out == symbols * facts
    assert (left_out > 0) is (symbols > 1)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("intake: {scope: book}", "intake: {scope: symbol}", "needs intake"),
        ("intake: {scope: book}", "intake: {scope: book, select: filter}", "role of kind filter"),
        ("decision: {kind: allocation}", "decision: {kind: allocation, attempts: 0}", "attempts"),
        ("decision: {kind: allocation}", "decision: {kind: orders}", "needs intake"),
    ],
)
def test_a_desk_file_over_a_book_with_a_defect_is_refused(tmp_path, old, new, said):
    with pytest.raises(ConfigError, match=said):
        load_desk(write_desk(tmp_path, PANEL.replace(old, new)))
