"""Ratings, directions and exposures become positions: $100,000, AAA at 100."""

from decimal import Decimal

import pytest
from openoutcry.domain.errors import ConfigError, InvalidOutput, NoData
from openoutcry.domain.ids import Symbol
from openoutcry.domain.outputs import Rating
from openoutcry.domain.proposal import Direction, DirectionProposal, ExposureProposal, RatingProposal
from openoutcry.risk.proposals.compile import compile_proposal, compile_proposals
from openoutcry.risk.proposals.facts import OverlayFacts

from tests.risk.proposals.builders import AAA, BBB, dec, facts, quote, rules, sent

TRADINGAGENTS = {
    "kind": "rating_map",
    "map": {"buy": 1, "overweight": 0.5, "hold": "keep", "underweight": "half", "sell": 0},
}
CONVICTIONS = {"buy": 1, "overweight": "0.5", "hold": 0, "underweight": "-0.5", "sell": -1}


def rating(name: str) -> RatingProposal:
    return RatingProposal(AAA, Rating(name), dec(CONVICTIONS[name]))


def direction(name: str, **more: object) -> DirectionProposal:
    way = Direction(name)
    return DirectionProposal(AAA, way, Decimal(way.sign), **more)


@pytest.mark.parametrize(
    ("name", "held", "orders"),
    [
        ("buy", 0, [("AAA", "buy", 200)]),  # 20 % of 100,000 at 100
        ("overweight", 0, [("AAA", "buy", 100)]),
        ("hold", 37, []),
        ("underweight", 37, [("AAA", "sell", 19)]),  # 18.5 truncated to 18 stay
        ("underweight", 0, []),
        ("sell", 37, [("AAA", "sell", 37)]),
        ("sell", 0, []),  # sell is an exit, never a short
    ],
)
def test_the_rating_map_of_tradingagents(name, held, orders):
    known = facts(held={AAA: held} if held else {}, cash=100_000 - 100 * held, max_position="0.2")
    assert sent(compile_proposal(rating(name), rules(TRADINGAGENTS), known)) == orders


def test_a_negative_weight_for_sell_is_a_short_after_the_exit():
    shorting = {"kind": "rating_map", "cap": "0.1", "map": {"buy": 1, "hold": "keep", "sell": -1}}
    compiled = compile_proposal(rating("sell"), rules(shorting), facts(held={AAA: 10}, cash=99_000))
    assert [(order.action, order.quantity) for order in compiled.orders] == [("sell", 10), ("short", 100)]
    assert [(order.client_order_id, order.awaits) for order in compiled.orders] == [
        ("AAA-0", None),
        ("AAA-1", "AAA-0"),
    ]


def test_a_rating_beside_the_scale_of_the_desk_is_refused():
    three = {"kind": "rating_map", "map": {"buy": 1, "hold": "keep", "sell": 0}}
    with pytest.raises(InvalidOutput, match="overweight is not on this desk's scale"):
        compile_proposal(rating("overweight"), rules(three), facts())


@pytest.mark.parametrize(
    ("name", "hold", "held", "orders"),
    [
        ("long", "keep", 0, [("AAA", "buy", 1000)]),
        ("short", "keep", 0, [("AAA", "short", 1000)]),
        ("short", "keep", 300, [("AAA", "sell", 300), ("AAA", "short", 1000)]),
        ("long", "keep", -300, [("AAA", "cover", 300), ("AAA", "buy", 1000)]),
        ("flat", "keep", 300, [("AAA", "sell", 300)]),
        ("keep", "keep", 300, []),
        ("keep", "flat", 300, [("AAA", "sell", 300)]),
    ],
)
def test_all_in(name, hold, held, orders):
    known = facts(held={AAA: held}, cash=100_000 - 100 * held)
    assert sent(compile_proposal(direction(name), rules({"kind": "all_in"}, hold=hold), known)) == orders


@pytest.mark.parametrize(
    ("name", "held", "orders"),
    [
        ("long", 5, [("AAA", "buy", 1)]),
        ("short", 5, [("AAA", "sell", 1)]),
        ("short", 0, [("AAA", "short", 1)]),
        ("long", -2, [("AAA", "cover", 1)]),
        ("keep", 5, []),
        ("flat", 5, [("AAA", "sell", 5)]),
    ],
)
def test_a_unit_is_one_share_whatever_is_held(name, held, orders):
    assert sent(compile_proposal(direction(name), rules({"kind": "unit"}), facts(held={AAA: held}))) == orders


def test_volatility_target():
    # 0.10 / (0.01 * sqrt(252)) = 0.62994 of 100,000 at 100 a share, times a conviction of 0.5
    proposal = DirectionProposal(AAA, Direction.LONG, Decimal("0.5"))
    compiled = compile_proposal(proposal, rules({"kind": "vol_target"}), facts())
    assert sent(compiled) == [("AAA", "buy", 314)]
    assert compiled.targets[0].conviction == Decimal("0.5")


def test_without_a_volatility_there_is_no_size_and_no_exit():
    with pytest.raises(NoData, match="volatility of AAA is unknown"):
        compile_proposal(direction("long"), rules({"kind": "vol_target"}), facts(held={AAA: 9}, sigma=None))


def test_an_exposure_is_a_share_of_the_cap():
    compiled = compile_proposal(
        ExposureProposal(AAA, dec("-0.5")), rules({"kind": "as_decided", "cap": "0.3"}), facts()
    )
    assert sent(compiled) == [("AAA", "short", 150)]
    assert compiled.targets[0].conviction == -1


