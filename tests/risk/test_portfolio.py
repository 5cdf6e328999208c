"""The limits over a whole account: never more than asked, never above a limit, whatever the order of decisions."""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from decisions import decision, plain_order
from hypothesis import given
from hypothesis import strategies as st
from openoutcry.domain.account import Account, Holding
from openoutcry.domain.decision import Outcome, RiskOutcome
from openoutcry.domain.errors import ConfigError
from openoutcry.domain.ids import ClientOrderId, Symbol
from openoutcry.domain.orders import RestingAction, RestingOrderAction
from openoutcry.domain.outputs import Rating, Thesis
from openoutcry.risk.portfolio import allocate
from openoutcry.risk.portfolio_limits import PortfolioLimits, Scaling, validate_portfolio
from openoutcry.risk.portfolio_room import PortfolioFacts

AS_OF = datetime(2025, 3, 3, 21, tzinfo=UTC)
SYMBOLS = tuple(map(Symbol, "ABCDEF"))
SECTORS = dict(zip(SYMBOLS, ("tech", "tech", "tech", "oil", "oil", "food"), strict=True))
CLUSTERS = (frozenset(map(Symbol, "BD")),)
OFF = PortfolioLimits(None, None, None, None, None, max_turnover=None, max_new_names=None)


def facts(**prices):
    known = {symbol: Decimal(prices.get(symbol, 10)) for symbol in SYMBOLS}
    return PortfolioFacts(known, SECTORS, CLUSTERS)


def thesis(conviction):
    return Thesis.model_construct(rating=Rating.BUY, conviction=conviction)


def made(symbol, *orders, conviction=0.5, superseded=(), actions=()):
    found = decision(f"run-{symbol}", symbol, AS_OF, *orders, superseded=superseded)
    stated = tuple(RestingOrderAction(ClientOrderId(name), action) for name, action in actions)
    ended = tuple(each.client_order_id for each in stated if each.action is not RestingAction.KEEP)
    return replace(found, thesis=thesis(conviction), resting_actions=stated, superseded=found.superseded or ended)


def entry(symbol, quantity, action="buy", **more):
    return plain_order(f"{symbol}-in", symbol, action, quantity, **more)


def quantities(decisions):
    return {order.client_order_id: order.quantity for each in decisions for order in each.risk.allowed}


def account(cash=100_000, held=(), orders=(), *, margin=True):
    holdings = {
        Symbol(symbol): Holding(Symbol(symbol), Decimal(quantity), Decimal(10), Decimal(10))
        for symbol, quantity in held
    }
    return Account("a", Decimal(cash), margin, holdings, tuple(orders))


def test_pro_rata_scales_every_order_under_a_limit_alike():
    asked = [made("A", entry("A", 300)), made("B", entry("B", 100)), made("F", entry("F", 50))]
    limits = replace(OFF, max_sector=Decimal("0.02"))  # 2,000 of equity: 200 shares of tech
    after = allocate(asked, account(), facts(), limits)
    assert quantities(after) == {"A-in": 150, "B-in": 50, "F-in": 50}
    assert [clamp.limit for each in after for clamp in each.risk.clamps] == ["portfolio_max_sector"] * 2
    assert "tech may be 2% of equity" in after[0].risk.clamps[0].reason


def test_in_order_serves_the_strongest_conviction_first():
    asked = [made("A", entry("A", 300), conviction=0.2), made("B", entry("B", 150), conviction=-0.9)]
    limits = replace(OFF, max_gross=Decimal("0.02"), scaling=Scaling.IN_ORDER)
    assert quantities(allocate(asked, account(), facts(), limits)) == {"B-in": 150, "A-in": 50}


def test_what_is_held_and_what_rests_counts():
    resting = plain_order("old", "C", "buy", 40, limit="12")
    limits = replace(OFF, max_gross=Decimal("0.0203"))
    equity = account(99_000, [("D", 100)], [resting])
    after = allocate([made("A", entry("A", 90))], equity, facts(), limits)
    assert quantities(after) == {"A-in": 55}  # 2,030 - 100 * 10 - 40 * 12 = 550


def test_entries_that_are_replaced_do_not_count_unless_nothing_replaces_them():
    resting = plain_order("old", "A", "buy", 100, limit="10")
    limits = replace(OFF, max_gross=Decimal("0.01"))
    replaced = allocate([made("A", entry("A", 90), superseded=["old"])], account(orders=[resting]), facts(), limits)
    assert quantities(replaced) == {"A-in": 90}
    tight = replace(limits, max_name=Decimal("0.0001"))
    both = [made("A", entry("A", 90), superseded=["old"]), made("B", entry("B", 1), superseded=[])]
    kept = allocate(both, account(orders=[resting]), facts(), tight)
    assert (quantities(kept), kept[0].outcome) == ({}, Outcome.HOLD)  # A's old order stays and fills the limit


