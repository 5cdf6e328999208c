"""DeepFund's ratios, StockBench's totals, LiveTradeBench's weights and ContestTrade's signals."""

import math
from dataclasses import replace

import pytest
from openoutcry.domain.errors import ConfigError, InvalidOutput, NoData
from openoutcry.domain.ids import Symbol
from openoutcry.domain.outputs import OrderPlan
from openoutcry.domain.proposal import (
    AllocationProposal,
    CashTarget,
    NoteSection,
    RatioProposal,
    ReportProposal,
    SignalSide,
    SignalsProposal,
    TargetAction,
    TargetCashProposal,
    TradeSignal,
    WeightEntry,
)
from openoutcry.risk.proposals.compile import CompiledProposal, compile_proposal, compile_proposals
from openoutcry.risk.proposals.contest import predicted_sharpe
from openoutcry.risk.proposals.defects import proposal_defects
from openoutcry.risk.proposals.facts import EstimateFacts
from openoutcry.risk.proposals.ratio import on_grid, ratio_cap, tradable_shares
from openoutcry.risk.proposals.target_cash import check_target_cash

from tests.risk.conftest import make_brief, make_planned
from tests.risk.proposals.builders import AAA, BBB, dec, facts, rules, sent

CCC = Symbol("CCC")


@pytest.mark.parametrize("symbols", [1, 2, 3, 5, 7, 10, 16, 20, 40, 79])
def test_the_cap_of_deepfund(symbols):
    published = 1.0 if symbols == 1 else round(2 / symbols * 20) / 20
    assert float(ratio_cap(symbols)) == published


def test_a_cap_that_rounds_to_nothing_is_an_error():
    with pytest.raises(ConfigError, match="for 80 symbols rounds to 0"):
        ratio_cap(80)


@pytest.mark.parametrize(("ratio", "near"), [("0.07", "0.05"), ("0.13", "0.15"), ("0.99", "0.4"), ("0.024", "0")])
def test_the_grid(ratio, near):
    assert on_grid(dec(ratio), dec("0.05"), dec("0.4")) == dec(near)


@pytest.mark.parametrize(
    ("ratio", "equity", "price", "shares", "cash"),
    [
        (0.5, 10_000, 33, 0, 10_000),
        (0.5, 10_000, 33, 0, 1_000),
        (0.25, 10_000, 40, 100, 6_000),
        (0.25, 10_000, 41, 100, 5_900),
        (0, 10_000, 40, 100, 6_000),
        (0.5, 10_000, 50, 100, 5_000),
    ],
)
def test_the_tradable_shares_of_deepfund(ratio, equity, price, shares, cash):
    gap = ratio * equity - shares * price
    published = min(gap, cash) // price if gap > 0 else max(gap // price, -shares)
    assert tradable_shares(dec(ratio), dec(equity), dec(price), dec(shares), dec(cash)) == published


def test_ratios_spend_the_cash_in_their_order():
    pair = [RatioProposal(AAA, dec("0.7")), RatioProposal(BBB, dec("0.53"))]
    compiled = compile_proposals(pair, rules(), facts())
    assert sent(compiled) == [("AAA", "buy", 700), ("BBB", "buy", 600)]  # of 1,100 for 55 %, 30,000 pay for 600
    assert [(c.limit, c.asked, c.allowed) for c in compiled.clamps] == [
        ("ratio_grid", dec("0.53"), dec("0.55")),
        ("cash", 1_100, 600),
    ]
    assert sent(compile_proposals(pair[::-1], rules(), facts())) == [("BBB", "buy", 1_100), ("AAA", "buy", 450)]


def test_a_ratio_above_the_cap_is_cut():
    six = {Symbol(name): "100" for name in "ABCDEF"}  # round(2 / 6 * 20) / 20 = 0.35
    compiled = compile_proposal(RatioProposal(Symbol("A"), dec("0.9")), rules(), facts(prices=six))
    assert sent(compiled) == [("A", "buy", 350)]
    assert [(c.limit, c.asked, c.allowed) for c in compiled.clamps] == [("ratio_cap", dec("0.9"), dec("0.35"))]


def target(action: str, amount: object = None, symbol: Symbol = AAA) -> CashTarget:
    return CashTarget(symbol, TargetAction(action), None if amount is None else dec(amount))


def defects(*entries: CashTarget) -> tuple[str, ...]:
    """Return the defects with 100 AAA worth 10,000 held and 5,000 in cash."""
    return check_target_cash(TargetCashProposal(entries), facts(held={AAA: 100}, cash=5_000))


