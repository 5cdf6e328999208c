"""Entries of the other side that await the exit of a position: one decision turns the position, in the right order."""

from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openoutcry.ledger.book.codec import read_event, schema_of, write_event
from openoutcry.ledger.book.fold import replay
from openoutcry.ledger.book.margin import buying_power
from openoutcry.ledger.broker import Broker
from openoutcry.ledger.model.account_rules import AccountRules, SplitPolicy
from openoutcry.ledger.model.chart_of_accounts import realised
from openoutcry.ledger.model.order import OrderTerms, RejectReason
from openoutcry.ledger.model.order_events import OrderAccepted, OrderActivated, OrderFilled
from openoutcry.ledger.model.order_request import OrderRequest
from openoutcry.ledger.pricing.commission import Commission, CommissionKind
from openoutcry.tests.ledger.harness import Floor, Weekdays, assert_sound, send, terms

QUIET = (10_000, 10_000, 10_000, 10_000, 1_000_000)
RULES = AccountRules(margin=True, participation_bps=None, settle=False)


def long_floor(rules: AccountRules = RULES, *, shares: int = 100, cash: int = 10_000_000) -> Floor:
    """Return an account that is long in AAA, bought at 100.00 and last seen there."""
    floor = Floor(rules, cash=cash)
    floor.bar(QUIET)
    send(floor, terms("open", "buy", shares))
    floor.bar(QUIET)
    return floor


def waiting(quantity: int = 50, kind: str = "market", **more: object) -> OrderTerms:
    return replace(terms("entry", "short", quantity, kind, **more), awaits="exit")  # type: ignore[arg-type]


def turn(floor: Floor, exit_order: OrderTerms | None = None, entry: OrderTerms | None = None) -> None:
    send(floor, exit_order or terms("exit", "sell", 100))
    send(floor, entry or waiting())


def status(floor: Floor) -> tuple[str, str]:
    return floor.status("exit"), floor.status("entry")


def test_a_position_turns_at_one_open_exit_first() -> None:
    rules = replace(RULES, commission=Commission(CommissionKind.PER_SHARE, 1_000_000))
    floor = long_floor(rules)
    turn(floor)
    assert (floor.status("exit"), floor.status("entry")) == ("open", "held")
    assert floor.fills((11_000, 11_200, 10_900, 11_100, 1_000_000)) == [("exit", 100, 11_000), ("entry", 50, 11_000)]
    book = floor.broker.book
    assert book.quantity("AAA") == -50
    # 100,000.00 - 10,000.00 - 1.00 fee + 11,000.00 - 1.00 fee + 5,500.00 - 0.50 fee
    assert book.cash == 10_000_000 - 1_000_000 - 100 + 1_100_000 - 100 + 550_000 - 50
    assert -book.balance(realised("AAA")) == 100_000
    assert book.equity == book.cash - 50 * 11_100
    assert book.reserved == 0
    assert_sound(floor)


def test_a_short_position_turns_into_a_long_one_with_its_own_exits() -> None:
    floor = Floor(RULES)
    floor.bar(QUIET)
    send(floor, terms("open", "short", 40))
    floor.bar(QUIET)
    send(floor, terms("exit", "cover", 40))
    entry = replace(terms("entry", "buy", 30), awaits="exit")
    legs = (
        terms("entry.tp", "sell", 30, "limit", limit=11_000, tif="gtc", parent="entry", group="entry.tp"),
        terms("entry.sl", "sell", 30, "stop", stop=9_000, tif="gtc", parent="entry", group="entry.tp"),
    )
    assert floor.broker.submit(OrderRequest(entry, legs)).accepted
    assert floor.broker.submit(OrderRequest(entry, legs)).exits == ("entry.tp", "entry.sl")
    assert floor.fills((9_900, 10_000, 9_800, 9_900, 1_000)) == [("exit", 40, 9_900), ("entry", 30, 9_900)]
    assert [floor.status(leg.order_id) for leg in legs] == ["open", "open"]
    assert floor.fills((9_900, 11_100, 9_900, 11_000, 1_000)) == [("entry.tp", 30, 11_000)]
    assert floor.broker.book.quantity("AAA") == 0
    assert_sound(floor)


