"""HALTED never opens or increases a position, REDUCING never increases one, whatever happens to the account."""

from collections import Counter

import hypothesis.strategies as st
import pytest
from hypothesis.stateful import invariant, precondition, rule
from openoutcry.domain.account import AccountState
from openoutcry.domain.errors import ConflictError, OrderRejected
from openoutcry.ledger.book.book import Book
from openoutcry.ledger.book.fold import fold
from openoutcry.ledger.model.account_rules import AccountRules
from openoutcry.ledger.model.events import Event
from openoutcry.ledger.model.order_events import OrderAccepted, OrderFilled
from openoutcry.ledger.model.order_request import OrderRequest
from openoutcry.ledger.model.proposal import ProposalStatus
from openoutcry.ledger.pricing.integer_bar import IntegerBar
from openoutcry.tests.ledger.harness import terms
from openoutcry.tests.ledger.state_machine import Market, run, symbols

NOW, EXPIRY, LATE = "2024-01-01T00:00:00Z", "2024-01-02T00:00:00Z", "2024-01-03T00:00:00Z"


class GuardedMarket(Market):
    """A market in which the account is halted, reduced and resumed, and orders wait for approval.

    Every journal event is folded into a second book, and checked against the state of that book before it.
    """

    def __init__(self, seen: Counter[str]) -> None:
        super().__init__(seen)
        self.mirror, self.proposed = Book(), dict[str, OrderRequest]()

    @precondition(lambda self: self.number % 4 == 2)
    @rule(cancel_all=st.booleans())
    def halt_account(self, cancel_all: bool) -> None:
        self.broker.halt("drill", cancel_all=cancel_all)

    @precondition(lambda self: self.number % 3 == 1)
    @rule()
    def reduce_account(self) -> None:
        self.broker.reduce("calm")

    @rule()
    def resume_account(self) -> None:
        self.broker.resume()

    @precondition(lambda self: self.broker.book.positions)
    @rule(halts=st.booleans(), data=st.data())
    def close_while_guarded(self, halts: bool, data: st.DataObject) -> None:
        """Close a position with an order that rests while the account is halted, or is sent while it is reducing."""
        self.number += 1
        symbol = data.draw(st.sampled_from(sorted(self.broker.book.positions)))
        held = self.broker.book.quantity(symbol)
        made = terms(f"g{self.number}", "sell" if held > 0 else "cover", abs(held), symbol=symbol, tif="gtc")
        if halts:
            self.send(made)
            self.broker.halt("drill")
        else:
            self.broker.reduce("calm")
            self.send(made)

    def halt_and_resume(self) -> None:  # type: ignore[override]
        """Do nothing: the states change by rules of their own here."""

    def submit_later(self) -> None:  # type: ignore[override]
        """Do nothing, so that the commands that change the state come often enough."""

    @rule(quantity=st.integers(1, 300), symbol=symbols, closes=st.booleans(), at_once=st.booleans())
    def propose(self, quantity: int, symbol: str, closes: bool, at_once: bool) -> None:
        self.number += 1
        held = self.broker.book.quantity(symbol)
        side = "buy" if held >= 0 else "short"
        if closes and held:
            side, quantity = "sell" if held > 0 else "cover", min(quantity, abs(held))
        request = OrderRequest(terms(f"p{self.number}", side, quantity, symbol=symbol, tif="gtc"))
        self.proposed[request.terms.order_id] = request
        self.broker.proposals.propose(
            request, reference=100, band_bps=3_000, session=self.broker.book.session, expires=EXPIRY
        )
        if at_once:
            self.answer(request.terms.order_id, deny=False, at=NOW, again=False)

    @precondition(lambda self: self.proposed)
    @rule(
        data=st.data(),
        deny=st.sampled_from((False, False, True)),
        at=st.sampled_from((NOW, NOW, NOW, LATE)),
        again=st.booleans(),
    )
    def answer_and_submit(self, data: st.DataObject, deny: bool, at: str, again: bool) -> None:
        self.answer(data.draw(st.sampled_from(sorted(self.proposed))), deny=deny, at=at, again=again)

    def answer(self, order_id: str, *, deny: bool, at: str, again: bool) -> None:
        """Answer a proposal, and submit the order if it may be submitted."""
        actions, book = self.broker.proposals, self.broker.book
        for _ in range(1 + again):
            known = book.proposals[order_id].status
            try:
                answer = actions.deny(order_id, "ann", at) if deny else actions.approve(order_id, "ann", at, price=100)
            except (ConflictError, OrderRejected):
                assert known is not ProposalStatus.PENDING
            else:
                assert answer.repeated is (known is not ProposalStatus.PENDING)
        if book.proposals[order_id].status is ProposalStatus.APPROVED:
            answers = {self.broker.submit(self.proposed[order_id], reference=100) for _ in range(2)}
            assert len(answers) == 1
        else:
            try:
                self.broker.submit(self.proposed[order_id])
            except OrderRejected:
                assert order_id not in book.orders
            else:
                raise AssertionError("an order that was not approved was taken")

    @invariant()
    def safe(self) -> None:
        for event in self.broker.journal.events[self.mirror.seq :] if hasattr(self, "floor") else ():
            self.check(event)

    def check(self, event: Event) -> None:
        """Fold one event and compare the book after it with the state before it."""
        book, state = self.mirror, self.mirror.state
        if isinstance(event, OrderAccepted):
            made = event.terms
            assert made.order_id not in book.orders
            assert state is not AccountState.HALTED or made.forced
            assert state is AccountState.ACTIVE or made.closing
            proposal = book.proposals.get(made.order_id)
            assert proposal is None or proposal.status is ProposalStatus.APPROVED
            self.seen["Accepted while reducing"] += state is AccountState.REDUCING
            self.seen["Accepted after approval"] += proposal is not None
        symbol = book.orders[event.order_id].terms.symbol if isinstance(event, OrderFilled) else ""
        before = book.quantity(symbol)
        fold(book, event)
        after = book.quantity(symbol)
        if isinstance(event, OrderFilled) and state is not AccountState.ACTIVE:
            assert 0 <= after * (1 if before > 0 else -1) < abs(before)
            self.seen[f"Filled while {state}"] += 1


def test_no_sequence_of_commands_opens_while_halted_or_increases_while_reducing() -> None:
    seen: Counter[str] = Counter()
    wanted = {
        "Accepted while reducing", "Accepted after approval", "Filled while halted", "Filled while reducing",
        "OrderApproved", "ProposalDenied", "ProposalLapsed",
    }  # fmt: skip
    for _ in range(25):
        run(lambda: GuardedMarket(seen), 40)
        if all(seen[each] for each in wanted):
            return
    assert not {each for each in wanted if not seen[each]}


def test_the_machine_fails_a_broker_that_lets_entries_rest_in_a_halted_account() -> None:
    machine = GuardedMarket(Counter())
    machine.start(AccountRules(margin=True))
    machine.send(terms("a", "buy", 5, tif="gtc"))
    machine.safe()
    machine.mirror.halted = "unknown to the broker"
    machine.bar(IntegerBar(100, 101, 99, 100, 1_000), None)
    with pytest.raises(AssertionError):
        machine.safe()
