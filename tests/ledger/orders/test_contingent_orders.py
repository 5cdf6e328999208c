"""Orders among relatives: exits that trail, and new terms for entries, exits and pairs."""

import pytest
from openoutcry.domain.errors import OrderRejected
from openoutcry.ledger.model.account_rules import AccountRules
from openoutcry.ledger.model.order import OrderTerms, RejectReason
from openoutcry.ledger.model.order_request import OrderRequest
from openoutcry.tests.ledger.harness import (
    Floor,
    assert_sound,
    quiet_floor,
    terms,
)


def entry_with_exits(floor: Floor, *, limit: int | None = 9_900, trail: int | None = None) -> None:
    entry = terms("e", "buy", 10, "limit" if limit else "market", limit=limit, tif="gtc")
    kind = "trailing_stop" if trail else "stop"
    exits = (
        terms("e.tp", "sell", 10, "limit", limit=11_000, tif="gtc", parent="e", group="e.tp"),
        terms("e.sl", "sell", 10, kind, stop=9_000, trail=trail, tif="gtc", parent="e", group="e.tp"),
    )
    assert floor.broker.submit(OrderRequest(entry, exits)).accepted


def stop_of(floor: Floor) -> int | None:
    return floor.broker.book.order("e.sl").levels.stop


def test_a_trailing_exit_starts_at_its_stop_and_follows_completed_bars_only() -> None:
    floor = quiet_floor()
    entry_with_exits(floor, limit=None, trail=500)
    assert floor.fills((10_000, 10_800, 9_950, 10_700, 99)) == [("e", 10, 10_000)]
    assert stop_of(floor) == 10_300
    floor.bar((10_700, 10_750, 10_400, 10_500, 99))
    assert stop_of(floor) == 10_300
    assert floor.fills((10_500, 10_900, 10_200, 10_250, 99)) == [("e.sl", 10, 10_300)]
    assert floor.status("e.tp") == "canceled"
    assert_sound(floor)


def test_a_trailing_exit_does_not_follow_while_it_waits_nor_on_the_bar_within_which_its_entry_filled() -> None:
    floor = quiet_floor()
    entry_with_exits(floor, trail=500)
    floor.bar((10_000, 10_950, 9_950, 10_000, 99))
    assert stop_of(floor) == 9_000
    assert floor.fills((10_000, 10_900, 9_900, 10_000, 99)) == [("e", 10, 9_900)]
    assert stop_of(floor) == 9_000
    floor.bar((10_000, 10_100, 9_950, 10_000, 99))
    assert stop_of(floor) == 9_600


@pytest.mark.parametrize("wrong", [
    terms("e.sl", "sell", 10, "trailing_stop", trail=500, tif="gtc", parent="e"),
    terms("e.sl", "sell", 10, "trailing_stop", trail=500, stop=10_100, tif="gtc", parent="e"),
    terms("e.sl", "sell", 10, "trailing_stop", stop=9_000, tif="gtc", parent="e"),
])  # fmt: skip
def test_a_trailing_exit_needs_a_stop_beyond_its_entry_and_a_distance(wrong: OrderTerms) -> None:
    floor = quiet_floor()
    receipt = floor.broker.submit(OrderRequest(terms("e", "buy", 10), (wrong,)))
    assert receipt.reason in (RejectReason.BAD_TERMS, RejectReason.WRONG_SIDE)


def test_the_exits_of_a_replaced_entry_follow_its_new_quantity() -> None:
    floor = quiet_floor()
    entry_with_exits(floor)
    floor.broker.replace("e", quantity=25, limit=9_800)
    assert floor.fills((10_000, 10_000, 9_700, 9_900, 99)) == [("e", 25, 9_800)]
    assert floor.fills((9_900, 9_950, 8_900, 9_000, 99)) == [("e.sl", 25, 9_000)]
    assert_sound(floor)


def test_an_exit_takes_new_prices_before_and_after_its_entry_filled() -> None:
    floor = quiet_floor()
    entry_with_exits(floor)
    floor.broker.replace("e.sl", stop=9_500)
    floor.bar((10_000, 10_000, 9_850, 9_900, 99))
    floor.broker.replace("e.tp", limit=10_200)
    assert floor.fills((9_950, 10_300, 9_900, 10_000, 99)) == [("e.tp", 10, 10_200)]
    assert floor.status("e.sl") == "canceled"
    assert_sound(floor)