def test_an_entry_waits_while_the_exit_fills_in_parts_and_takes_no_volume() -> None:
    floor = long_floor(replace(RULES, participation_bps=1_000), shares=100)
    turn(floor, terms("exit", "sell", 100, tif="gtc"), waiting(tif="gtc"))
    assert floor.fills((10_000, 10_000, 10_000, 10_000, 600)) == [("exit", 60, 10_000)]
    assert status(floor) == ("partially_filled", "held")
    assert floor.fills((10_000, 10_000, 10_000, 10_000, 700)) == [("exit", 40, 10_000), ("entry", 30, 10_000)]
    assert floor.fills(QUIET) == [("entry", 20, 10_000)]
    assert_sound(floor)


def test_the_rest_of_a_day_exit_expires_and_ends_the_entry() -> None:
    floor = long_floor(replace(RULES, participation_bps=1_000))
    turn(floor)
    floor.bar((10_000, 10_000, 10_000, 10_000, 600))
    assert status(floor) == ("expired", "canceled")
    assert floor.broker.book.order("entry").reason is RejectReason.PARENT_ENDED
    assert floor.broker.book.quantity("AAA") == 40
    assert_sound(floor)


def test_an_exit_that_is_canceled_ends_the_entry_with_its_exits() -> None:
    floor = long_floor()
    send(floor, terms("exit", "sell", 100))
    leg = terms("entry.sl", "cover", 50, "stop", stop=11_000, tif="gtc", parent="entry")
    floor.broker.submit(OrderRequest(waiting(), (leg,)))
    floor.broker.cancel("exit")
    assert [floor.status(each) for each in ("exit", "entry", "entry.sl")] == ["canceled"] * 3
    assert floor.broker.book.reserved == 0
    assert not floor.fills(QUIET)
    assert_sound(floor)


def test_the_entry_ends_alone_and_the_exit_goes_on() -> None:
    floor = long_floor()
    turn(floor)
    floor.broker.cancel("entry")
    assert floor.fills(QUIET) == [("exit", 100, 10_000)]
    assert_sound(floor)


def test_an_exit_that_fills_inside_the_bar_activates_the_entry_for_the_next_bar() -> None:
    floor = long_floor()
    turn(floor, terms("exit", "sell", 100, "limit", limit=10_500, tif="gtc"), waiting(tif="gtc"))
    assert floor.fills((10_000, 10_600, 9_900, 10_000, 1_000)) == [("exit", 100, 10_500)]
    assert floor.status("entry") == "open"
    assert floor.broker.book.reserved > 0
    assert floor.fills((10_200, 10_600, 9_900, 10_000, 1_000)) == [("entry", 50, 10_200)]
    assert_sound(floor)


def test_a_day_entry_ends_with_its_day() -> None:
    floor = long_floor()
    turn(floor, terms("exit", "sell", 100, "limit", limit=10_500, tif="gtc"))
    floor.bar((10_000, 10_100, 9_900, 10_000, 1_000))
    assert status(floor) == ("open", "expired")
    late = long_floor()
    turn(late, terms("exit", "sell", 100, "limit", limit=10_500, tif="gtc"))
    late.bar((10_000, 10_600, 9_900, 10_000, 1_000))
    assert status(late) == ("filled", "expired")
    assert_sound(late)


def test_a_day_entry_fills_on_a_later_bar_of_its_day() -> None:
    floor = long_floor()
    turn(floor, terms("exit", "sell", 100, "limit", limit=10_500))
    floor.bar((10_000, 10_600, 9_900, 10_000, 1_000), last=False)
    assert status(floor) == ("filled", "open")
    floor.bar((10_100, 10_100, 9_900, 10_000, 1_000), first=False)
    assert floor.status("entry") == "filled"
    assert_sound(floor)


