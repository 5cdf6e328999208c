"""The approval service: answers of people, the price band, and the hook after the last answer of a session."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from openoutcry.app.approvals import ApprovalService, market_price
from openoutcry.domain.errors import ConfigError, ConflictError, OrderRejected
from openoutcry.domain.market import Interval
from openoutcry.ledger.model.order_request import OrderRequest
from openoutcry.tests.ledger.crash_harness import DAY
from openoutcry.tests.ledger.harness import terms
from openoutcry.tests.ledger.stored_account import started

NOW = datetime(2024, 1, 2, 22, 0, tzinfo=UTC)


class Desk:
    """A stored account with the orders a, b of one session and c of another, and a service over it."""

    def __init__(self, folder):
        self.ledger, self.completed, self.price, self.asked = started(f"sqlite:///{folder / 'book.db'}"), [], None, []
        self.time = NOW
        with self.ledger.transaction("main") as broker:
            for name, session in (("a", DAY), ("b", DAY), ("c", date(2023, 12, 29))):
                broker.proposals.propose(
                    OrderRequest(terms(name, "buy", 5)),
                    reference=10_000,
                    band_bps=300,
                    session=session.isoformat(),
                    expires="2024-01-03T14:20:00Z",
                )
        self.service = ApprovalService(
            self.ledger,
            now=lambda: self.time,
            price_at=self.price_at,
            on_complete=lambda account, session: self.completed.append((account, session)),
        )

    def price_at(self, symbol, at):
        self.asked.append((symbol, at))
        return self.price

    def status(self, order_id):
        return self.ledger.broker("main").book.proposals[order_id].status


@pytest.fixture
def desk(tmp_path):
    made = Desk(tmp_path)
    yield made
    made.ledger.close()


def test_the_hook_is_called_after_the_last_answer_of_a_session_and_again_when_it_is_repeated(desk):
    first = desk.service.approve("main", "a", by="ann")
    assert (first.waiting, desk.completed) == (1, [])
    last = desk.service.deny("main", "b", by="bob", reason="too large")
    assert (last.waiting, desk.completed) == (0, [("main", DAY)])
    desk.service.deny("main", "b", by="bob")
    assert desk.completed == [("main", DAY)] * 2
    assert [(line.by, line.at, line.reason) for line in last.answered] == [("bob", "2024-01-02T22:00:00Z", "too large")]


def test_the_hook_runs_after_the_answer_is_stored(desk):
    def fail(account, session):
        raise OSError("killed")

    service = ApprovalService(desk.ledger, now=lambda: NOW, on_complete=fail)
    with pytest.raises(OSError, match="killed"):
        service.deny_session("main", DAY, by="ann")
    assert (desk.status("a"), desk.status("b"), desk.status("c")) == ("denied", "denied", "pending")


def test_a_session_is_answered_in_one_command_and_another_person_changes_nothing(desk):
    result = desk.service.approve_session("main", DAY, by="ann")
    assert [line.status for line in result.answered] == ["approved", "approved"]
    again = desk.service.deny_session("main", DAY, by="bob")
    assert [(line.status, line.by) for line in again.answered] == [("approved", "ann")] * 2
    assert desk.completed == [("main", DAY)] * 2


def test_a_price_outside_the_band_lets_the_order_lapse(desk):
    desk.price = Decimal("103.01")
    result = desk.service.approve("main", "a", by="ann")
    assert [line.order_id for line in result.lapsed] == ["a"]
    assert result.lapsed[0].reason == "the price of 103.01 is more than 3 % away from 100.00"
    assert desk.asked == [("AAA", NOW)]
    with pytest.raises(OrderRejected, match="has lapsed"):
        desk.service.approve("main", "a", by="ann")


def test_no_price_is_read_for_an_expired_order_or_a_denial(desk):
    desk.service.deny("main", "b", by="ann")
    desk.time = NOW + timedelta(days=1)
    assert desk.service.approve("main", "a", by="ann").lapsed[0].reason == "it expired at 2024-01-03T14:20:00Z"
    assert desk.asked == []


def test_an_order_of_a_session_that_the_account_has_left_lapses(desk):
    result = desk.service.approve("main", "c", by="ann")
    assert result.lapsed[0].reason == f"the account has processed {DAY} since"
    assert desk.completed == [("main", date(2023, 12, 29))]


def test_a_contradicting_answer_is_a_conflict_and_does_not_call_the_hook(desk):
    desk.service.deny_session("main", DAY, by="ann", reason="no")
    desk.completed.clear()
    with pytest.raises(ConflictError, match="denied by ann"):
        desk.service.approve("main", "a", by="bob")
    assert desk.completed == []


@pytest.mark.parametrize(
    "words", [{"by": ""}, {"by": " "}, {"by": "x" * 101}, {"by": "ann", "reason": "x" * 1_001}, {"by": "\udcff"}]
)
def test_words_that_cannot_be_recorded_are_refused(desk, words):
    with pytest.raises(ConfigError):
        desk.service.approve("main", "a", **words)
    assert desk.status("a") == "pending"


def test_an_unknown_order_and_session_are_refused(desk):
    with pytest.raises(OrderRejected, match="no order z was proposed"):
        desk.service.approve("main", "z", by="ann")
    with pytest.raises(OrderRejected, match="no order of the session 2020-01-02"):
        desk.service.deny_session("main", date(2020, 1, 2), by="ann")


def test_a_market_without_a_price_is_reported_and_does_not_block(demo):
    said = []
    price = market_price(demo, said.append)
    symbol = demo.symbols()[0]
    at = datetime(2025, 3, 3, 21, 0, tzinfo=UTC)
    assert price(symbol, at) == demo.bars(symbol, Interval.DAY, until=at, count=1)[-1].close
    assert said == []
    assert price("NOPE", at) is None
    assert said[0].startswith("NOPE: the price band is checked against the account's last price only")
