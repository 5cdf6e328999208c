"""Each limit by a hand-worked example. The account holds 100,000 and CALDR closed at 100, unless a test says so."""

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from openoutcry.domain.account import AccountState, Holding
from openoutcry.domain.brief import Brief
from openoutcry.domain.decision import RiskOutcome
from openoutcry.domain.ids import Symbol
from openoutcry.domain.orders import Order
from openoutcry.risk.limit_checks import LIMITS, max_position
from openoutcry.risk.limit_settings import Limits
from openoutcry.risk.limits import apply_limits
from openoutcry.risk.projection import initial_projection

Briefs = Callable[..., Brief]
Orders = Callable[..., Order]
Holdings = Callable[..., Holding]
Words = dict[str, object]

BIG = Decimal(1_000_000)
OPEN = Limits(
    target_volatility=BIG,
    max_position=BIG,
    max_gross=BIG,
    max_net=BIG,
    max_order_notional=BIG * BIG,
    max_loss=BIG * BIG,
    price_collar=BIG,
    max_volume_share=BIG,
    min_price=Decimal(0),
    min_daily_notional=Decimal(0),
)
"""Limits that allow everything, so that a test can close one of them."""


def judge(
    brief: Brief, *orders: Order, limits: Limits = OPEN, conviction: object = 1, scale: object = 1
) -> RiskOutcome:
    return apply_limits(orders, Decimal(str(conviction)), Decimal(str(scale)), brief, limits)


def closing(limits: Words) -> Limits:
    """Return limits that allow everything but what `limits` says."""
    closed = {name: value if isinstance(value, frozenset) else Decimal(str(value)) for name, value in limits.items()}
    everything: dict[str, Any] = {name: getattr(OPEN, name) for name in OPEN.__slots__}
    return Limits(**{**everything, **closed})


def cut(outcome: RiskOutcome) -> list[tuple[str, int, Decimal]]:
    return [(clamp.limit, int(clamp.asked), clamp.allowed) for clamp in outcome.clamps]


def test_nothing_is_cut_where_nothing_binds(brief: Briefs, order: Orders) -> None:
    asked = order(quantity=100)
    assert judge(brief(), asked) == RiskOutcome(asked=(asked,), allowed=(asked,))


CUTS: list[tuple[str, Words, Words, Words, object]] = [
    # 0.5 * 0.10 / (0.02 * sqrt(252)) = 0.157485 of equity; 157 shares at 100
    ("sizing", {"sigma": "0.02"}, {}, {"target_volatility": "0.10", "max_position": "10"}, 157),
    # 3 % of 5,000 shares a day
    ("max_volume_share", {"volume": 5_000}, {}, {"max_volume_share": "0.03"}, 150),
    # a limit above the close is valued where it may be filled: 20,000 / 125
    ("max_position", {}, {"kind": "limit", "limit": 125}, {"max_position": "0.20"}, 160),
    ("max_gross", {}, {}, {"max_gross": "0.5"}, 500),
    ("max_net", {}, {"action": "short"}, {"max_net": "0.3"}, 300),
    # twice the equity, at 5 % above the close: 200,000 / 105 = 1904.76
    ("buying_power", {}, {"quantity": 5_000}, {}, Decimal("1904.761904")),
    # a cash account pays for a limit order what it says: 100,000 / 99 = 1010.10
    ("buying_power", {"margin": False}, {"kind": "limit", "limit": 99, "quantity": 5_000}, {}, Decimal("1010.101010")),
    ("buying_power", {"margin": False}, {"quantity": 5_000}, {}, Decimal("952.380952")),
    # a short may be filled above its limit
    (
        "buying_power",
        {},
        {"action": "short", "kind": "limit", "limit": 100, "quantity": 5_000},
        {},
        Decimal("1904.761904"),
    ),
    ("max_order_notional", {}, {}, {"max_order_notional": 25_000}, 250),
    # a trailing stop to buy stands at 105 now: 21,000 / 105
    ("max_order_notional", {}, {"kind": "trailing_stop", "trail": 5}, {"max_order_notional": 21_000}, 200),
    # 2 % of 100,000 is 2,000; the stop is 8 away from the entry
    ("max_loss", {}, {"order_class": "oto", "stop_loss": 92}, {"max_loss": "0.02"}, 250),
    # a stop that trails loses no more than that, however wide its trail, and counts for no less where it is narrow
    ("max_loss", {}, {"order_class": "oto", "stop_loss": 92, "stop_loss_trail": 60}, {"max_loss": "0.02"}, 250),
    ("max_loss", {}, {"order_class": "oto", "stop_loss": 92, "stop_loss_trail": 1}, {"max_loss": "0.02"}, 250),
    # and here 12 away from where a stop-limit may be filled at worst
    (
        "max_loss",
        {},
        {"kind": "stop_limit", "stop": 101, "limit": 104, "order_class": "oto", "stop_loss": 92},
        {"max_loss": "0.02"},
        Decimal("166.666666"),
    ),
    ("max_loss", {}, {"action": "short", "order_class": "oto", "stop_loss": 110}, {"max_loss": "0.02"}, 200),
]


