"""Every decision kind reaches its targets within one share and one tick, within limits, and closes before it turns."""

from dataclasses import replace
from decimal import Decimal

from hypothesis import assume, given
from hypothesis import strategies as st
from openoutcry.domain.brief import Brief
from openoutcry.domain.ids import ClientOrderId
from openoutcry.domain.orders import Action, Order
from openoutcry.domain.outputs import Rating
from openoutcry.domain.proposal import (
    AllocationProposal,
    CashTarget,
    Direction,
    DirectionProposal,
    ExposureProposal,
    RatingProposal,
    RatioProposal,
    SignalSide,
    SignalsProposal,
    TargetAction,
    TargetCashProposal,
    TradeSignal,
    WeightEntry,
)
from openoutcry.risk.limits import apply_limits
from openoutcry.risk.order_rounding import MICRO_SHARE
from openoutcry.risk.proposals.compile import CompiledProposal, compile_proposal, compile_proposals
from openoutcry.risk.proposals.facts import EstimateFacts, ProposalFacts
from openoutcry.risk.proposals.wanted import WantedPosition, tradable

from tests.risk.conftest import make_brief
from tests.risk.proposals.builders import AAA, BBB, dec, facts, rules

shares = st.integers(-500, 500).map(Decimal)
weights = st.decimals(0, 1, places=3)
signed = st.decimals(-1, 1, places=3)
prices = st.decimals("0.5", "900", places=2)


@st.composite
def books(draw: st.DrawFn) -> ProposalFacts:
    margin = draw(st.booleans())
    owned = {symbol: count if margin else abs(count) for symbol in (AAA, BBB) if (count := draw(shares))}
    return facts(
        held=owned,
        prices={AAA: draw(prices), BBB: draw(prices)},
        cash=draw(st.integers(1_000_000, 3_000_000)),
        margin=margin,
        max_position=draw(st.sampled_from(["0.05", "0.2", "1"])),
        whole=draw(st.booleans()),
        estimates=EstimateFacts(predicted_sharpe={AAA: draw(signed), BBB: draw(signed)}),
    )


def held(book: ProposalFacts) -> dict[str, Decimal]:
    return {symbol: book.account.quantity(symbol) for symbol in book.quotes}


def step(book: ProposalFacts) -> Decimal:
    return Decimal(1) if book.quotes[AAA].whole_shares else MICRO_SHARE


def filled(book: ProposalFacts, orders: tuple[Order, ...]) -> dict[str, Decimal]:
    """Fill the orders one after the other, as a broker does that lets nothing be opened against a position."""
    position = held(book)
    for order in orders:
        before = position[order.symbol]
        after = before + order.action.sign * order.quantity
        if order.action.opens:
            assert before * order.action.sign >= 0
            assert (order.awaits is None) is (held(book)[order.symbol] * order.action.sign >= 0)
        else:
            assert before * order.action.sign < 0
            assert abs(after) < abs(before)
            assert before * after >= 0
        position[order.symbol] = after
    return position


def check(book: ProposalFacts, compiled: CompiledProposal, asked: dict[str, Decimal]) -> None:
    """Check that the orders reach `asked` (unrounded shares by symbol), cut to the limits, and keep everything else."""
    openings = [order.action.opens for order in compiled.orders]
    assert openings == sorted(openings)
    end, start = filled(book, compiled.orders), held(book)
    for symbol in book.quotes:
        close, equity = book.quotes[symbol].last_close, book.equity
        largest = book.limits.max_position * equity / close
        if start[symbol] * asked.get(symbol, start[symbol]) > 0:
            largest = max(largest, abs(start[symbol]))
        wanted = asked.get(symbol, start[symbol])
        if wanted < 0 and not book.account.margin:
            wanted = Decimal(0)
        wanted = max(-largest, min(largest, wanted))
        assert abs(end[symbol] - wanted) < step(book)
        assert abs(end[symbol]) <= max(abs(wanted), abs(start[symbol]) if symbol not in asked else Decimal(0))
    for order in compiled.orders:
        assert order.quantity % step(book) == 0
    assert len({order.client_order_id for order in compiled.orders}) == len(compiled.orders)


