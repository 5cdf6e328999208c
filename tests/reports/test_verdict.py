"""The figures of the verdict strip: entries, exits of one position, several directions, and a held position."""

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

import pytest
from openoutcry.domain.decision import Decision, Outcome, PositionSnapshot, RiskOutcome
from openoutcry.domain.market import Bar
from openoutcry.domain.orders import Action, Order, OrderClass, OrderType, StopLoss
from openoutcry.reports.order_figures import OrderFigures
from openoutcry.reports.render import html, markdown
from openoutcry.reports.verdict import verdict_of

LAST = Decimal("104.50")
EQUITY = Decimal(100_000)
LONG = PositionSnapshot(Decimal(60), Decimal("103.10"), LAST, Decimal(84))


def plain(decision: Decision, action: Action, quantity: int, kind: OrderType, **levels: str) -> Order:
    """Return an order without exits; `levels` are limit, stop and trail."""
    given = {name: Decimal(level) for name, level in levels.items()}
    return replace(
        decision.risk.allowed[0],
        action=action,
        quantity=Decimal(quantity),
        type=kind,
        limit_price=given.get("limit"),
        stop_price=given.get("stop"),
        trail=given.get("trail"),
        order_class=OrderClass.SIMPLE,
        take_profit=None,
        stop_loss=None,
    )


def allowing(decision: Decision, *orders: Order, position: PositionSnapshot | None = None) -> Decision:
    return replace(decision, risk=RiskOutcome(orders, allowed=orders), position=position)


def figures(decision: Decision, last: Decimal | None = LAST) -> tuple[OrderFigures, ...]:
    return verdict_of(decision, last, EQUITY).orders


def test_a_limit_and_a_stop_of_one_position_count_once(decision: Decision) -> None:
    target = plain(decision, Action.SELL, 60, OrderType.LIMIT, limit="114.40")
    stop = plain(decision, Action.SELL, 60, OrderType.STOP, stop="97.60")
    (found,) = figures(allowing(decision, target, stop, position=LONG))
    assert (found.size, found.target, found.stop) == (-60, Decimal("114.40"), Decimal("97.60"))
    # worth 60 * 104.50; 60 * (104.50 - 97.60) are lost from the last close, which is above the cost
    assert (found.value, found.loss) == (Decimal("6270.00"), Decimal("414.00"))


def test_exits_never_count_for_more_than_the_position(decision: Decision) -> None:
    sales = [plain(decision, Action.SELL, 40, OrderType.LIMIT, limit=level) for level in ("110", "114")]
    (found,) = figures(allowing(decision, *sales, position=LONG))
    assert (found.size, found.target) == (-60, 112)


def test_a_sale_at_market_counts_beside_the_exits_of_the_rest(decision: Decision) -> None:
    now = plain(decision, Action.SELL, 20, OrderType.MARKET)
    target = plain(decision, Action.SELL, 30, OrderType.LIMIT, limit="114.40")
    stop = plain(decision, Action.SELL, 40, OrderType.STOP, stop="97.60")
    (found,) = figures(allowing(decision, now, target, stop, position=LONG))
    assert (found.size, found.price, found.at_market) == (-60, LAST, True)


def test_an_oco_has_a_target_and_a_stop(decision: Decision) -> None:
    both = replace(
        plain(decision, Action.SELL, 60, OrderType.LIMIT, limit="114.40"),
        order_class=OrderClass.OCO,
        stop_loss=StopLoss(Decimal("97.60")),
    )
    (found,) = figures(allowing(decision, both, position=LONG))
    assert (found.size, found.target, found.stop) == (-60, Decimal("114.40"), Decimal("97.60"))
    assert found.loss == Decimal("414.00")


def test_a_short_position_is_covered_with_a_loss_above_its_price(decision: Decision) -> None:
    short = PositionSnapshot(Decimal(-10), Decimal(100), Decimal(102), Decimal(-20))
    stop = plain(decision, Action.COVER, 10, OrderType.STOP, stop="105")
    (found,) = figures(allowing(decision, stop, position=short), Decimal(102))
    assert (found.size, found.stop, found.loss) == (10, 105, 50)  # from the cost of 100, which is worse than 102


def test_two_directions_are_listed_and_not_added(decision: Decision, bars: Sequence[Bar]) -> None:
    buy = plain(decision, Action.BUY, 400, OrderType.LIMIT, limit="103")
    short = plain(decision, Action.SHORT, 100, OrderType.LIMIT, limit="109")
    both = allowing(decision, buy, short)
    assert [(each.size, each.price, each.value) for each in figures(both)] == [(400, 103, 41200), (-100, 109, 10900)]
    page, text = html(both, bars), markdown(both, bars)
    assert 'data-figure="size-buy"' in page
    assert 'data-figure="size-short"' in page
    assert "| Size, buy | 400 shares |" in text
    assert "| Size, short | -100 shares |" in text
    assert "500" not in text.split("## Orders")[0]