def test_exits_are_never_cut_and_count_as_turnover():
    closing = plain_order("out", "D", "sell", 100)
    asked = [made("D", closing), made("A", entry("A", 100))]
    limits = replace(OFF, max_turnover=Decimal("0.015"))
    after = allocate(asked, account(99_000, [("D", 100)]), facts(), limits)
    assert quantities(after) == {"out": 100, "A-in": 50}


def test_new_names_are_counted_by_rank():
    asked = [made(s, entry(s, 1), conviction=c) for s, c in (("A", 0.1), ("B", 0.9), ("C", 0.5), ("D", 0.05))]
    after = allocate(asked, account(held=[("D", 5)]), facts(), replace(OFF, max_new_names=2))
    assert set(quantities(after)) == {"B-in", "C-in", "D-in"}
    assert after[0].risk.denied[0].reason == "a session may open 2 new names"


def test_a_cash_account_spends_its_cash_once():
    asked = [made("A", entry("A", 80)), made("B", entry("B", 80))]
    after = quantities(allocate(asked, account(1_000, margin=False), facts(), OFF))
    assert sum(after.values()) * Decimal("10.5") <= 1_000
    assert set(after) == {"A-in", "B-in"}


def test_an_entry_without_a_price_is_denied():
    unknown = made("X", entry("X", 5))
    (after,) = allocate([unknown], account(), facts(), PortfolioLimits())
    assert (after.outcome, after.risk.denied[0].reason) == (Outcome.HOLD, "X has no price")


def test_children_shrink_with_their_parent_and_fractions_stay_fractions():
    bracket = entry("A", 100, stop="8.00", target="14.00")
    part = entry("B", "0.5")
    limits = replace(OFF, max_gross=Decimal("0.005"))
    after = allocate([made("A", bracket), made("B", part)], account(), facts(), limits)
    kept = {order.client_order_id: order for each in after for order in each.risk.allowed}
    assert kept["A-in"].quantity == 49
    assert kept["A-in"].stop_loss == bracket.stop_loss
    assert 0 < kept["B-in"].quantity < Decimal("0.5")


@pytest.mark.parametrize(
    "wrong", [{"max_gross": Decimal(0)}, {"max_sector": Decimal(20)}, {"cluster_sessions": 3}, {"max_new_names": -1}]
)
def test_limits_that_limit_nothing_or_everything_are_refused(wrong):
    with pytest.raises(ConfigError, match=f"portfolio.{next(iter(wrong))}"):
        validate_portfolio(PortfolioLimits(**wrong))


shares = st.one_of(st.none(), st.decimals("0.001", "2", places=3))
limit_sets = st.builds(
    PortfolioLimits,
    max_gross=shares,
    max_net=shares,
    max_name=shares,
    max_sector=shares,
    max_cluster=shares,
    max_turnover=shares,
    max_new_names=st.one_of(st.none(), st.integers(0, 6)),
    scaling=st.sampled_from(Scaling),
)


@pytest.mark.parametrize(
    ("action", "allowed"), [("keep", 100), ("replace", 200), ("cancel", 200)], ids=["keep", "replace", "cancel"]
)
def test_a_kept_entry_counts_beside_the_new_one_and_one_that_ends_does_not(action, allowed):
    resting = plain_order("old", "A", "buy", 100, limit="10")
    limits = replace(OFF, max_name=Decimal("0.02"))  # 2,000 of equity: 200 shares
    asked = made("A", entry("A", 400), actions=[("old", RestingAction(action))])
    assert quantities(allocate([asked], account(orders=[resting]), facts(), limits)) == {"A-in": allowed}


@pytest.mark.parametrize(("action", "allowed"), [("replace", 360), ("cancel", 460)], ids=["replace", "cancel"])
def test_an_entry_whose_successor_is_cut_to_nothing_counts_unless_it_is_canceled(action, allowed):
    book = account(held=[("A", 600)], orders=[plain_order("old", "A", "buy", 100, limit="10")])  # equity 106,000
    limits = replace(OFF, max_name=Decimal("0.05"), max_gross=Decimal("0.1"), scaling=Scaling.IN_ORDER)
    first = made("A", entry("A", 5), conviction=0.9, actions=[("old", RestingAction(action))])
    assert quantities(allocate([first, made("D", entry("D", 500))], book, facts(), limits)) == {"D-in": allowed}


def test_an_entry_that_stays_because_the_limits_denied_its_successor_counts():
    resting = plain_order("old", "A", "buy", 100, limit="10")
    denied = replace(
        made("A", superseded=["old"]), risk=RiskOutcome(asked=(entry("A", 1),), allowed=()), outcome=Outcome.HOLD
    )
    limits = replace(OFF, max_gross=Decimal("0.02"))
    both = [denied, made("B", entry("B", 400))]
    assert quantities(allocate(both, account(orders=[resting]), facts(), limits)) == {"B-in": 100}