def worth(book: ProposalFacts, symbol: str, weight: Decimal) -> Decimal:
    return weight * book.equity / book.quotes[symbol].last_close


@given(book=books(), exposure=signed)
def test_exposures(book, exposure):
    compiled = compile_proposal(ExposureProposal(AAA, exposure), rules({"kind": "as_decided", "cap": 1}), book)
    check(book, compiled, {AAA: worth(book, AAA, exposure)})


@given(book=books(), side=st.sampled_from(Direction), unit=st.integers(1, 9))
def test_directions(book, side, unit):
    proposal = DirectionProposal(AAA, side, Decimal(side.sign))
    whole = {} if side is Direction.KEEP else {AAA: worth(book, AAA, Decimal(side.sign))}
    check(book, compile_proposal(proposal, rules({"kind": "all_in", "cap": 1}), book), whole)
    few = {Direction.KEEP: {}, Direction.FLAT: {AAA: Decimal(0)}}.get(side, {AAA: held(book)[AAA] + side.sign * unit})
    check(book, compile_proposal(proposal, rules({"kind": "unit", "shares": unit}), book), few)


STEPS = {"buy": "1", "overweight": "0.4", "hold": "keep", "underweight": "half", "sell": "-0.3"}


@given(book=books(), rating=st.sampled_from(Rating))
def test_ratings(book, rating):
    proposal = RatingProposal(AAA, rating, dec(rating.sign) / 2)
    stated = STEPS[rating.value]
    asked = (
        {AAA: held(book)[AAA] / 2}
        if stated == "half"
        else {AAA: worth(book, AAA, dec(stated))}
        if stated != "keep"
        else {}
    )
    check(book, compile_proposal(proposal, rules({"kind": "rating_map", "cap": 1, "map": STEPS}), book), asked)


@given(book=books(), first=weights, second=weights)
def test_allocations(book, first, second):
    assume(first + second > 0)
    proposal = AllocationProposal((WeightEntry(AAA, first), WeightEntry(BBB, second)))
    assume(first + second <= dec("1.5"))
    total = max(Decimal(1), first + second)
    asked = {AAA: worth(book, AAA, first / total), BBB: worth(book, BBB, second / total)}
    check(book, compile_proposal(proposal, rules(), book), asked)


@given(book=books(), sides=st.tuples(st.sampled_from(SignalSide), st.sampled_from(SignalSide)))
def test_signals(book, sides):
    entries = tuple(
        TradeSignal(symbol, side, (), (), Decimal(1)) for symbol, side in zip((AAA, BBB), sides, strict=True)
    )
    positive = {symbol: max(Decimal(0), ratio) for symbol, ratio in book.estimates.predicted_sharpe.items()}
    total = sum(positive.values()) or Decimal(1)
    asked = {
        entry.symbol: worth(book, entry.symbol, positive[entry.symbol] / total) * (1 if entry.action == "buy" else -1)
        for entry in entries
    }
    check(book, compile_proposal(SignalsProposal(entries), rules({"kind": "positive_sharpe"}), book), asked)


@given(book=books(), amount=st.integers(1, 100_000), other=st.sampled_from([TargetAction.HOLD, TargetAction.CLOSE]))
def test_totals_in_cash(book, amount, other):
    value = held(book)[AAA] * book.quotes[AAA].last_close
    assume(value >= 0 and held(book)[BBB] >= 0 and value != amount)
    action = TargetAction.INCREASE if amount > value else TargetAction.DECREASE
    proposal = TargetCashProposal((CashTarget(AAA, action, Decimal(amount)), CashTarget(BBB, other, None)))
    asked = {AAA: amount / book.quotes[AAA].last_close} | ({BBB: Decimal(0)} if other is TargetAction.CLOSE else {})
    check(book, compile_proposal(proposal, rules(), book), asked)