@pytest.mark.parametrize(("action", "entry"), [(Action.BUY, "107.50"), (Action.SHORT, "101.50")])
def test_a_trailing_entry_has_the_level_of_its_trail(decision: Decision, action: Action, entry: str) -> None:
    trail = plain(decision, action, 10, OrderType.TRAILING_STOP, trail="3")
    (found,) = figures(allowing(decision, trail))
    assert (found.price, found.at_market) == (Decimal(entry), False)
    assert figures(allowing(decision, trail), None) == ()


def test_a_market_entry_without_a_close_has_no_figures(decision: Decision) -> None:
    assert figures(allowing(decision, plain(decision, Action.BUY, 10, OrderType.MARKET)), None) == ()


def test_a_held_position_shows_its_resting_exits(decision: Decision, bars: Sequence[Bar]) -> None:
    target = plain(decision, Action.SELL, 60, OrderType.LIMIT, limit="114.40")
    stop = plain(decision, Action.SELL, 40, OrderType.STOP, stop="97.60")
    entry = plain(decision, Action.BUY, 10, OrderType.LIMIT, limit="90")
    waiting = replace(entry, action=Action.SHORT, limit_price=Decimal(115), awaits=target.client_order_id)
    held = replace(LONG, resting=(target, stop, entry, waiting))
    hold = replace(decision, outcome=Outcome.HOLD, risk=RiskOutcome(), position=held)
    strip = verdict_of(hold, LAST, EQUITY)
    assert strip.orders == ()
    assert strip.resting is not None
    assert (strip.resting.stop, strip.resting.target) == (Decimal("97.60"), Decimal("114.40"))
    assert (strip.resting.loss, strip.resting.protected) == (Decimal("276.00"), 40)
    assert "a stop protects 40 of 60 shares" in html(hold, bars)
    assert "| Loss at the resting stop | 276.00 for 40 of 60 shares |" in markdown(hold, bars)
    for page in (html(hold, bars), markdown(hold, bars)):
        assert page.count(f"waits for {target.client_order_id}") == 1


def test_a_held_position_without_exits_says_so(decision: Decision, bars: Sequence[Bar]) -> None:
    hold = replace(decision, outcome=Outcome.HOLD, risk=RiskOutcome(), position=LONG)
    strip = verdict_of(hold, LAST, EQUITY)
    assert strip.resting is not None
    assert (strip.resting.stop, strip.resting.loss, strip.resting.protected) == (None, None, 0)
    assert "| Resting stop | none |" in markdown(hold, bars)


def test_new_orders_replace_the_figures_of_resting_ones(decision: Decision) -> None:
    assert verdict_of(replace(decision, position=LONG), LAST, EQUITY).resting is None


def test_a_hold_gives_its_reason_in_the_strip_and_counts_no_orders(decision: Decision, bars: Sequence[Bar]) -> None:
    hold = replace(decision, outcome=Outcome.HOLD, risk=RiskOutcome())
    assert hold.plan is not None
    page, text = html(hold, bars), markdown(hold, bars)
    strip = page.split('<div class="tiles strip">')[1].split("<section>")[0]
    assert hold.plan.rationale in strip
    assert f"| Why there are no orders | {hold.plan.rationale} |" in text
    assert (page.count(hold.plan.rationale), text.count(hold.plan.rationale)) == (1, 1)
    assert "requested" not in page
    assert "requested" not in text


def test_an_abstention_gives_its_reason_in_the_strip(abstained: Decision, bars: Sequence[Bar]) -> None:
    assert abstained.abstention is not None
    strip = html(abstained, bars).split('<div class="tiles strip">')[1].split("<section>")[0]
    assert abstained.abstention.reason in strip
    assert f"| No decision | {abstained.abstention.reason} |" in markdown(abstained, bars)


def test_a_stop_of_one_entry_of_two_is_not_called_none(decision: Decision, bars: Sequence[Bar]) -> None:
    (found,) = figures(decision)
    assert (found.stop, found.partly_stopped, found.partly_targeted) == (None, True, True)
    assert "| Stop | n/a, not on all orders |" in markdown(decision, bars)
    assert html(decision, bars).count("not on all orders") == 2
    (bare,) = figures(allowing(decision, decision.risk.allowed[1]))
    assert (bare.partly_stopped, bare.partly_targeted) == (False, False)
    assert "| Stop | none |" in markdown(allowing(decision, decision.risk.allowed[1]), bars)