@pytest.mark.parametrize(("name", "account", "asked", "closed", "allowed"), CUTS, ids=str)
def test_a_limit_cuts_an_order_to_a_hand_worked_quantity(
    brief: Briefs, order: Orders, name: str, account: Words, asked: Words, closed: Words, allowed: object
) -> None:
    one = order(**{"quantity": 1_000, **asked})
    conviction = one.action.sign * Decimal("0.5")
    outcome = judge(brief(**account), one, limits=closing(closed), conviction=conviction)
    binding = [clamp for clamp in outcome.clamps if clamp.limit != "whole_shares"][-1]
    assert binding.limit == name
    assert binding.allowed == allowed
    assert [standing.quantity for standing in outcome.allowed] == [int(Decimal(str(allowed)))]
    assert outcome.denied == ()


def test_a_reducing_account_denies_entries_and_allows_exits(brief: Briefs, order: Orders) -> None:
    held = brief(held=50)
    reducing = replace(held, account=replace(held.account, state=AccountState.REDUCING))
    outcome = judge(reducing, order(action="sell", quantity=20), order(quantity=10))
    assert [each.reason for each in outcome.denied] == ["account is reducing"]
    assert [(each.action, each.quantity) for each in outcome.allowed] == [("sell", 20)]
    assert judge(held, order(quantity=10)).denied == ()


DENIALS: list[tuple[str, Words, Words, Words, object]] = [
    ("risk_committee", {}, {}, {"scale": 0}, 1),
    ("position_held", {}, {"action": "sell"}, {}, -1),
    ("position_held", {"held": -50}, {"action": "sell"}, {}, -1),
    ("position_held", {"held": 50}, {"action": "cover"}, {}, 1),
    ("named_lots", {"held": 50}, {"action": "sell", "lots": "a"}, {}, -1),
    ("named_lots", {"held": 50, "lots": ("a", "b")}, {"action": "sell", "lots": "a c"}, {}, -1),
    ("named_lots", {"held": 50, "lots": ("a", "b")}, {"action": "sell", "lots": "a b a"}, {}, -1),
    ("named_lots", {"held": -50, "lots": ()}, {"action": "cover", "lots": "a"}, {}, 1),
    ("named_lots", {"held": 50, "lots": ("a",)}, {"lots": "a"}, {}, 1),
    ("opposite_position", {"held": -50}, {}, {}, 1),
    ("opposite_position", {"held": 50}, {"action": "short"}, {}, -1),
    ("cash_account", {"margin": False}, {"action": "short"}, {}, -1),
    ("conviction", {}, {}, {}, "-0.2"),
    ("conviction", {}, {}, {}, 0),
    ("conviction", {}, {"action": "short"}, {}, "0.2"),
    ("sizing", {"sigma": None}, {}, {}, 1),
    ("restricted", {}, {}, {"restricted": frozenset({Symbol("CALDR")})}, 1),
    ("min_price", {"close": "0.99"}, {}, {"min_price": Decimal(1)}, 1),
    ("min_daily_notional", {"volume": 99}, {}, {"min_daily_notional": Decimal(10_000)}, 1),
    ("price_collar", {}, {"kind": "limit", "limit": "79.99"}, {"price_collar": Decimal("0.2")}, 1),
    ("price_collar", {}, {"kind": "stop", "stop": "120.01"}, {"price_collar": Decimal("0.2")}, 1),
    ("price_collar", {}, {"kind": "trailing_stop", "trail": "20.01"}, {"price_collar": Decimal("0.2")}, 1),
    ("sizing", {"cash": 70_000, "held": 300}, {}, {"max_position": Decimal("0.2")}, 1),
    ("whole_shares", {}, {"quantity": 1}, {"scale": "0.9"}, 1),
]