@given(book=books(), first=weights, second=weights)
def test_ratios_end_on_the_grid_without_overspending(book, first, second):
    assume(min(held(book).values()) >= 0)
    compiled = compile_proposals([RatioProposal(AAA, first), RatioProposal(BBB, second)], rules(), book)
    end = filled(book, compiled.orders)
    bought = [order.quantity * book.quotes[order.symbol].last_close for order in compiled.orders if order.action.opens]
    assert sum(bought) <= book.account.cash
    limits = book.limits.max_position * book.equity
    for symbol, ratio in ((AAA, first), (BBB, second)):
        close = book.quotes[symbol].last_close
        near = Decimal(round(ratio * 20)) / 20 * book.equity
        reached, before = end[symbol] * close, held(book)[symbol] * close
        if near <= limits and near <= before:
            assert near - close * step(book) <= reached <= near
        assert reached <= max(near, before) + close * Decimal("1e-6")
        assert reached <= max(limits, before)


@given(quantity=st.integers(1, 10**6), price=prices, equity=st.integers(1, 10**7))
def test_a_weight_of_whole_shares_keeps_them(quantity, price, equity):
    book = facts(prices={AAA: price}, cash=equity)
    position = WantedPosition(AAA, book.shares(AAA, book.weight(AAA, Decimal(quantity))), None, "")
    assert tradable(position, book) == quantity


@given(
    stake=signed,
    sigma=st.decimals("0.005", "0.05", places=3),
    owned=st.integers(-300, 300),
    volume=st.integers(0, 10**6),
)
def test_the_limits_of_orders_never_enlarge_what_was_compiled(stake, sigma, owned, volume):
    brief = make_brief(held=owned, sigma=sigma, volume=volume)
    book = of_brief(brief)
    proposal = ExposureProposal(brief.symbol, stake)
    compiled = compile_proposal(proposal, rules({"kind": "vol_target"}), book)
    (target,) = compiled.targets
    outcome = apply_limits(compiled.orders, target.conviction, Decimal(1), brief, book.limits)
    asked = {order.client_order_id: order.quantity for order in compiled.orders}
    assert all(order.quantity <= asked[order.client_order_id] for order in outcome.allowed)
    exits = [order for order in compiled.orders if not order.action.opens]
    assert [order for order in outcome.allowed if not order.action.opens] == exits
    assert not {clamp.limit for clamp in outcome.clamps} & {
        "conviction",
        "sizing",
        "opposite_position",
        "position_held",
    }


def of_brief(brief: Brief) -> ProposalFacts:
    base = facts()
    return replace(
        base,
        account=brief.account,
        quotes={brief.symbol: brief.quote},
        limits=replace(base.limits, max_position=dec("0.2")),
        name=lambda symbol, leg: ClientOrderId(f"{symbol}-{leg}"),
    )


@given(book=books(), stop=st.decimals("0.001", "0.5", places=4), ratio=st.decimals("0.5", "1.9", places=2))
def test_protective_levels_are_within_one_tick(book, stop, ratio):
    exits = {"kind": "bracket", "stop": stop, "reward_to_risk": ratio}
    proposal = DirectionProposal(AAA, Direction.LONG, Decimal(1))
    compiled = compile_proposal(proposal, rules({"kind": "all_in"}, exits=exits), book)
    quote = book.quotes[AAA]
    for order in compiled.orders:
        if order.action is not Action.BUY:
            continue
        assert order.stop_loss
        assert order.take_profit
        goal = quote.last_close * (1 + stop * ratio)
        tick = max(quote.tick_at(quote.last_close), quote.tick_at(goal))
        assert order.stop_loss.stop_price < quote.last_close < order.take_profit.limit_price
        assert abs(order.stop_loss.stop_price - quote.last_close * (1 - stop)) <= tick
        assert abs(order.take_profit.limit_price - goal) <= tick * (1 + ratio)
        assert order.quantity == int(order.quantity)