@pytest.mark.parametrize(
    ("entries", "words"),
    [
        ([target("hold")], "these symbols are not answered: BBB"),
        ([target("hold"), target("hold", symbol=BBB), target("hold", symbol=CCC)], "were not asked for: CCC"),
        ([target("increase"), target("hold", symbol=BBB)], "AAA: increase needs the total amount"),
        ([target("increase", 10_000), target("hold", symbol=BBB)], "above the current value of 10000.00"),
        ([target("decrease", 10_000), target("hold", symbol=BBB)], "below the current value of 10000.00"),
        ([target("hold", 10_000), target("hold", symbol=BBB)], "hold names no amount"),
        ([target("close", 10), target("hold", symbol=BBB)], "the amount of close is 0"),
        ([target("increase", 15_001), target("hold", symbol=BBB)], "cost 5001.00 together, more than the available"),
        ([target("decrease", 5_000), target("increase", 6_000, BBB)], "cost 6000.00 together, more than the available"),
        ([target("close", 0), target("increase", 15_001, BBB)], "more than the total assets of 15000.00"),
    ],
    ids=["missing", "strange", "no-amount", "increase", "decrease", "hold", "close", "cash", "proceeds", "assets"],
)
def test_the_checks_of_stockbench(entries, words):
    assert any(words in defect for defect in defects(*entries)), defects(*entries)


def test_targets_in_cash_become_orders_exits_first():
    proposal = TargetCashProposal((target("increase", 4_999, BBB), target("decrease", 2_550)))
    known = facts(held={AAA: 100}, cash=5_000)
    assert check_target_cash(proposal, known) == ()
    assert sent(compile_proposal(proposal, rules(), known)) == [("AAA", "sell", 75), ("BBB", "buy", 99)]


def test_defects_end_the_compilation():
    with pytest.raises(InvalidOutput, match="not answered: BBB"):
        compile_proposal(TargetCashProposal((target("hold"),)), rules(), facts())


def allocation(cash: object = None, **weights: object) -> AllocationProposal:
    entries = tuple(WeightEntry(Symbol(name), dec(weight)) for name, weight in weights.items())
    return AllocationProposal(entries, None if cash is None else dec(cash))


def livetradebench(weights: dict[str, float], cash: float | None) -> dict[str, float]:
    """Return the published normalisation."""
    kept = {name: min(max(weight, 0.0), 1.0) for name, weight in weights.items()}
    kept["CASH"] = max(0.0, 1 - sum(kept.values())) if cash is None else min(max(cash, 0.0), 1.0)
    return {name: weight / sum(kept.values()) for name, weight in kept.items()}


@pytest.mark.parametrize(
    ("cash", "weights"),
    [
        (None, {"AAA": 0.3, "BBB": 0.2}),
        (0.2, {"AAA": 0.3, "BBB": 0.2}),
        (None, {"AAA": 0.9, "BBB": 0.5}),
        (0.5, {"AAA": -0.4, "BBB": 0.5}),
        (0, {"AAA": 0.25}),
        (1, {"AAA": 0}),
    ],
)
def test_the_normalisation_of_livetradebench(cash, weights):
    compiled = compile_proposal(allocation(cash, **weights), rules(), facts())
    expected = livetradebench(weights, cash)
    for each in compiled.targets:
        price = 100 if each.symbol == AAA else 50
        assert each.quantity == math.floor(expected.get(each.symbol, 0.0) * 100_000 / price + 1e-6)


def test_negative_weights_are_shorts_where_the_desk_allows_them():
    allowed = rules(allocation={"negatives": True})
    assert sent(compile_proposal(allocation(AAA=-0.4, BBB=0.2), allowed, facts())) == [
        ("AAA", "short", 400),
        ("BBB", "buy", 400),
    ]


@pytest.mark.parametrize(
    ("proposal", "words"),
    [
        (allocation(AAA=2, BBB=1), "sum to 3, more than 1.5"),
        (allocation(AAA=60, BBB=40), "sum to 100"),
        (allocation(AAA=-1), "the allocation is empty"),
        (allocation(0, AAA=0), "the allocation is empty"),
        (allocation(ZZZ=1), "ZZZ was not asked for"),
    ],
    ids=["three", "percent", "negative", "nothing", "strange"],
)
def test_impossible_allocations_are_refused(proposal, words):
    with pytest.raises(InvalidOutput, match=words):
        compile_proposal(proposal, rules(), facts())


