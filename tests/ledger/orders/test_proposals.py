"""Orders that wait for approval: one clear answer to every command, and one order at most."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from fractions import Fraction

import pytest
from openoutcry.domain.errors import ConflictError, DuplicateOrder, OrderRejected
from openoutcry.ledger.book.margin import buying_power
from openoutcry.ledger.broker import Broker
from openoutcry.ledger.model.order_request import OrderRequest
from openoutcry.ledger.orders.proposals import ProposalReceipt
from openoutcry.tests.ledger.harness import FLAT, Floor, Weekdays, assert_sound, quiet_floor, send, terms

BEFORE, EXPIRY, AFTER = "2024-01-02T22:00:00Z", "2024-01-03T14:20:00Z", "2024-01-03T14:20:00.000001+00:00"
ORDER = OrderRequest(
    terms("a", "buy", 10, tif="gtc"), (terms("a.sl", "sell", 10, "stop", stop=9_000, tif="gtc", parent="a"),)
)


def proposed(floor: Floor, request: OrderRequest = ORDER) -> ProposalReceipt:
    session = floor.broker.book.session
    return floor.broker.proposals.propose(request, reference=10_000, band_bps=300, session=session, expires=EXPIRY)


def approve(floor: Floor, at: str = BEFORE, price: int | None = None) -> ProposalReceipt:
    return floor.broker.proposals.approve("a", "ann", at, "looks [bold]right", price)


@pytest.fixture
def floor() -> Floor:
    made = quiet_floor()
    proposed(made)
    return made


def test_a_proposed_order_neither_rests_nor_reserves_nor_can_be_submitted(floor: Floor) -> None:
    power = buying_power(floor.broker.book)
    assert floor.broker.book.live_orders() == []
    assert buying_power(floor.broker.book) == power
    with pytest.raises(OrderRejected, match="waits for approval"):
        floor.broker.submit(ORDER)
    assert floor.fills(FLAT) == []
    assert_sound(floor)


def test_a_proposal_is_recorded_once_and_another_body_under_its_id_is_refused(floor: Floor) -> None:
    before = floor.broker.journal.seq
    assert proposed(floor).repeated
    assert floor.broker.journal.seq == before
    with pytest.raises(DuplicateOrder):
        proposed(floor, OrderRequest(ORDER.terms))
    send(floor, terms("rests", "buy", 1))
    with pytest.raises(DuplicateOrder):
        proposed(floor, OrderRequest(terms("rests", "buy", 1)))


def test_an_approved_order_is_submitted_once_with_the_terms_that_were_approved(floor: Floor) -> None:
    first, again = approve(floor), approve(floor, AFTER)
    assert (first.status, first.repeated, again.repeated, again.at) == ("approved", False, True, BEFORE)
    assert again.reason == "looks [bold]right"
    with pytest.raises(DuplicateOrder, match="approved with other terms"):
        floor.broker.submit(OrderRequest(ORDER.terms))
    assert floor.broker.submit(ORDER) == floor.broker.submit(ORDER)
    assert approve(floor, AFTER).repeated
    assert floor.fills(FLAT) == [("a", 10, 10_000)]
    assert_sound(floor)


def slice_of_order(name: str, quantity: int, stop: int = 9_000) -> OrderRequest:
    """Return a slice of ORDER: a day order for a part of its quantity, with the stop of the whole."""
    made = replace(terms(name, "buy", quantity), good_after=10**6, slice_of="a")
    exit_ = terms(f"{name}.sl", "sell", quantity, "stop", stop=stop, tif="gtc", parent=name)
    return OrderRequest(made, (exit_,))


def test_a_slice_needs_the_approval_of_its_order_and_the_slices_are_at_most_what_was_approved(floor: Floor) -> None:
    with pytest.raises(OrderRejected, match="order a waits for approval"):
        floor.broker.submit(slice_of_order("a-s1", 4))
    approve(floor)
    with pytest.raises(DuplicateOrder, match="approved with other terms"):
        floor.broker.submit(slice_of_order("a-s1", 4, stop=8_000))
    assert floor.broker.submit(slice_of_order("a-s1", 4)).accepted
    assert floor.broker.submit(slice_of_order("a-s1", 4)).accepted
    with pytest.raises(DuplicateOrder, match="approved with other terms"):
        floor.broker.submit(slice_of_order("a-s2", 7))
    assert floor.broker.submit(slice_of_order("a-s2", 6)).accepted
    assert floor.broker.proposals.lapse("a", "too late").status == "approved"
    assert_sound(floor)


def test_a_denied_order_cannot_be_approved_or_submitted(floor: Floor) -> None:
    deny = floor.broker.proposals.deny
    assert [deny("a", by, BEFORE, "no").by for by in ("ann", "bob")] == ["ann", "ann"]
    with pytest.raises(ConflictError, match="denied by ann at 2024-01-02T22:00:00Z: no"):
        approve(floor)
    with pytest.raises(OrderRejected, match="is denied"):
        floor.broker.submit(ORDER)


def test_an_approved_order_cannot_be_denied(floor: Floor) -> None:
    approve(floor)
    with pytest.raises(ConflictError, match="was approved by ann"):
        floor.broker.proposals.deny("a", "bob", BEFORE)


def split(floor: Floor) -> None:
    floor.broker.split("AAA", date(2024, 1, 3), Fraction(2))


OBSTACLES: dict[str, tuple[Callable[[Floor], object], str]] = {
    "it expired": (lambda floor: approve(floor, AFTER), "it expired at 2024-01-03T14:20:00Z"),
    "halted": (lambda floor: (floor.broker.halt("drill"), approve(floor)), "the account is halted: drill"),
    "reducing": (lambda floor: (floor.broker.reduce("calm"), approve(floor)), "the account is reducing: calm"),
    "a later session": (lambda floor: (floor.bar(FLAT), approve(floor)), "the account has processed 2024-01-03 since"),
    "the price rose": (lambda floor: approve(floor, price=10_301), "the price of 103.01 is more than 3 % away"),
    "the price fell": (lambda floor: approve(floor, price=9_699), "the price of 96.99 is more than 3 % away"),
    "a split": (split, "AAA was split on 2024-01-03"),
    "a split after the approval": (lambda floor: (approve(floor), split(floor)), "AAA was split on 2024-01-03"),
    "a delisting": (lambda floor: floor.broker.delist("AAA", date(2024, 1, 3), 5), "AAA was delisted"),
    "a rename": (lambda floor: floor.broker.listings.rename("AAA", "ZZZ", date(2024, 1, 3)), "AAA was renamed to ZZZ"),
}


@pytest.mark.parametrize("name", OBSTACLES)
def test_what_no_longer_fits_lapses_with_the_reason_and_is_never_submitted(floor: Floor, name: str) -> None:
    happen, reason = OBSTACLES[name]
    happen(floor)
    found = floor.broker.book.proposals["a"]
    assert found.status == "lapsed"
    assert found.reason.startswith(reason)
    for command in (lambda: approve(floor), lambda: floor.broker.proposals.deny("a", "bob", BEFORE)):
        with pytest.raises(OrderRejected, match="has lapsed"):
            command()
    with pytest.raises(OrderRejected, match="is lapsed"):
        floor.broker.submit(ORDER)
    assert floor.broker.proposals.lapse("a", "again").repeated
    assert floor.broker.book.orders == {}
    again = Broker.replayed(floor.broker.journal.events, Weekdays())
    assert again.book.state_hash() == floor.broker.book.state_hash()


@pytest.mark.parametrize("price", [None, 9_700, 10_300])
def test_a_price_within_the_band_and_the_last_moment_are_fine(floor: Floor, price: int | None) -> None:
    assert approve(floor, EXPIRY, price).status == "approved"


def test_an_exit_can_be_approved_while_the_account_is_reducing() -> None:
    floor = quiet_floor()
    send(floor, terms("in", "buy", 10))
    floor.bar(FLAT)
    proposed(floor, OrderRequest(terms("a", "sell", 10)))
    floor.broker.reduce("calm")
    assert approve(floor).status == "approved"


def test_a_submitted_order_does_not_lapse(floor: Floor) -> None:
    approve(floor)
    floor.broker.submit(ORDER)
    split(floor)
    assert floor.broker.proposals.lapse("a", "late").status == "approved"


@pytest.mark.parametrize("text", ["tomorrow", "2024-01-03", "2024-01-03T14:20:00"])
def test_a_time_without_a_zone_is_refused(floor: Floor, text: str) -> None:
    with pytest.raises(OrderRejected):
        approve(floor, text)
    with pytest.raises(OrderRejected):
        floor.broker.proposals.propose(
            OrderRequest(terms("b", "buy", 1)), reference=1, band_bps=0, session="", expires=text
        )


def test_an_unknown_order_is_named(floor: Floor) -> None:
    with pytest.raises(OrderRejected, match="no order b was proposed in account test"):
        floor.broker.proposals.deny("b", "ann", BEFORE)


def test_a_state_without_proposals_has_the_hash_of_earlier_versions_and_one_with_them_another() -> None:
    floor, other = quiet_floor(), quiet_floor()
    assert floor.broker.book.state_hash() == other.broker.book.state_hash()
    proposed(floor)
    pending = floor.broker.book.state_hash()
    approve(floor)
    hashes = {other.broker.book.state_hash(), pending, floor.broker.book.state_hash()}
    assert len(hashes) == 3
