"""A desk of every topology, decision kind and scope whose session is killed and repeated around its submission."""

from collections import Counter
from contextlib import contextmanager
from dataclasses import replace
from datetime import date

import pytest
from decision_matrix import MATRIX, symbols_of
from openoutcry.app.paper_request import SessionFlags, session_request
from openoutcry.desk.accounts import paper_account
from openoutcry.desk.accounts.paper_account import advance_account, submit_all
from openoutcry.desk.accounts.stored_account import StoredAccount
from openoutcry.domain.proposal import DecisionKind
from openoutcry.graph.desk_config import load_desk
from openoutcry.ledger.model.account_rules import AccountRules
from openoutcry.ledger.model.events import OrderAccepted
from openoutcry.tests.app.daily import XNYS, Killed, killed_at_the_result, open_daily

FIRST, SECOND = date(2025, 3, 3), date(2025, 3, 4)


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """Return a state folder that the accounts of all cases share."""
    with open_daily(tmp_path_factory.mktemp("once") / "home") as daily:
        yield daily


class Case:
    """A funded account of one desk, whose first session can be run any number of times."""

    def __init__(self, home, name):
        settings = home.settings.model_copy(update={"desk": name})
        self.daily, self.account = replace(home, settings=settings), f"of-{name}"
        home.stores.ledger.create(self.account, AccountRules(margin=True))
        with home.stores.ledger.transaction(self.account) as broker:
            broker.deposit("opening", 10_000_000)
        self.request = session_request(None, SessionFlags(self.account, ",".join(symbols_of(name))))
        home.clock.after_close(FIRST)

    def run(self):
        return self.daily.daily_run().run(self.request)

    @property
    def broker(self):
        return self.daily.stores.ledger.broker(self.account)

    @property
    def accepted(self):
        """Return how often an order was accepted, by its id."""
        return Counter(each.terms.order_id for each in self.broker.journal.events if isinstance(each, OrderAccepted))

    @property
    def state(self):
        return self.broker.journal.seq, self.broker.book.state_hash()


@contextmanager
def killed_before_the_submission(monkeypatch):
    """Kill a run where it submits its decisions, and yield the list of them."""
    decided = []

    def killed(_, decisions):
        decided.extend(decisions)
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(StoredAccount, "submit", killed)
        yield decided


@contextmanager
def killed_within_the_submission(monkeypatch):
    """Kill a run where the broker has the first decision, before the transaction ends."""
    send = paper_account.send

    def killed(*arguments):
        send(*arguments)
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(paper_account, "send", killed)
        yield


@pytest.mark.parametrize("name", MATRIX.values(), ids=MATRIX.keys())
def test_a_session_that_is_killed_around_its_submission_and_repeated_sends_each_order_once(home, monkeypatch, name):
    case = Case(home, name)
    with killed_before_the_submission(monkeypatch) as decided, pytest.raises(Killed):
        case.run()
    orders = {order.client_order_id: order for decision in decided for order in decision.risk.allowed}
    assert bool(orders) is (load_desk(name).decision.kind is not DecisionKind.REPORT)
    assert not case.accepted
    with killed_within_the_submission(monkeypatch), pytest.raises(Killed):
        case.run()
    assert not case.accepted
    with killed_at_the_result(case.daily), pytest.raises(Killed):
        case.run()
    sent = case.state
    assert set(case.accepted.values()) <= {1}
    entered = {each.terms.order_id: each.quantity for each in case.broker.book.orders.values() if not each.terms.parent}
    assert entered == {order_id: order.quantity for order_id, order in orders.items()}

    record = case.run().record
    assert [each.run_id for each in record.decisions] == [each.run_id for each in decided]
    assert {each.client_order_id for made in record.decisions for each in made.submissions} == set(orders)
    assert case.run().repeated
    stores = case.daily.stores
    assert submit_all(stores.ledger, case.account, decided, stores.source) == record.decisions
    assert case.state == sent

    advance_account(stores.ledger, case.account, stores.source, XNYS, SECOND)
    settled = case.state
    assert submit_all(stores.ledger, case.account, decided, stores.source) == record.decisions
    assert case.state == settled