def test_a_stop_that_closes_the_position_at_the_same_open_leaves_the_entry_to_follow() -> None:
    floor = Floor(RULES)
    floor.bar(QUIET)
    stop = terms("open.sl", "sell", 100, "stop", stop=9_000, tif="gtc", parent="open")
    floor.broker.submit(OrderRequest(terms("open", "buy", 100), (stop,)))
    floor.bar(QUIET)
    turn(floor)
    assert floor.fills((8_900, 8_900, 8_800, 8_850, 1_000)) == [("open.sl", 100, 8_900), ("entry", 50, 8_900)]
    assert floor.broker.book.order("exit").reason is RejectReason.NOTHING_TO_CLOSE
    assert_sound(floor)


@pytest.mark.parametrize("tif", ["day", "gtc"])
def test_around_the_clock_a_day_entry_follows_in_its_own_session_a_stop_of_the_session_before(tif: str) -> None:
    floor = Floor(replace(RULES, calendar="24/7"))
    floor.bar(QUIET)
    stop = terms("open.sl", "sell", 100, "stop", stop=9_000, tif="gtc", parent="open")
    floor.broker.submit(OrderRequest(terms("open", "buy", 100), (stop,)))
    floor.bar(QUIET)
    floor.bar(QUIET)
    turn(floor, entry=waiting(tif=tif))
    assert floor.fills((9_500, 9_500, 8_800, 8_900, 1_000)) == [("open.sl", 100, 9_000)]
    assert status(floor) == ("canceled", "open")
    assert floor.fills((8_850, 8_900, 8_800, 8_900, 1_000)) == [("entry", 50, 8_850)]
    assert_sound(floor)


def test_an_exit_that_leaves_shares_bought_meanwhile_ends_the_entry() -> None:
    floor = long_floor()
    turn(floor, terms("exit", "sell", 100, "limit", limit=10_500, tif="gtc"), waiting(tif="gtc"))
    send(floor, terms("more", "buy", 10))
    assert floor.fills((10_000, 10_600, 9_900, 10_000, 1_000)) == [("more", 10, 10_000), ("exit", 100, 10_500)]
    assert floor.broker.book.order("entry").reason is RejectReason.WRONG_INTENT
    assert floor.broker.book.quantity("AAA") == 10
    assert_sound(floor)


def test_a_halt_of_the_symbol_fills_nothing_and_ends_both_with_their_day() -> None:
    floor = long_floor()
    turn(floor)
    floor.bar(None)
    assert status(floor) == ("expired", "canceled")
    assert_sound(floor)


@pytest.mark.parametrize("action", ["reduce", "halt"])
def test_an_account_that_takes_no_entries_refuses_and_cancels_them(action: str) -> None:
    floor = long_floor()
    turn(floor)
    getattr(floor.broker, action)("a test")
    assert status(floor) == ("open", "canceled")
    assert floor.fills(QUIET) == [("exit", 100, 10_000)]
    again = long_floor()
    send(again, terms("exit", "sell", 100))
    getattr(again.broker, action)("a test")
    assert not again.broker.submit(OrderRequest(waiting())).accepted
    assert_sound(floor)


@pytest.mark.parametrize(("exit_order", "entry", "reason"), [
    (None, waiting(), RejectReason.PARENT_ENDED),
    (terms("exit", "sell", 99), waiting(), RejectReason.WRONG_INTENT),
    (terms("exit", "buy", 99), waiting(), RejectReason.BAD_TERMS),
    (terms("exit", "sell", 100), waiting(tif="ioc"), RejectReason.BAD_TERMS),
    (terms("exit", "sell", 100), replace(terms("entry", "buy", 5), awaits="exit"), RejectReason.BAD_TERMS),
    (terms("exit", "sell", 100), waiting(10_000), RejectReason.NO_BUYING_POWER),
], ids=["unknown", "part", "entry", "ioc", "side", "power"])  # fmt: skip
def test_an_entry_is_refused_that_could_not_follow(
    exit_order: OrderTerms | None, entry: OrderTerms, reason: RejectReason
) -> None:
    floor = long_floor()
    if exit_order is not None:
        send(floor, exit_order)
    assert floor.broker.submit(OrderRequest(entry)).reason is reason
    assert_sound(floor)


