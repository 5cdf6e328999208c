"""What a decision over a book records: usage once, the cause of a missing size, a hold, and ids by attempt."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from book_desks import EACH, PANEL, write_desk
from decision_matrix import BOOK, CASH, Script, desk_of, good_answer
from faulty_role import FaultyAt
from memory_desk import HERE, LATER
from openoutcry.desk.book_decision import decide_book
from openoutcry.desk.decision import DecisionRequest
from openoutcry.desk.learning.memory import DeskMemory
from openoutcry.desk.strategies.signal_strategy import SignalStrategy
from openoutcry.domain.abstention import AbstentionCause
from openoutcry.domain.account import Account, Holding
from openoutcry.domain.decision import Outcome
from openoutcry.domain.ids import RunId, Symbol
from openoutcry.domain.proposal import Direction
from openoutcry.llm.call_log import InMemoryCallLog
from openoutcry.llm.openai_model import OpenAIModel
from openoutcry.llm.scripted import ScriptedModel
from openoutcry.market.view import MarketView
from openoutcry.memory.record import Aspect, Record, Source
from scripted_answers import AS_OF


def requests(*symbols, attempt=1, **account):
    held = Account("test", **{"cash": CASH, "margin": True, **account})
    return [DecisionRequest(RunId(f"r-{each}"), each, AS_OF, held, attempt) for each in symbols]


def made(desk, *asked):
    return asyncio.run(decide_book(desk, asked or requests(*BOOK)))


def test_the_first_decision_counts_the_calls_and_the_time_of_all(demo):
    log, seconds = InMemoryCallLog(), iter(range(100))
    model = OpenAIModel(FaultyAt("", None, good_answer), "m", "m", log)
    first, *others = made(replace(desk_of("alpha_weights", demo, model), calls=log, timer=lambda: next(seconds)))
    assert len(log.calls()) == 1
    assert list(first.usage.by_role) == [log.calls()[0].role]
    assert first.usage.wall_s > 0
    assert [(dict(each.usage.by_role), each.usage.wall_s) for each in others] == [({}, 0.0)] * 2


def test_a_book_of_one_symbol_without_a_size_is_incomplete(demo):
    (decision,) = made(desk_of("sentiment_mv", demo, ScriptedModel(Script())), *requests(BOOK[0]))
    assert (decision.abstention.role, decision.abstention.cause) == ("sizing", AbstentionCause.INCOMPLETE)
    assert decision.proposal is not None


def nothing(request):
    answer = good_answer(request)
    return answer.model_copy(update={"entries": (), "cash": 1.0})


def test_an_allocation_of_cash_only_is_a_hold_and_sells_what_is_held(demo):
    desk = desk_of("alpha_weights", demo, ScriptedModel(Script(nothing)))
    assert {(each.outcome, each.risk.asked) for each in made(desk)} == {(Outcome.HOLD, ())}
    close = MarketView(demo, AS_OF).bars(BOOK[0], count=1)[-1].close
    holding = {BOOK[0]: Holding(BOOK[0], Decimal(7), close, close)}
    sold, *others = made(desk, *requests(*BOOK, holdings=holding))
    assert [(order.action, order.quantity) for order in sold.risk.allowed] == [("sell", 7)]
    assert {each.outcome for each in others} == {Outcome.HOLD}


def test_another_attempt_gives_the_orders_other_ids(demo):
    desk = desk_of("alpha_weights", demo, ScriptedModel(Script()))
    ids = [
        {order.client_order_id for each in made(desk, *requests(*BOOK, attempt=attempt)) for order in each.risk.allowed}
        for attempt in (1, 2)
    ]
    assert len(ids[0]) == len(ids[1]) == len(BOOK)
    assert not ids[0] & ids[1]


def test_each_decision_has_the_orders_clamps_and_thesis_of_its_symbol(demo):
    def uneven(request):
        answer = good_answer(request)
        weights = (0.9, 0.05, 0.02)
        entries = [each.model_copy(update={"weight": w}) for each, w in zip(answer.entries, weights, strict=True)]
        return answer.model_copy(update={"entries": tuple(entries), "cash": None})

    decisions = made(desk_of("alpha_weights", demo, ScriptedModel(Script(uneven))))
    assert [each.thesis.conviction for each in decisions] == [0.9, 0.05, 0.02]
    assert [{order.symbol for order in each.risk.asked} for each in decisions] == [{symbol} for symbol in BOOK]
    assert "max_position" in {clamp.limit for clamp in decisions[0].risk.clamps}
    ids = [{order.client_order_id for order in each.risk.asked} for each in decisions]
    for decision, own in zip(decisions, ids, strict=True):
        assert {clamp.client_order_id for clamp in decision.risk.clamps} <= own
    assert all("/" not in name for each in decisions for order in each.risk.asked for name in order.evidence)


def test_without_market_data_a_symbol_abstains_and_the_others_are_decided(demo):
    desk = desk_of("alpha_weights", demo, ScriptedModel(Script()))
    nowhere, *others = made(desk, *requests(Symbol("NOWHERE"), *BOOK[:2]))
    assert (nowhere.abstention.role, nowhere.abstention.cause) == ("market", AbstentionCause.DATA)
    assert all(each.risk.allowed for each in others)
    (alone,) = made(desk, *requests(Symbol("NOWHERE")))
    assert (alone.outcome, dict(alone.usage.by_role)) == (Outcome.ABSTAIN, {})


@pytest.mark.parametrize(("side", "action"), [("long", "buy"), ("short", "short")])
def test_entries_agree_with_the_view_of_their_symbol(demo, tmp_path, side, action):
    def said(request):
        return good_answer(request).model_copy(update={"direction": Direction(side)})

    decisions = made(desk_of(write_desk(tmp_path, EACH), demo, ScriptedModel(Script(trader=said))))
    assert [[order.action for order in each.risk.allowed] for each in decisions] == [[action]] * len(BOOK)
    assert not [denied for each in decisions for denied in each.risk.denied]


def test_what_was_cut_to_nothing_is_recorded_without_an_order(demo, tmp_path):
    def little(request):
        return good_answer(request).model_copy(update={"ratio": 0.02})

    text = EACH.replace("kind: direction", "kind: ratio, ratio: {grid: 0.05}").replace(
        "{kind: equal}", "{kind: as_decided}"
    )
    decisions = made(desk_of(write_desk(tmp_path, text), demo, ScriptedModel(Script(trader=little))))
    assert {(each.outcome, each.risk.asked) for each in decisions} == {(Outcome.HOLD, ())}
    cut = [[(clamp.limit, clamp.asked, clamp.allowed) for clamp in each.risk.clamps] for each in decisions]
    assert cut == [[("ratio_grid", Decimal("0.02"), 0)]] * len(BOOK)


def test_the_agent_over_the_book_is_asked_in_its_character(demo, tmp_path):
    text = PANEL.replace("decider: allocator", "decider: allocator, persona: Be bold about steel.")
    model = ScriptedModel(Script())
    made(desk_of(write_desk(tmp_path, text), demo, model))
    assert ["Be bold about steel." in each.user for each in model.asked if each.role == "allocator"] == [True]


@pytest.mark.parametrize(("shorts", "action"), [(False, []), (True, ["short"])])
def test_a_signal_strategy_sells_short_only_where_it_may(demo, shorts, action):
    strategy = SignalStrategy("below", demo, lambda _series: -0.5, shorts=shorts)
    decision = asyncio.run(strategy(requests(BOOK[0])[0]))
    assert [order.action for order in decision.risk.allowed] == action


def test_each_decision_shows_the_memories_that_were_recalled_about_its_symbol(demo, tmp_path, keeper):
    """Agents that work on one symbol recall what is known about it, also about the first of the book."""
    at, texts = AS_OF - timedelta(days=3), {symbol: f"orders of {symbol} rise at the plant" for symbol in BOOK[:2]}
    keeper.write([Record(HERE, symbol, Source.NEWS, Aspect.NEWS, text, at, at, at) for symbol, text in texts.items()])
    memory = DeskMemory(keeper, HERE, writes=False)
    decisions = made(replace(desk_of(write_desk(tmp_path, EACH), demo, None), memory=memory))
    shown = [{each.text: each.roles for each in decision.recalled} for decision in decisions]
    assert [set(each) for each in shown] == [{texts[BOOK[0]]}, {texts[BOOK[1]]}, set()]
    assert all("news" in roles for each in shown for roles in each.values())
    assert all(item.id.startswith("mem.") for each in decisions for item in each.evidence if item.kind == "memory")


def test_a_decision_over_a_book_records_each_thesis_and_learns_from_its_outcome(demo, tmp_path, keeper):
    desk = replace(desk_of(write_desk(tmp_path, EACH), demo, None), memory=DeskMemory(keeper, HERE))
    early = [replace(each, as_of=AS_OF - timedelta(days=98)) for each in requests(*BOOK[:2])]

    def known(source, symbol):
        return keeper.at(LATER, HERE).records(symbol, sources=(source,))

    made(desk, *early)
    theses = {symbol: known(Source.THESIS, symbol) for symbol in BOOK[:2]}
    assert [len(each) for each in theses.values()] == [1, 1]
    made(desk, *requests(*BOOK[:2]))
    for symbol, (thesis,) in theses.items():
        assert [each.sources for each in known(Source.TRADE_REFLECTION, symbol)] == [(thesis.id,)]