@st.composite
def situations(draw):
    """Return decisions and the account that they are made for: positions, resting entries, entries, exits."""
    held, resting, asked = [], [], []
    for symbol in draw(st.lists(st.sampled_from(SYMBOLS), unique=True, min_size=1)):
        side = draw(st.sampled_from([1, -1]))
        size = draw(st.sampled_from([0, 0, 50, 400]))
        if size:
            held.append((symbol, side * size))
        action = "buy" if side > 0 else "short"
        if old := draw(st.booleans()):
            resting.append(plain_order(f"{symbol}-old", symbol, action, draw(st.integers(1, 300)), limit="9"))
        orders = [entry(symbol, draw(st.integers(1, 2_000)), action)] if draw(st.booleans()) else []
        if size and draw(st.booleans()):
            orders = [plain_order(f"{symbol}-out", symbol, "sell" if side > 0 else "cover", size)]
        action = draw(st.sampled_from([None, "silent", *RestingAction])) if old else None
        superseded = [f"{symbol}-old"] if action == "silent" else []
        actions = [(f"{symbol}-old", action)] if isinstance(action, RestingAction) else []
        conviction = draw(st.sampled_from([-0.9, -0.1, 0.0, 0.3, 0.3, 0.8]))
        asked.append(made(symbol, *orders, conviction=conviction, superseded=superseded, actions=actions))
    return asked, account(draw(st.sampled_from([5_000, 100_000])), held, resting)


def exposures(decisions, account):
    """Return the signed exposure by symbol after all entries fill; replaced entries count if nothing replaced them."""
    found = dict.fromkeys(SYMBOLS, Decimal(0)) | {s: held.quantity * 10 for s, held in account.holdings.items()}
    silent = [each for each in decisions if not each.resting_actions and (each.risk.allowed or not each.risk.asked)]
    gone = {name for each in silent for name in each.superseded}
    for each in decisions:
        for stated in each.resting_actions:
            if stated.action == "cancel" or (stated.action == "replace" and each.risk.allowed):
                gone.add(stated.client_order_id)
    entries = [order for order in account.open_orders if order.client_order_id not in gone]
    entries += [order for each in decisions for order in each.risk.allowed if order.action.opens]
    for order in entries:
        found[order.symbol] += order.action.sign * order.quantity * 10
    return found


def measures(found, limits):
    """Yield the size and the limit of everything that is limited, as shares of equity are compared."""
    sectors = {sector: [s for s in found if SECTORS[s] == sector] for sector in set(SECTORS.values())}
    yield sum(map(abs, found.values())), limits.max_gross
    yield abs(sum(found.values())), limits.max_net
    yield from ((abs(value), limits.max_name) for value in found.values())
    yield from ((sum(abs(found[s]) for s in each), limits.max_sector) for each in sectors.values())
    yield from ((sum(abs(found[s]) for s in each), limits.max_cluster) for each in CLUSTERS)


@given(situations(), limit_sets)
def test_no_order_grows_and_no_limit_is_exceeded(situation, limits):
    asked, book = situation
    after = allocate(asked, book, facts(), limits)
    before, left = quantities(asked), quantities(after)
    assert all(left[name] <= before[name] for name in left)
    assert {name: before[name] for name in before if name.endswith("-out")}.items() <= left.items()
    assert all(quantity == quantity.to_integral_value() for quantity in left.values())
    found = exposures(after, book)
    replaced = [name for each in after for name in each.superseded]
    kept = [order for order in book.open_orders if order.client_order_id not in replaced]
    without_orders = [exposures([], book), exposures([], replace(book, open_orders=tuple(kept)))]
    before = zip(*(measures(each, limits) for each in without_orders), strict=True)
    for (size, limit), ((held, _), (left_over, _)) in zip(measures(found, limits), before, strict=True):
        if limit is not None:  # replacing an entry alone can raise the net exposure of the other side
            assert size <= max(limit * book.equity, held, left_over)


@given(situations(), limit_sets, st.randoms())
def test_the_order_of_decisions_does_not_matter(situation, limits, draw):
    asked, book = situation
    shuffled = draw.sample(asked, len(asked))
    assert quantities(allocate(asked, book, facts(), limits)) == quantities(allocate(shuffled, book, facts(), limits))


@given(situations(), limit_sets, st.sampled_from(("max_gross", "max_net", "max_name", "max_sector", "max_cluster")))
def test_a_higher_limit_never_reduces_an_order_that_is_scaled_pro_rata(situation, limits, name):
    asked, book = situation
    plain = [replace(each, superseded=(), resting_actions=()) for each in asked]
    low = replace(limits, scaling=Scaling.PRO_RATA)
    high = replace(low, **{name: None if getattr(low, name) is None else getattr(low, name) * 2})
    less, more = (quantities(allocate(plain, book, facts(), each)) for each in (low, high))
    assert all(more.get(order, 0) >= quantity for order, quantity in less.items())