@pytest.mark.parametrize(("name", "account", "asked", "closed", "conviction"), DENIALS, ids=str)
def test_a_limit_that_leaves_nothing_denies_with_its_reason(
    brief: Briefs, order: Orders, name: str, account: Words, asked: Words, closed: Words, conviction: object
) -> None:
    settings = {key: value for key, value in closed.items() if key != "scale"}
    limits = closing(settings)
    one = order(**asked)
    outcome = judge(brief(**account), one, limits=limits, conviction=conviction, scale=closed.get("scale", 1))
    assert outcome.allowed == ()
    assert [denied.order for denied in outcome.denied] == [one]
    assert outcome.clamps[-1].limit == name
    assert outcome.denied[0].reason == outcome.clamps[-1].reason
    assert outcome.clamps[-1].allowed == 0


@pytest.mark.parametrize(
    ("account", "asked", "room"),
    [
        # 20,000 of 100,000, of which 30 shares (3,000) are held already
        ({"cash": 97_000, "held": 30}, {}, 170),
        # a limit below the close is valued where the market stands
        ({}, {"kind": "limit", "limit": 80}, 200),
        ({"cash": 103_000, "held": -30}, {"action": "short"}, 170),
        ({"cash": 70_000, "held": 300}, {}, 0),
    ],
    ids=str,
)
def test_the_largest_position_holds_without_the_help_of_sizing(
    brief: Briefs, order: Orders, account: Words, asked: Words, room: int
) -> None:
    picture = initial_projection(brief(**account), Limits(max_position=Decimal("0.2")), Decimal(1), Decimal(1))
    assert max_position(order(**asked), picture).quantity == room


def test_the_edge_of_a_collar_is_inside_it(brief: Briefs, order: Orders) -> None:
    limits = replace(OPEN, price_collar=Decimal("0.2"))
    for level in (80, 120):
        assert judge(brief(), order(kind="limit", limit=level), limits=limits).clamps == ()


def test_exits_may_rest_beyond_the_collar(brief: Briefs, order: Orders) -> None:
    limits = replace(OPEN, price_collar=Decimal("0.05"))
    bracket = order(order_class="bracket", target=150, stop_loss=60)
    stop = order("sell", 50, "stop", stop=60)
    assert judge(brief(held=50), bracket, stop, limits=limits).clamps == ()


def test_an_exit_is_cut_to_the_position_held(brief: Briefs, order: Orders) -> None:
    outcome = judge(brief(held=-30), order("cover", 50), conviction=-1)
    assert cut(outcome) == [("position_held", 50, Decimal(30))]
    assert outcome.allowed[0].quantity == 30


def test_two_exits_together_close_no_more_than_is_held(brief: Briefs, order: Orders) -> None:
    outcome = judge(brief(held=50), order("sell", 40, name="a"), order("sell", 40, "limit", limit=120, name="b"))
    assert [standing.quantity for standing in outcome.allowed] == [40, 10]


def test_the_committee_scales_first_and_every_later_cut_is_on_record(brief: Briefs, order: Orders) -> None:
    limits = replace(OPEN, max_position=Decimal("0.4"), max_order_notional=Decimal(12_550))
    outcome = judge(brief(), order(quantity=1_001), limits=limits, scale="0.5")
    assert cut(outcome) == [
        ("risk_committee", 1001, Decimal("500.5")),
        ("sizing", 500, Decimal(400)),
        ("max_order_notional", 400, Decimal("125.5")),
        ("whole_shares", 125, Decimal(125)),
    ]


