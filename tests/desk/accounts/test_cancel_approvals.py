"""Resting exits whose end waits for a person: they rest until the answer, and end once or not at all."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from openoutcry.app.approval_policy import parse_approval_policy
from openoutcry.desk.accounts.approvals import lapse_expired, pending_proposals, with_answers
from openoutcry.desk.accounts.cancel_approvals import propose_cancels, refused_cancels, with_cancel_answers
from openoutcry.desk.accounts.paper_account import account_view, advance_account, submit_all
from openoutcry.domain.errors import ConflictError, OrderRejected
from openoutcry.domain.orders import RestingAction
from openoutcry.domain.times import iso_time
from openoutcry.ledger.store.verify import verify
from openoutcry.tests.desk.account_pair import open_stored
from openoutcry.tests.desk.accounts.test_resting_actions import (
    CALDR,
    CASH,
    RULES,
    SECOND,
    THIRD,
    XNYS,
    acting,
    begun,
    stop,
)

EXITS = {"b.sl": "cancel", "b.tp": "cancel", "e1": "keep", "e2": "keep"}
EXPIRES = XNYS.open(THIRD) - timedelta(minutes=10)


class Desk:
    """A stored account that holds a protected position, and a decision that cancels its exits."""

    def __init__(self, file, demo):
        account, self.ledger = open_stored(file, demo, RULES, CASH)
        begun(account)
        self.source, self.decisions = demo, (acting("r1", SECOND, **EXITS),)

    @property
    def book(self):
        return self.ledger.broker("t").book

    def propose(self, needs=lambda order, price, action: True):
        propose_cancels(self.ledger, "t", self.decisions, needs, source=self.source, expires=EXPIRES)
        return [each.order_id for each in pending_proposals(self.book)]

    def answer(self, how, reason="", at=EXPIRES, **more):
        (order_id,) = [each.order_id for each in self.book.proposals.values()]
        with self.ledger.transaction("t") as broker:
            return getattr(broker.proposals, how)(order_id, "ann", iso_time(at), reason, **more)

    def submit(self):
        answered = with_cancel_answers(self.book, with_answers(self.book, self.decisions))
        return submit_all(self.ledger, "t", answered, self.source)

    def states(self):
        return [str(self.book.order(name).status) for name in ("b.sl", "b.tp")]


@pytest.fixture
def desk(tmp_path, demo):
    made = Desk(tmp_path / "book.db", demo)
    yield made
    assert not [check for check in verify(made.ledger, "t") if check.breaches]
    made.ledger.close()


def test_exits_that_end_together_are_one_proposal_and_go_on_resting(desk):
    (proposal,) = desk.propose()
    seq = desk.book.seq
    assert desk.propose() == [proposal]
    assert desk.book.seq == seq
    (line,) = pending_proposals(desk.book, SECOND)
    assert (line.action, line.symbol, line.quantity, line.ends) == ("cancel", CALDR, 100, ("b.sl", "b.tp"))
    assert (line.type, str(line.stop), line.session) == ("stop", "1.00", SECOND.isoformat())
    with pytest.raises(ConflictError, match="wait for approval"):
        desk.submit()
    with pytest.raises(OrderRejected, match=r"the cancellation of order b\.sl waits for approval"):
        submit_all(desk.ledger, "t", desk.decisions, desk.source)
    assert desk.states() == ["open", "open"]


def test_an_approved_cancellation_takes_effect_once(desk, demo):
    desk.propose()
    first, second = desk.answer("approve", "flat soon"), desk.answer("approve", "again")
    assert (str(first.status), second.repeated, second.reason) == ("approved", True, "flat soon")
    (answered,) = desk.submit()
    assert answered.superseded == ("b.sl", "b.tp")
    assert desk.states() == ["canceled", "canceled"]
    head = desk.book.state_hash()
    assert desk.submit() == (answered,)
    assert desk.propose() == []
    assert desk.book.state_hash() == head
    advance_account(desk.ledger, "t", demo, XNYS, THIRD)
    assert lapse_expired(desk.ledger, "t", EXPIRES + timedelta(days=1)) == ()


def test_a_denied_cancellation_keeps_the_exits_and_the_desk_sees_why(desk):
    desk.propose()
    desk.answer("deny", "earnings \x1b[31mtomorrow")
    with pytest.raises(ConflictError, match="denied by ann"):
        desk.answer("approve")
    with pytest.raises(OrderRejected, match=r"of order b\.sl is denied"):
        submit_all(desk.ledger, "t", desk.decisions, desk.source)
    (answered,) = desk.submit()
    assert answered.superseded == ()
    assert set(answered.resting_actions) == {
        replace(each, action=RestingAction.KEEP) for each in answered.resting_actions
    }
    assert desk.states() == ["open", "open"]
    (text,) = refused_cancels(desk.book, desk.decisions)
    assert "b.sl and b.tp goes on resting, its cancellation of 2025-03-04 denied by ann: earnings [31mtomorrow" in text
    facts = account_view(desk.ledger.broker("t"), CALDR, {}.get).resting_facts
    shown = {name: facts[name].note for name in ("b.sl", "b.tp", "e1")}
    assert shown["b.sl"] == shown["b.tp"] == "its cancellation of 2025-03-04 denied by ann: earnings [31mtomorrow"
    assert shown["e1"] == ""


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"at": EXPIRES + timedelta(seconds=1)}, "it expired at"),
        ({"price": 10**9}, "more than 3 % away"),
    ],
    ids=["late", "band"],
)
def test_an_approval_that_no_longer_fits_lapses_and_the_exits_rest(desk, change, reason):
    desk.propose()
    answer = desk.answer("approve", **change)
    assert str(answer.status) == "lapsed"
    assert reason in answer.reason
    desk.submit()
    assert desk.states() == ["open", "open"]


def test_it_lapses_once_the_exits_have_ended(desk):
    desk.propose()
    with desk.ledger.transaction("t") as broker:
        broker.cancel("b.sl")
    assert desk.answer("approve").reason == "order b.sl is canceled"
    desk.submit()


def test_a_split_lets_it_lapse(desk):
    desk.propose()
    with desk.ledger.transaction("t") as broker:
        broker.split(CALDR, date(2025, 3, 5), 2)
    (line,) = desk.book.proposals.values()
    assert (str(line.status), line.reason) == ("lapsed", "CALDR was split on 2025-03-05")


def test_a_further_session_lets_an_approved_cancellation_lapse_that_was_not_submitted(desk, demo):
    desk.propose()
    desk.answer("approve")
    advance_account(desk.ledger, "t", demo, XNYS, THIRD)
    assert len(lapse_expired(desk.ledger, "t", EXPIRES)) == 1
    assert desk.states() == ["open", "open"]


def test_a_replaced_exit_stays_if_its_replacement_was_denied(desk):
    desk.decisions = (acting("r1", SECOND, stop("n", 100, "0.50"), **EXITS | {"b.sl": "replace", "b.tp": "replace"}),)
    desk.propose()
    assert [each.event.action for each in desk.book.proposals.values()] == ["replace"]
    desk.answer("deny")
    desk.submit()
    assert desk.states() == ["open", "open"]


@pytest.mark.parametrize(
    ("policy", "action", "waits"),
    [
        ("none", "cancel", False),
        ("all", "cancel", True),
        ("all", "keep", False),
        ("above 1000", "cancel", True),
        ("above 1000", "replace", True),
        ("above 1000000", "cancel", False),
        ("outside max_quantity=99", "cancel", True),
        ("outside max_quantity=100", "cancel", False),
        ("outside price_collar=1000", "cancel", True),
        ("outside max_quantity=100,price_collar=200", "replace", False),
    ],
)
def test_the_policy_says_which_cancellations_wait(desk, policy, action, waits):
    desk.decisions = (acting("r1", SECOND, stop("n", 100), **EXITS | {"b.sl": action, "b.tp": action}),)
    assert bool(desk.propose(parse_approval_policy(policy).needs_approval_to_end)) is waits


def test_a_canceled_entry_never_waits(desk):
    desk.decisions = (acting("r1", SECOND, e1="cancel", e2="replace", **{"b.sl": "keep", "b.tp": "keep"}),)
    assert desk.propose() == []
