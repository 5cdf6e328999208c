"""Resting orders that a decision keeps, replaces or cancels: in one transaction, once, the same in both accounts."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import openoutcry.desk.accounts.paper_account as desk
import pytest
from decisions import decision, plain_order
from openoutcry.desk.accounts.superseded import with_superseded
from openoutcry.desk.accounts.withheld_orders import withhold_overtaken
from openoutcry.domain.decision import Outcome
from openoutcry.domain.errors import StaleDecision
from openoutcry.domain.ids import ClientOrderId, Symbol
from openoutcry.domain.orders import OrderType, RestingAction, RestingOrderAction
from openoutcry.domain.trading_calendar import trading_calendar
from openoutcry.ledger.model.account_rules import AccountRules
from openoutcry.ledger.model.events import AccountOpened
from openoutcry.ledger.store.ledger import Ledger
from openoutcry.ledger.store.verify import verify
from openoutcry.tests.desk.account_pair import RecordingAccount, open_in_memory, open_stored

XNYS = trading_calendar("XNYS")
CALDR = Symbol("CALDR")
FIRST, SECOND, THIRD = XNYS.between(date(2025, 3, 3), date(2025, 3, 5))
RULES, CASH = AccountRules(margin=True), 10_000_000
TOO_LARGE = 10**6


class Killed(BaseException):
    """Ends a process as a signal would."""


def entry(name, limit="1.00", quantity=10):
    return plain_order(name, CALDR, "buy", quantity, limit=limit)


def stop(name, quantity, level="1.00"):
    sell = plain_order(name, CALDR, "sell", quantity)
    return replace(sell, type=OrderType.STOP, stop_price=Decimal(level))


def acting(run, session, *orders, asked=(), **actions):
    stated = tuple(RestingOrderAction(ClientOrderId(name), RestingAction(each)) for name, each in actions.items())
    made = replace(decision(run, CALDR, XNYS.close(session), *orders, denied=asked), resting_actions=stated)
    return with_superseded(made, None)


def begun(account):
    """Buy 100 shares with a bracket, let it fill, and leave two entries resting; return the account at SECOND."""
    account.advance(FIRST)
    bracket = plain_order("b", CALDR, "buy", 100, stop="1.00", target="9999.00")
    account.submit([decision("r0", CALDR, XNYS.close(FIRST), bracket, entry("e1"), entry("e2", "1.10"))])
    account.advance(SECOND)
    return account


@pytest.fixture
def ledger(demo, tmp_path):
    """Return the database of the stored account."""
    _, ledger = open_stored(tmp_path / "book.db", demo, RULES, CASH)
    yield ledger
    ledger.close()


@pytest.fixture
def both(demo, ledger):
    """Return both kinds of account at the same state."""
    return begun(open_in_memory(demo, RULES, CASH)), begun(RecordingAccount(ledger, "t", demo))


@pytest.fixture
def command(ledger):
    """Return a function that gives a command to the broker of an account, as a person does."""

    def give(account, order):
        if hasattr(account, "broker"):
            order(account.broker)
            return
        with ledger.transaction("t") as broker:
            order(broker)

    return give


def status(account, *names):
    return [str(account.book.order(name).status) for name in names]


CASES = {
    "kept": ({"e1": "keep", "e2": "keep"}, (), ["open", "open", "open"], ()),
    "canceled": ({"e1": "cancel", "e2": "keep"}, (), ["canceled", "open", "open"], ("e1",)),
    "replaced": ({"e1": "replace", "e2": "keep"}, (entry("n"),), ["canceled", "open", "open"], ("e1",)),
    "all-ended": ({"e1": "replace", "e2": "cancel"}, (entry("n"),), ["canceled", "canceled", "open"], ("e1", "e2")),
    "rejected": ({"e1": "replace", "e2": "cancel"}, (entry("n", "99.00", TOO_LARGE),), ["open", "canceled", "open"],
                 ("e2",)),
    "exit-canceled": ({"b.sl": "cancel", "b.tp": "cancel"}, (), ["open", "open", "canceled"], ("b.sl", "b.tp")),
    "exit-replaced": ({"b.sl": "replace", "b.tp": "replace"}, (stop("n", 100, "1.20"),),
                      ["open", "open", "canceled"], ("b.sl", "b.tp")),
    "exit-replaced-by-two": ({"b.sl": "replace"}, (stop("n", 60, "1.20"), stop("m", 40, "1.10")),
                             ["open", "open", "canceled"], ("b.sl",)),
    "exit-cut": ({"b.sl": "replace", "e1": "replace"}, (stop("n", 99), entry("m")),
                 ["canceled", "open", "open"], ("e1",)),
    "exit-not-replaced": ({"b.sl": "replace", "e1": "replace"}, (stop("n", 101), entry("m")),
                          ["canceled", "open", "open"], ("e1",)),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_each_action_has_its_effect_once_in_a_stored_and_in_an_in_memory_account(both, case):
    actions, orders, expected, ended = case
    everything = dict.fromkeys(("e1", "e2", "b.sl", "b.tp"), "keep") | actions
    sent = acting("r1", SECOND, *orders, **everything)
    hashes = []
    for account in both:
        assert status(account, "e1", "e2", "b.sl") == ["open", "open", "open"]
        (answered,) = account.submit([sent])
        assert status(account, "e1", "e2", "b.sl") == expected
        assert answered.superseded == ended
        after = account.book.state_hash()
        assert account.submit([sent]) == (answered,)
        assert account.book.state_hash() == after
        account.advance(THIRD)
        hashes.append(account.book.state_hash())
    assert hashes[0] == hashes[1]


def test_a_replaced_stop_and_its_successor_never_leave_the_position_without_an_exit(both):
    for account in both:
        account.submit([acting("r1", SECOND, stop("n", 100), e1="keep", e2="keep", **{"b.sl": "replace"})])
        assert status(account, "b.sl", "b.tp", "n") == ["canceled", "canceled", "open"]


def test_stated_actions_of_a_silent_plan_end_in_the_same_state_as_a_plan_without_them(both, demo, tmp_path):
    exits = {"b.sl": "keep", "b.tp": "keep"}
    stated = [
        acting("r1", SECOND, entry("n"), e1="replace", e2="replace", **exits),
        acting("r1", SECOND, e1="cancel", e2="cancel", **exits),
    ]
    for number, explicit in enumerate(stated):
        silent, ledger = open_stored(tmp_path / f"{number}.db", demo, RULES, CASH)
        explicitly = begun(open_in_memory(demo, RULES, CASH))
        begun(silent).submit([replace(explicit, resting_actions=(), superseded=("e1", "e2"))])
        explicitly.submit([explicit])
        assert explicitly.book.state_hash() == silent.book.state_hash()
        ledger.close()


def test_a_kill_between_cancel_and_submit_neither_loses_nor_repeats_a_cancel(demo, tmp_path, monkeypatch):
    file = tmp_path / "book.db"
    sent = acting("r1", SECOND, entry("n"), e1="cancel", e2="replace", **{"b.sl": "keep", "b.tp": "keep"})
    undisturbed = begun(open_in_memory(demo, RULES, CASH))
    expected = undisturbed.submit([sent])
    stored, ledger = open_stored(file, demo, RULES, CASH)
    before, submit, seen = begun(stored).book.state_hash(), desk.submit_orders, []

    def die(broker, *more):
        if isinstance(broker.journal.events[0], AccountOpened):  # not the copy on which orders are tried
            seen.append([str(broker.book.order(name).status) for name in ("e1", "e2")])
            raise Killed
        return submit(broker, *more)

    monkeypatch.setattr(desk, "submit_orders", die)
    with pytest.raises(Killed):
        stored.submit([sent])
    ledger.close()
    monkeypatch.setattr(desk, "submit_orders", submit)
    assert seen == [["canceled", "canceled"]]
    ledger = Ledger.open(f"sqlite:///{file}", trading_calendar)
    resumed = RecordingAccount(ledger, "t", demo)
    assert resumed.book.state_hash() == before
    assert resumed.submit([sent]) == expected
    assert resumed.submit([sent]) == expected
    assert resumed.book.state_hash() == undisturbed.book.state_hash()
    assert not [check for check in verify(ledger, "t") if check.breaches]
    ledger.close()


def test_a_decision_for_a_halted_account_cancels_no_exit(both, command):
    for account in both:
        command(account, lambda broker: broker.halt("drill"))
        (answered,) = account.submit([acting("r1", SECOND, e1="cancel", e2="keep", **{"b.sl": "cancel"})])
        assert answered.superseded == ()
        assert status(account, "e1", "b.sl") == ["canceled", "open"]


def test_an_order_that_a_person_canceled_meanwhile_is_no_error(both, command):
    for account in both:
        command(account, lambda broker: broker.cancel("e1"))
        (answered,) = account.submit([acting("r1", SECOND, e1="cancel", e2="keep")])
        assert answered.superseded == ()
        assert account.book.order("e1").reason == "on_request"


def test_a_decision_that_does_not_know_an_entry_is_stale(both):
    for account in both:
        with pytest.raises(StaleDecision, match="e2 came to rest"):
            account.submit([acting("r1", SECOND, e1="cancel")])
        assert status(account, "e1", "e2") == ["open", "open"]


@pytest.mark.parametrize("orders", [(), (entry("n"),)], ids=["hold", "orders"])
def test_a_decision_that_a_person_overtook_cancels_nothing(both, orders):
    account = both[0]
    overtaken = [
        replace(decision("r1", CALDR, XNYS.close(SECOND), *orders), superseded=("e1",)),
        acting("r2", SECOND, *orders, e1="cancel", **{"b.sl": "cancel"}),
    ]
    for each in overtaken:
        (withheld,) = withhold_overtaken(account.broker, [each])
        (answered,) = account.submit([withheld])
        assert (answered.outcome, answered.superseded) == (Outcome.HOLD, ())
        assert status(account, "e1", "e2", "b.sl") == ["open", "open", "open"]


def test_the_desk_sees_the_age_and_the_links_of_what_rests(both):
    for account in both:
        account.advance(THIRD)
        view = account.view(CALDR)
        ages = {each.client_order_id: view.resting_facts[each.client_order_id].age for each in view.resting(CALDR)}
        assert ages == {"e1": 2, "e2": 2, "b.sl": 2, "b.tp": 2}
        groups = {name: view.resting_facts[ClientOrderId(name)].group for name in ages}
        assert groups["b.sl"] == groups["b.tp"] != ""
        assert groups["e1"] == groups["e2"] == ""