def test_a_scale_above_one_raises_nothing(brief: Briefs, order: Orders) -> None:
    assert judge(brief(), order(), scale=3).allowed == (order(),)


def test_the_committee_shrinks_exits_too(brief: Briefs, order: Orders) -> None:
    assert judge(brief(held=100), order("sell", 100), scale="0.25").allowed[0].quantity == 25


def test_exits_pass_every_limit_on_openings(brief: Briefs, order: Orders) -> None:
    shut = Limits(
        target_volatility=Decimal(0),
        max_position=Decimal(0),
        max_gross=Decimal(0),
        max_net=Decimal(0),
        max_order_notional=Decimal(0),
        max_loss=Decimal(0),
        price_collar=Decimal(0),
        max_volume_share=Decimal(0),
        min_price=Decimal(10_000),
        min_daily_notional=BIG * BIG,
        restricted=frozenset({Symbol("CALDR")}),
    )
    out = order("sell", 100, "limit", limit=150)
    assert judge(brief(held=100, cash=-50_000), out, limits=shut, conviction=0).allowed == (out,)


def test_open_lots_may_be_named_and_need_not_be(brief: Briefs, order: Orders) -> None:
    picking = brief(held=50, lots=("a", "b"))
    named, unnamed = order("sell", 20, lots="b a", name="named"), order("sell", 20, name="unnamed")
    assert judge(picking, named, unnamed).allowed == (named, unnamed)


def test_two_orders_share_the_room_under_a_limit(brief: Briefs, order: Orders) -> None:
    limits = replace(OPEN, max_gross=Decimal("0.5"))
    outcome = judge(brief(), order(quantity=300, name="a"), order(quantity=300, name="b"), limits=limits)
    assert [standing.quantity for standing in outcome.allowed] == [300, 200]


def test_two_stops_share_the_loss_that_is_allowed(brief: Briefs, order: Orders) -> None:
    limits = replace(OPEN, max_loss=Decimal("0.02"))
    legs = [order(quantity=150, order_class="oto", stop_loss=90, name=name) for name in "ab"]
    assert [standing.quantity for standing in judge(brief(), *legs, limits=limits).allowed] == [150, 50]


def test_two_orders_share_the_buying_power(brief: Briefs, order: Orders) -> None:
    legs = [order("buy", 600, "limit", limit=100, name=name) for name in "ab"]
    assert [standing.quantity for standing in judge(brief(margin=False), *legs).allowed] == [600, 400]


def test_a_market_exit_on_margin_frees_buying_power(brief: Briefs, order: Orders) -> None:
    full = brief(held=2_000, cash=-100_000)
    assert judge(full, order("buy", 100)).allowed == ()
    # 100,000 freed, at a worst price of 105
    outcome = judge(full, order("sell", 1_000, name="out"), order("buy", 2_000, name="in"))
    assert [standing.quantity for standing in outcome.allowed] == [1_000, 952]


def test_a_market_exit_makes_room_and_a_resting_one_does_not(brief: Briefs, order: Orders) -> None:
    limits = replace(OPEN, max_gross=Decimal("0.5"))
    full = brief(held=500, cash=50_000)
    more = order("buy", 100, name="more")
    sold = judge(full, order("sell", 100, name="out"), more, limits=limits)
    rested = judge(full, order("sell", 100, "limit", limit=110, name="out"), more, limits=limits)
    assert [standing.client_order_id for standing in sold.allowed] == ["out", "more"]
    assert [standing.client_order_id for standing in rested.allowed] == ["out"]


def test_a_cash_account_does_not_spend_the_proceeds_of_a_sale(brief: Briefs, order: Orders) -> None:
    broke = brief(held=500, cash=0, margin=False)
    outcome = judge(broke, order("sell", 500, name="out"), order("buy", 10, name="more"))
    assert [clamp.limit for clamp in outcome.clamps] == ["buying_power"]


def test_a_long_may_be_sold_and_turned_into_a_short_at_the_market(brief: Briefs, order: Orders) -> None:
    turn = [order("sell", 50, name="out"), order("short", 20, name="in")]
    assert judge(brief(held=50), *turn, conviction=-1).clamps == ()
    assert [c.limit for c in judge(brief(held=50), turn[1], conviction=-1).clamps] == ["opposite_position"]