def test_only_an_entry_of_its_own_awaits_an_exit() -> None:
    floor = long_floor()
    send(floor, terms("exit", "sell", 50))
    leg = replace(terms("entry.sl", "cover", 50, "stop", stop=11_000, tif="gtc", parent="entry"), awaits="exit")
    for request in (
        OrderRequest(replace(terms("second", "sell", 50), awaits="exit")),
        OrderRequest(replace(terms("pair", "short", 50), group="pair", awaits="exit")),
        OrderRequest(replace(waiting(), order_id="entry", awaits=None), (leg,)),
    ):
        assert floor.broker.submit(request).reason is RejectReason.BAD_TERMS
    assert not floor.broker.book.waiting
    assert_sound(floor)


def test_the_entry_reserves_only_what_it_needs_beyond_what_the_exit_frees() -> None:
    floor = long_floor(shares=100)
    before = buying_power(floor.broker.book)
    turn(floor)
    assert buying_power(floor.broker.book) == before
    more = long_floor(shares=100)
    turn(more, entry=waiting(300))
    # 300 x 100.00 x 1.025 x 50 % less 100 x 100.00 x 50 %
    assert before - buying_power(more.broker.book) == 1_537_500 - 500_000
    second = replace(terms("second", "short", 100), awaits="exit")
    assert more.broker.submit(OrderRequest(second)).accepted
    assert before - buying_power(more.broker.book) == 1_537_500 - 500_000 + 512_500
    assert_sound(more)


@pytest.mark.parametrize(
    ("policy", "after", "position"),
    [(SplitPolicy.CANCEL, ("canceled", "canceled"), 200), (SplitPolicy.ADJUST, ("filled", "filled"), -100),
     (SplitPolicy.ADJUST_PROTECTIVE, ("filled", "canceled"), 0)],
)  # fmt: skip
def test_a_split_while_the_entry_waits(policy: SplitPolicy, after: tuple[str, str], position: int) -> None:
    floor = long_floor(replace(RULES, split_orders=policy))
    turn(floor)
    floor.broker.split("AAA", floor.day + timedelta(days=1), Fraction(2))
    floor.bar((5_000, 5_000, 5_000, 5_000, 1_000))
    assert status(floor) == after
    assert floor.broker.book.quantity("AAA") == position
    assert_sound(floor)


def test_a_rename_moves_the_waiting_entry() -> None:
    floor = long_floor()
    turn(floor)
    floor.broker.listings.rename("AAA", "BBB", date(2024, 1, 4))
    assert floor.fills(None, BBB=QUIET) == [("exit", 100, 10_000), ("entry", 50, 10_000)]
    assert_sound(floor)


def test_the_account_goes_on_after_every_event_of_a_turn() -> None:
    """Between the exit's fill and the activation nothing is lost, and each prefix of the journal replays."""
    floor = long_floor()
    turn(floor, terms("exit", "sell", 100, "limit", limit=10_500, tif="gtc"), waiting(tif="gtc"))
    known = len(floor.broker.journal.events)
    restarted = Broker.replayed(floor.broker.journal.events, Weekdays())
    assert restarted.book.waiting == {"AAA": ("entry",)}
    floor.bar((10_000, 10_600, 9_900, 10_000, 1_000))
    floor.broker = Broker.replayed(floor.broker.journal.events, Weekdays())
    assert floor.fills((10_200, 10_600, 9_900, 10_000, 1_000)) == [("entry", 50, 10_200)]
    for length in range(known, len(floor.broker.journal.events) + 1):
        replay(floor.broker.journal.events[:length])
    assert_sound(floor)