def test_a_symbol_without_a_weight_is_sold():
    assert sent(compile_proposal(allocation(AAA="0.1"), rules(), facts(held={BBB: 10}, cash=99_500))) == [
        ("BBB", "sell", 10),
        ("AAA", "buy", 100),
    ]


def signal(symbol: Symbol, action: str = "buy") -> TradeSignal:
    return TradeSignal(symbol, SignalSide(action), (), ("thin",), dec("0.6"))


def predicted(**ratios: object) -> EstimateFacts:
    return EstimateFacts(predicted_sharpe={Symbol(name): dec(ratio) for name, ratio in ratios.items()})


SHARPE = {"kind": "positive_sharpe"}


def test_the_weights_of_contesttrade():
    both = SignalsProposal((signal(AAA), signal(BBB)))
    compiled = compile_proposal(both, rules(SHARPE), facts(estimates=predicted(AAA=3, BBB=1)))
    assert sent(compiled) == [("AAA", "buy", 750), ("BBB", "buy", 500)]
    compiled = compile_proposal(both, rules(SHARPE), facts(estimates=predicted(AAA=3, BBB=-1)))
    assert sent(compiled) == [("AAA", "buy", 1000)]
    compiled = compile_proposal(
        both, rules(SHARPE), facts(held={AAA: 10}, cash=99_000, estimates=predicted(AAA=0, BBB=-1))
    )
    assert sent(compiled) == [("AAA", "sell", 10)]


def test_a_sell_signal_is_a_short_and_a_held_symbol_without_a_signal_is_sold():
    one = SignalsProposal((signal(AAA, "sell"),))
    compiled = compile_proposal(one, rules(SHARPE), facts(held={BBB: 20}, cash=99_000, estimates=predicted(AAA=2)))
    assert sent(compiled) == [("BBB", "sell", 20), ("AAA", "short", 1000)]


def test_a_signal_without_a_predicted_ratio_is_missing_data():
    with pytest.raises(NoData, match="no Sharpe ratio is predicted for BBB"):
        compile_proposal(SignalsProposal((signal(AAA), signal(BBB))), rules(SHARPE), facts(estimates=predicted(AAA=1)))


def test_the_predicted_ratio_has_a_floor_under_the_deviation():
    assert predicted_sharpe(dec("0.02"), dec("0.001")) == 2
    assert predicted_sharpe(dec("0.02"), dec("0.04")) == dec("0.5")


def test_equal_weights():
    compiled = compile_proposal(SignalsProposal((signal(AAA), signal(BBB, "sell"))), rules({"kind": "equal"}), facts())
    assert sent(compiled) == [("AAA", "buy", 500), ("BBB", "short", 1000)]


def test_a_research_note_has_no_orders_and_an_order_plan_needs_its_brief():
    note = ReportProposal((NoteSection("Thesis", "Margins widen."),))
    assert compile_proposal(note, rules(), facts(held={AAA: 5})) == CompiledProposal()
    with pytest.raises(ConfigError, match="with the brief that they answer"):
        compile_proposal(OrderPlan(orders=(), rationale="nothing"), rules(), facts())


def test_typed_orders_are_converted_as_they_are():
    brief = make_brief()
    known = replace(facts(), brief=brief)
    plan = OrderPlan(orders=(make_planned("buy", "limit", 7.9, limit=99.004), make_planned("sell")), rationale="both")
    compiled = compile_proposal(plan, rules(), known)
    assert [(o.client_order_id, o.action, o.quantity, o.limit_price) for o in compiled.orders] == [
        ("CALDR-0", "buy", 7, dec("99.00")),
        ("CALDR-1", "sell", 10, None),
    ]
    assert proposal_defects(plan, rules(), known) == ("there is no long position to sell",)
    with pytest.raises(ConfigError, match="decision orders cannot have exits bracket"):
        compile_proposal(plan, rules(exits={"kind": "bracket", "stop": "0.1"}), known)


def test_defects_are_returned_and_missing_data_is_raised():
    assert proposal_defects(allocation(AAA=2, BBB=1), rules(), facts())[0].startswith("the weights sum to 3")
    assert proposal_defects(allocation(AAA="0.5"), rules(), facts()) == ()
    assert proposal_defects(TargetCashProposal((target("hold"),)), rules(), facts()) == (
        "these symbols are not answered: BBB",
    )
    with pytest.raises(NoData, match="no Sharpe ratio"):
        proposal_defects(SignalsProposal((signal(AAA),)), rules(SHARPE), facts())


def test_nothing_proposed_is_nothing_done():
    assert compile_proposals((), rules(), facts(held={AAA: 5})) == CompiledProposal()