@pytest.mark.parametrize(("order", "changes", "why"), [
    ("e.sl", {"stop": 9_950}, "stop_on_wrong_side"),
    ("e.tp", {"limit": 9_800}, "stop_on_wrong_side"),
    ("e.sl", {"quantity": 5}, "depends on its linked orders"),
    ("e.sl", {"limit": 8_900}, "refused"),
    ("e", {"limit": 8_950}, "stop_on_wrong_side"),
    ("e", {"limit": 11_050}, "stop_on_wrong_side"),
])  # fmt: skip
def test_new_terms_that_do_not_go_with_the_relatives_change_nothing(order: str, changes: dict, why: str) -> None:
    floor = quiet_floor()
    entry_with_exits(floor)
    before = floor.broker.book.state_hash()
    with pytest.raises(OrderRejected, match=why):
        floor.broker.replace(order, **changes)
    assert floor.broker.book.state_hash() == before


def test_a_living_stop_is_not_moved_beyond_the_market_nor_beyond_its_sibling() -> None:
    floor = quiet_floor()
    entry_with_exits(floor, limit=None)
    floor.bar((10_000, 10_000, 10_000, 10_000, 99))
    with pytest.raises(OrderRejected, match="wrong_side"):
        floor.broker.replace("e.sl", stop=10_000)
    with pytest.raises(OrderRejected, match="wrong_side"):
        floor.broker.replace("e.tp", limit=9_000)
    floor.broker.replace("e.sl", stop=9_999)
    assert floor.fills((9_998, 10_000, 9_990, 9_995, 99)) == [("e.sl", 10, 9_998)]


def test_both_legs_of_a_pair_take_new_prices() -> None:
    floor = quiet_floor()
    floor.broker.submit(OrderRequest(terms("in", "buy", 10)))
    floor.bar((10_000, 10_000, 10_000, 10_000, 99))
    pair = (
        terms("o", "sell", 10, "limit", limit=11_000, tif="gtc", group="o"),
        terms("o.sl", "sell", 10, "stop", stop=9_000, tif="gtc", group="o"),
    )
    assert floor.broker.submit(OrderRequest(pair[0], (pair[1],))).accepted
    floor.broker.replace("o", limit=10_500)
    floor.broker.replace("o.sl", stop=9_700)
    with pytest.raises(OrderRejected, match="depends on its linked orders"):
        floor.broker.replace("o", quantity=4)
    assert floor.fills((10_000, 10_400, 9_600, 10_000, 99)) == [("o.sl", 10, 9_700)]
    assert floor.status("o") == "canceled"
    assert_sound(floor)


@pytest.mark.parametrize("stop", [-5, 0, 10**30, 20_000, 10_000])
def test_a_trailing_stop_gets_no_level_that_makes_no_sense(stop: int) -> None:
    floor = quiet_floor()
    assert floor.broker.submit(OrderRequest(terms("b", "buy", 10))).accepted
    floor.bar((10_000, 10_000, 10_000, 10_000, 99))
    assert floor.broker.submit(OrderRequest(terms("t", "sell", 10, "trailing_stop", trail=500, tif="gtc"))).accepted
    with pytest.raises(OrderRejected, match="its stop cannot be"):
        floor.broker.replace("t", stop=stop)
    assert floor.broker.book.order("t").levels.stop == 9_500
    floor.broker.replace("t", stop=9_800)
    assert floor.fills((10_000, 10_000, 9_700, 9_750, 99)) == [("t", 10, 9_800)]
    assert_sound(floor)


def test_an_exit_that_was_cut_grows_by_what_its_entry_fills_and_no_more() -> None:
    floor = Floor(AccountRules(margin=True, participation_bps=1_000, settle=False))
    row = (10_000, 10_000, 10_000, 10_000, 100_000)
    floor.bar(row)
    stop = terms("e.sl", "sell", 100, "stop", stop=9_000, tif="gtc", parent="e")
    assert floor.broker.submit(OrderRequest(terms("e", "buy", 100, "limit", limit=9_900, tif="gtc"), (stop,))).accepted
    floor.bar((9_900, 9_900, 9_900, 9_900, 500))
    other = terms("o.sl", "sell", 50, "stop", stop=5_000, tif="gtc", parent="o")
    assert floor.broker.submit(OrderRequest(terms("o", "buy", 50), (other,))).accepted
    floor.bar(row)
    left = [floor.broker.book.order(name).remaining for name in ("e.sl", "o.sl")]
    assert left == [50, 50]
    assert floor.broker.submit(OrderRequest(terms("x", "sell", 30))).accepted
    floor.bar(row)
    assert [floor.broker.book.order(name).remaining for name in ("e.sl", "o.sl")] == [20, 50]
    floor.bar((9_900, 9_900, 9_900, 9_900, 100_000))
    assert floor.broker.book.quantity("AAA") == 120
    assert [floor.broker.book.order(name).remaining for name in ("e.sl", "o.sl")] == [70, 50]
    assert floor.fills((8_900, 8_900, 8_900, 8_900, 100_000)) == [("e.sl", 70, 8_900)]
    assert_sound(floor)