def test_other_holdings_count_towards_gross_and_net(brief: Briefs, order: Orders, holding: Holdings) -> None:
    # 60,000 of AAA long and 20,000 of BBB short, with 60,000 of cash: gross 80,000, net 40,000, equity 100,000
    mixed = brief(cash=60_000, others=(holding(600, 100, "AAA"), holding(-200, 100, "BBB")))
    one = order(quantity=1_000)
    gross = judge(mixed, one, limits=replace(OPEN, max_gross=Decimal(1)))
    net = judge(mixed, one, limits=replace(OPEN, max_net=Decimal(1)))
    short = judge(mixed, order("short", 2_000), limits=replace(OPEN, max_net=Decimal("0.5")), conviction=-1)
    assert (gross.allowed[0].quantity, net.allowed[0].quantity) == (Decimal(200), Decimal(600))
    assert short.allowed[0].quantity == 900


def test_open_orders_that_open_are_counted_as_filled(brief: Briefs, order: Orders) -> None:
    resting = order(quantity=150, kind="limit", limit=90, name="old")
    limits = replace(OPEN, max_position=Decimal("0.2"))
    outcome = judge(brief(open_orders=(resting,)), order(), limits=limits)
    assert outcome.allowed[0].quantity == 50


def test_open_exits_are_not_counted(brief: Briefs, order: Orders) -> None:
    guard = order("sell", 50, "stop", stop=90, name="guard")
    assert judge(brief(held=50, open_orders=(guard,)), order("sell", 50)).clamps == ()


def test_open_orders_of_other_symbols_count_at_the_highest_price_known(
    brief: Briefs, order: Orders, holding: Holdings
) -> None:
    limits = replace(OPEN, max_gross=Decimal("0.5"))
    priced = order(quantity=100, symbol="AAA", order_class="bracket", target=120, stop_loss=90)
    held = order(quantity=100, symbol="BBB")
    unknown = order(quantity=100, symbol="CCC")
    short = order("short", 50, symbol="DDD", order_class="bracket", target=90, stop_loss=110)
    busy = brief(open_orders=(priced, held, unknown, short), others=(holding(10, 50, "BBB"),), cash=99_500)
    # 50,000 less the brackets at 120 and 110, BBB at its mark of 50, and the 500 of it already held; CCC has no price
    outcome = judge(busy, order(quantity=1_000), limits=limits)
    assert outcome.allowed[0].quantity == (50_000 - 12_000 - 5_500 - 5_000 - 500) / 100


def test_fractions_survive_where_they_are_traded(brief: Briefs, order: Orders) -> None:
    limits = replace(OPEN, max_order_notional=Decimal(1_000))
    outcome = judge(brief(whole=False, close=30), order(quantity="50.5"), limits=limits)
    assert outcome.allowed[0].quantity == Decimal("33.333333")
    assert [clamp.limit for clamp in outcome.clamps] == ["max_order_notional"]


def test_an_account_without_equity_opens_nothing(brief: Briefs, order: Orders) -> None:
    assert judge(brief(cash=-1), order()).allowed == ()


def test_a_million_shares_are_cut_to_the_limits(brief: Briefs, order: Orders) -> None:
    outcome = judge(brief(), order(quantity=1_000_000), limits=Limits())
    assert outcome.allowed[0].quantity == 100  # 2 % of 100,000 over a stop that is taken to be 20 % of 100 away
    assert outcome.clamps[0].asked == 1_000_000


def test_quantities_on_record_are_plain_numbers(brief: Briefs, order: Orders) -> None:
    outcome = judge(brief(), order(quantity=1_000_000), limits=Limits())
    assert [str(clamp.allowed) for clamp in outcome.clamps] == ["200", "100"]
    assert str(judge(brief(), order(quantity=101), scale="0.5").clamps[0].allowed) == "50.5"


def test_every_limit_has_a_name_of_its_own() -> None:
    assert len({limit.name for limit in LIMITS}) == len(LIMITS)