def test_the_position_limit_cuts_and_is_recorded():
    compiled = compile_proposal(direction("long"), rules({"kind": "all_in", "cap": 1}), facts(max_position="0.2"))
    assert sent(compiled) == [("AAA", "buy", 200)]
    (clamp,) = compiled.clamps
    assert (clamp.limit, clamp.asked, clamp.allowed) == ("max_position", 1000, 200)


def test_a_position_beyond_the_limit_is_not_cut_by_it():
    known = facts(held={AAA: 400}, cash=60_000, max_position="0.2")
    assert sent(compile_proposal(direction("short"), rules({"kind": "unit"}), known)) == [("AAA", "sell", 1)]
    assert sent(compile_proposal(direction("long"), rules({"kind": "unit"}), known)) == []


def test_a_cash_account_exits_instead_of_being_short():
    compiled = compile_proposal(direction("short"), rules({"kind": "all_in"}), facts(held={AAA: 10}, margin=False))
    assert sent(compiled) == [("AAA", "sell", 10)]
    assert compiled.clamps[0].limit == "cash_account"


def test_exits_of_all_symbols_come_before_entries():
    proposals = [direction("long"), DirectionProposal(BBB, Direction.FLAT, Decimal(0))]
    compiled = compile_proposals(proposals, rules({"kind": "all_in", "cap": "0.1"}), facts(held={BBB: 20}, cash=99_000))
    assert sent(compiled) == [("BBB", "sell", 20), ("AAA", "buy", 100)]


def test_fractions_are_traded_where_the_quote_says_so():
    known = facts(prices={AAA: "300"}, whole=False)
    sizing = rules({"kind": "as_decided", "cap": "0.1"})
    assert sent(compile_proposal(ExposureProposal(AAA, Decimal(1)), sizing, known)) == [
        ("AAA", "buy", dec("33.333333"))
    ]


@pytest.mark.parametrize(
    ("keys", "limit"), [({"band": "0.02"}, "rebalance_band"), ({"min_trade_value": 1_500}, "min_trade_value")]
)
def test_small_changes_are_not_traded_but_exits_are(keys, limit):
    sizing = rules({"kind": "as_decided", "cap": "0.1", **keys})
    known = facts(held={AAA: 90}, cash=91_000)
    compiled = compile_proposal(ExposureProposal(AAA, Decimal(1)), sizing, known)
    assert sent(compiled) == []
    assert [(c.limit, c.asked, c.allowed) for c in compiled.clamps] == [(limit, 10, 0)]
    assert compiled.targets[0].quantity == 90
    small = facts(held={AAA: 1}, cash=99_900)
    assert sent(compile_proposal(ExposureProposal(AAA, Decimal(0)), sizing, small)) == [("AAA", "sell", 1)]


def test_symbols_that_were_not_asked_for_and_two_proposals_for_one_are_refused():
    strange = DirectionProposal(Symbol("ZZZ"), Direction.LONG, Decimal(1))
    with pytest.raises(InvalidOutput, match="ZZZ was not asked for; the symbols are AAA, BBB"):
        compile_proposal(strange, rules({"kind": "all_in"}), facts())
    with pytest.raises(InvalidOutput, match="more than one proposal is for AAA"):
        compile_proposals([direction("long"), direction("flat")], rules({"kind": "all_in"}), facts())


def test_kinds_are_not_mixed_and_have_the_sizing_that_fits():
    with pytest.raises(ConfigError, match="different kinds: direction, rating"):
        compile_proposals([direction("long"), rating("buy")], rules({"kind": "all_in"}), facts())
    with pytest.raises(ConfigError, match="decision rating cannot have sizing unit; use one of: rating_map"):
        compile_proposal(rating("buy"), rules({"kind": "unit"}), facts())


def test_a_position_is_closed_at_its_horizon_unless_it_is_wanted_again():
    exits = {"kind": "horizon", "sessions": 5}
    for age, orders in ((4, []), (5, [("AAA", "sell", 9)])):
        known = facts(held={AAA: 9}, overlays=OverlayFacts(held_sessions={AAA: age}))
        assert sent(compile_proposal(direction("keep"), rules({"kind": "unit"}, exits=exits), known)) == orders
        assert sent(compile_proposal(direction("long"), rules({"kind": "unit"}, exits=exits), known))[0][1] == "buy"


def test_the_quote_of_another_day_marks_the_equity():
    known = facts(held={AAA: 100}, cash=0)
    known.quotes[AAA] = quote(AAA, 200)
    assert known.equity == 20_000


@pytest.mark.parametrize(
    ("said", "words"),
    [
        (direction("flat"), "takes no side; say long or short"),
        (direction("long"), "from 1.2 to 1.8, not absent"),
        (direction("long", reward_to_risk=dec("2.5")), "from 1.2 to 1.8, not 2.5"),
    ],
    ids=["no-side", "no-ratio", "ratio"],
)
def test_a_forced_direction_takes_a_side_and_a_ratio_in_range(said, words):
    forced = rules({"kind": "all_in"}, forced=True, reward_to_risk=["1.2", "1.8"])
    with pytest.raises(InvalidOutput, match=words):
        compile_proposal(said, forced, facts())
    assert compile_proposal(direction("short", reward_to_risk=dec("1.8")), forced, facts()).orders