def test_an_activation_before_the_position_is_flat_is_a_contradiction_of_the_journal() -> None:
    floor = long_floor()
    turn(floor)
    with pytest.raises(Exception, match="before the position it awaits was closed"):
        replay([*floor.broker.journal.events, OrderActivated("entry", 50, 3, 0)])


def test_new_fields_are_of_a_new_schema_and_old_events_are_written_as_before() -> None:
    floor = long_floor()
    turn(floor)
    floor.bar(QUIET)
    schemas = {
        (type(each).__name__, getattr(each, "order_id", None) or each.terms.order_id): schema_of(each)
        for each in floor.broker.journal.events
        if isinstance(each, OrderAccepted | OrderActivated)
    }
    assert schemas == {
        ("OrderAccepted", "open"): 1, ("OrderAccepted", "exit"): 1, ("OrderAccepted", "entry"): 6,
        ("OrderActivated", "entry"): 6,
    }  # fmt: skip
    for each in floor.broker.journal.events:
        assert read_event(write_event(each)) == each
    old = OrderActivated("a", 1, 2)
    assert write_event(old) == '{"first_bar":2,"order_id":"a","quantity":1,"type":"Activated"}'
    sliced = OrderAccepted(replace(terms("a", "buy", 1), good_after=5), 0, 0)
    assert (schema_of(sliced), '"awaits"' in write_event(sliced)) == (5, False)
    assert read_event(write_event(sliced)) == sliced


ORDERS = st.tuples(st.integers(1, 300), st.sampled_from(["market", "limit", "stop"]), st.sampled_from(["day", "gtc"]))
BARS = st.lists(st.tuples(st.integers(9_000, 11_000), st.integers(0, 4_000)), min_size=1, max_size=4)


@settings(max_examples=60, deadline=None)
@given(side=st.sampled_from([1, -1]), held=st.integers(1, 200), exit_kind=ORDERS, entry_kind=ORDERS, bars=BARS)
def test_a_position_passes_zero_and_is_never_larger_than_either_side(side, held, exit_kind, entry_kind, bars) -> None:  # type: ignore[no-untyped-def]
    floor = Floor(replace(RULES, participation_bps=1_000), cash=1_500_000)
    floor.bar(QUIET)
    send(floor, terms("open", "buy" if side > 0 else "short", held))
    floor.bar((10_000, 10_000, 10_000, 10_000, 10_000_000))
    names = ("sell", "short") if side > 0 else ("cover", "buy")
    level = {"market": {}, "limit": {"limit": 10_000 + side * 100}, "stop": {"stop": 10_000 - side * 100}}
    _, kind, tif = exit_kind
    send(floor, terms("exit", names[0], held, kind, tif=tif, **level[kind]))
    size, kind, tif = entry_kind
    entry = replace(terms("entry", names[1], size, kind, tif=tif, **level[kind]), awaits="exit")
    accepted = floor.broker.submit(OrderRequest(entry)).accepted
    position, before = side * held, len(floor.broker.journal.events)
    for price, volume in bars:
        floor.bar((price, price + 50, price - 50, price, volume))
    for event in floor.broker.journal.events[before:]:
        if isinstance(event, OrderFilled):
            step = -side * event.quantity
            assert event.order_id == "exit" or position * side <= 0
            assert position * (position + step) >= 0
            position += step
    book = floor.broker.book
    assert -size <= position * side <= held
    assert position == book.quantity("AAA")
    assert accepted or position * side >= 0
    assert book.reserved >= 0
    assert Broker.replayed(floor.broker.journal.events, Weekdays()).book.state_hash() == book.state_hash()
    assert_sound(floor)
