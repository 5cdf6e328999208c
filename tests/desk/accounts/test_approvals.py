"""Orders between decision and submission: proposed, answered by a person, submitted once or not at all."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from openoutcry.desk.accounts.approvals import lapse_expired, pending_proposals, propose_orders, with_answers
from openoutcry.desk.accounts.paper_account import account_view, advance_account, submit_all
from openoutcry.domain.decision import Outcome
from openoutcry.domain.errors import ConflictError, DuplicateOrder, OrderRejected
from openoutcry.domain.orders import OrderClass, StopLoss
from openoutcry.domain.trading_calendar import trading_calendar
from openoutcry.ledger.model.account_rules import AccountRules
from openoutcry.ledger.store.ledger import Ledger
from openoutcry.ledger.store.verify import verify
from openoutcry.tests.desk.accounts.test_hours import FLAT, XNYS, market
from openoutcry.tests.desk.accounts.test_superseding import decision, order

PROTECTED = {"order_class": OrderClass.OTO, "stop_loss": StopLoss(Decimal(80))}


class Desk:
    """A stored account at its first session, with two decisions on it that are not submitted."""

    def __init__(self, folder):
        self.source, self.sessions = market(folder / "m", [FLAT] * 4)
        self.ledger = Ledger.open(f"sqlite:///{folder / 'book.db'}", trading_calendar)
        self.ledger.create("t", AccountRules())
        with self.ledger.transaction("t") as broker:
            broker.deposit("opening", 1_000_000)
        advance_account(self.ledger, "t", self.source, XNYS, self.sessions[0])
        self.expires = XNYS.close(self.sessions[0]) + timedelta(hours=12)
        big, small = replace(order("big", 50), **PROTECTED), order("small", 2)
        self.decisions = (decision("r1", self.sessions[0], big, small),)

    def propose(self, decisions=None, **changes):
        needs = changes.pop("needs", lambda order, price: order.quantity * price > 1_000)
        given = self.decisions if decisions is None else decisions
        settings = {"source": self.source, "expires": self.expires} | changes
        return propose_orders(self.ledger, "t", given, needs, **settings)

    def answer(self, how, order_id="big", reason=""):
        with self.ledger.transaction("t") as broker:
            return getattr(broker.proposals, how)(order_id, "ann", self.expires.isoformat(), reason)

    @property
    def book(self):
        return self.ledger.broker("t").book

    def submit(self):
        return submit_all(self.ledger, "t", with_answers(self.book, self.decisions), self.source)


@pytest.fixture
def desk(tmp_path):
    made = Desk(tmp_path)
    yield made
    made.ledger.close()


def test_a_proposed_entry_names_the_exit_that_it_awaits(desk):
    turned = decision("r1", desk.sessions[0], order("close", 50), replace(order("turn", 50), awaits="close"))
    assert desk.propose((turned,)) == ("close", "turn")
    assert [line.awaits for line in pending_proposals(desk.book)] == ["", "close"]


def test_only_orders_that_need_an_approval_wait_for_it_and_a_repetition_changes_nothing(desk):
    assert desk.propose() == ("big",)
    seq = desk.book.seq
    assert desk.propose() == ("big",)
    assert desk.book.seq == seq
    (line,) = pending_proposals(desk.book, desk.sessions[0])
    assert (line.action, line.quantity, line.limit, line.exits) == ("buy", 50, 90, ("stop 80.00",))
    assert (line.reference, line.band, line.session) == (100, 3, desk.sessions[0].isoformat())
    assert datetime.fromisoformat(line.expires) == desk.expires
    assert pending_proposals(desk.book, desk.sessions[1]) == ()
    assert len(pending_proposals(desk.book)) == 1


def test_nothing_is_written_if_no_order_needs_an_approval(desk):
    seq = desk.book.seq
    assert desk.propose(needs=lambda order, price: False) == ()
    assert desk.book.seq == seq


def test_the_same_id_with_other_terms_is_refused(desk):
    desk.propose()
    with pytest.raises(DuplicateOrder):
        desk.propose((decision("r1", desk.sessions[0], order("big", 49)),))


def test_decisions_with_an_order_that_waits_are_not_submitted(desk):
    desk.propose()
    with pytest.raises(ConflictError, match="big in account t wait for approval"):
        with_answers(desk.book, desk.decisions)
    with pytest.raises(OrderRejected, match="waits for approval"):
        submit_all(desk.ledger, "t", desk.decisions, desk.source)
    assert desk.book.orders == {}


def test_an_approved_order_is_submitted_with_its_exits_once(desk):
    desk.propose()
    assert desk.answer("approve").status == "approved"
    first, again = desk.submit(), desk.submit()
    assert first == again
    assert [answer.accepted for answer in first[0].submissions] == [True, True]
    assert sorted(desk.book.orders) == ["big", "big.sl", "small"]
    assert desk.propose() == ()  # the session is run again
    assert not [check for check in verify(desk.ledger, "t") if check.breaches]


def test_a_denied_order_is_recorded_with_the_reason_and_the_others_go_on(desk):
    desk.propose()
    desk.answer("deny", reason="too large \x1b[31m[/bar]\nfor us")
    (answered,) = with_answers(desk.book, desk.decisions)
    assert [each.client_order_id for each in answered.risk.allowed] == ["small"]
    assert [(each.order.client_order_id, each.reason) for each in answered.risk.denied] == [
        ("big", "denied by ann: too large [31m[/bar] for us")
    ]
    assert answered.outcome is Outcome.ORDERS
    desk.submit()
    assert list(desk.book.orders) == ["small"]


def test_a_decision_without_an_order_left_is_a_hold_that_was_not_intended(desk):
    desk.decisions = (decision("r1", desk.sessions[0], order("big", 50)),)
    desk.propose()
    desk.answer("deny")
    (answered,) = with_answers(desk.book, desk.decisions)
    assert (answered.outcome, answered.is_intentional_hold) == (Outcome.HOLD, False)
    assert desk.submit()[0].submissions == ()


def test_the_desk_sees_a_denial_and_its_reason_at_its_next_decision(desk):
    """No order of the decision reached the broker."""
    desk.decisions = (decision("r1", desk.sessions[0], order("big", 50)),)
    desk.propose()
    stored = {"r1": desk.decisions[0]}
    view = lambda: account_view(desk.ledger.broker("t"), desk.decisions[0].ticker, stored.get)  # noqa: E731
    assert [past.status for past in view().last_orders] == ["waits for approval"]
    desk.answer("deny", reason="earnings tomorrow")
    desk.submit()
    (past,) = view().last_orders
    assert (past.status, past.allowed, past.filled) == ("denied by ann: earnings tomorrow", 50, 0)


def test_a_newer_decision_with_orders_replaces_a_denied_one_in_the_view(desk):
    desk.propose()
    desk.answer("deny")
    desk.submit()
    advance_account(desk.ledger, "t", desk.source, XNYS, desk.sessions[1])
    later = decision("r2", desk.sessions[1], order("later"), knew=("small",))
    submit_all(desk.ledger, "t", (later,), desk.source)
    stored = {"r1": desk.decisions[0], "r2": later}
    past = account_view(desk.ledger.broker("t"), later.ticker, stored.get).last_orders
    assert [(each.as_of, each.status) for each in past] == [(later.as_of, "open")]


def test_what_is_not_answered_in_time_lapses(desk):
    desk.propose()
    assert lapse_expired(desk.ledger, "t", desk.expires) == ()
    assert lapse_expired(desk.ledger, "t", desk.expires + timedelta(seconds=1)) == ("big",)
    assert lapse_expired(desk.ledger, "t", datetime.max.replace(tzinfo=UTC)) == ()
    assert desk.book.proposals["big"].reason.startswith("it expired at ")


@pytest.mark.parametrize("approved", [False, True])
def test_what_was_not_submitted_before_the_next_session_lapses(desk, approved):
    desk.propose()
    if approved:
        desk.answer("approve")
    advance_account(desk.ledger, "t", desk.source, XNYS, desk.sessions[1])
    assert lapse_expired(desk.ledger, "t", desk.expires) == ("big",)
    with pytest.raises(OrderRejected, match="has lapsed: the account has processed 2025-03-04 since"):
        desk.answer("approve")


def test_an_entry_is_denied_with_the_exit_that_it_awaits(desk):
    close, entry = order("close", 5), replace(order("turn", 3), awaits="close")
    made = (decision("r1", desk.sessions[0], close, entry),)
    desk.propose(made, needs=lambda each, _: each.client_order_id == "close")
    desk.answer("deny", "close", "too early")
    (answered,) = with_answers(desk.book, made)
    assert [each.order.client_order_id for each in answered.risk.denied] == ["close", "turn"]
    assert answered.risk.denied[1].reason == "the exit close that it awaits was not approved"
    assert answered.outcome is Outcome.HOLD
