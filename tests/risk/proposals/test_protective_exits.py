"""Protective orders: legs, levels and their defects; AAA closes at 100."""

import math
from decimal import Decimal
from itertools import pairwise
from statistics import stdev

import pytest
from openoutcry.domain.errors import InvalidOutput, NoData
from openoutcry.domain.proposal import Direction, DirectionProposal
from openoutcry.domain.remarks import TradingStyle
from openoutcry.risk.proposals.compile import compile_proposal
from openoutcry.risk.proposals.facts import EstimateFacts, OverlayFacts
from pydantic import ValidationError

from tests.risk.proposals.builders import AAA, dec, facts, rules

ALL_IN = {"kind": "all_in", "cap": "0.1"}
MULTIPLES = {
    "kind": "vol_multiple",
    "stop": {"aggressive": 3, "balanced": 2, "conservative": 1},
    "target": {"aggressive": 6, "balanced": 4, "conservative": 2},
}
CLOSES = (97, 99, 98, 101, 100, 102, 99, 98, 100, 101, 100)


def entry(side: str, exits: dict[str, object], held: int = 0, known: dict[str, object] | None = None, **said: object):
    way = Direction(side)
    proposal = DirectionProposal(AAA, way, Decimal(way.sign), **said)
    compiled = compile_proposal(proposal, rules(ALL_IN, exits=exits), facts(held={AAA: held}, **(known or {})))
    return compiled.orders[-1]


def levels(order):
    stop = order.stop_loss.stop_price if order.stop_loss else None
    target = order.take_profit.limit_price if order.take_profit else None
    return order.order_class.value, stop, target


BRACKET = {"kind": "bracket", "stop": "0.02"}


@pytest.mark.parametrize(
    ("side", "exits", "said", "expected"),
    [
        ("long", {"kind": "as_ordered"}, {}, ("simple", None, None)),
        ("long", {"kind": "as_ordered"}, {"stop": "95"}, ("oto", "95", None)),
        ("long", {"kind": "none"}, {"stop": "95"}, ("simple", None, None)),
        ("long", BRACKET, {"reward_to_risk": "1.5"}, ("bracket", "98", "103")),
        ("short", BRACKET, {"reward_to_risk": "1.5"}, ("bracket", "102", "97")),
        ("long", BRACKET, {}, ("oto", "98", None)),
        ("long", BRACKET | {"reward_to_risk": 2}, {"reward_to_risk": "1.5"}, ("bracket", "98", "104")),
        ("long", BRACKET, {"stop": "90", "reward_to_risk": "1.2"}, ("bracket", "90", "112")),
        ("long", {"kind": "bracket", "stop": "0.0005"}, {"reward_to_risk": "1.2"}, ("bracket", "99.95", "100.06")),
        ("long", {"kind": "bracket", "stop": "0.00001"}, {}, ("oto", "99.99", None)),
    ],
    ids=["plain", "own-stop", "none", "long", "short", "no-ratio", "fixed-ratio", "own", "quantagent", "one-tick"],
)
def test_the_legs_of_an_entry(side, exits, said, expected):
    order = entry(side, exits, **{name: dec(value) for name, value in said.items()})
    name, stop, target = expected
    assert levels(order) == (name, stop and dec(stop), target and dec(target))


def test_a_flip_carries_its_legs_on_the_waiting_entry():
    order = entry("short", BRACKET, held=10)
    assert (order.action, *levels(order)) == ("short", "oto", 102, None)


def test_exits_carry_no_legs():
    assert levels(entry("flat", BRACKET, held=10)) == ("simple", None, None)


@pytest.mark.parametrize(
    ("style", "stop", "target"), [("aggressive", 3, 6), ("balanced", 2, 4), ("conservative", 1, 2)]
)
def test_tradinggroup_measures_exits_in_standard_deviations(style, stop, target):
    closes = EstimateFacts(closes={AAA: tuple(map(Decimal, (50, *CLOSES)))})
    known = {"estimates": closes, "overlays": OverlayFacts(style=TradingStyle(style))}
    order = entry("long", MULTIPLES, known=known)
    sigma = stdev(math.log(b / a) for a, b in pairwise(CLOSES))
    assert order.order_class == "bracket"
    assert float(order.stop_loss.stop_price) == pytest.approx(100 * (1 - stop * sigma), abs=0.0051)
    assert float(order.take_profit.limit_price) == pytest.approx(100 * (1 + target * sigma), abs=0.0051)


def test_multiples_need_closes_and_a_style_and_have_no_default():
    closes = EstimateFacts(closes={AAA: tuple(map(Decimal, CLOSES))})
    with pytest.raises(NoData, match="need a trading style"):
        entry("long", MULTIPLES, known={"estimates": closes})
    with pytest.raises(NoData, match="AAA has 0 closes; 10 daily returns need 11"):
        entry("long", MULTIPLES, known={"overlays": OverlayFacts(style=TradingStyle.BALANCED)})
    with pytest.raises(ValidationError, match=r"stop\.aggressive"):
        rules(ALL_IN, exits=MULTIPLES | {"stop": {"balanced": 2, "conservative": 1}})


@pytest.mark.parametrize(("side", "stop"), [("long", 100), ("long", 101), ("short", 99)])
def test_a_stop_on_the_wrong_side_is_refused(side, stop):
    with pytest.raises(InvalidOutput, match="the last close of 100"):
        entry(side, {"kind": "as_ordered"}, stop=dec(stop))


def test_a_protected_entry_is_whole_shares():
    order = entry("long", BRACKET, known={"prices": {AAA: "300"}, "whole": False})
    assert order.quantity == 33


def test_an_entry_that_is_split_may_have_legs():
    assert rules(ALL_IN, exits=BRACKET, execution={"kind": "twap"}).exits.kind == "bracket"
