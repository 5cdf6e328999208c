"""One decision turns a position: sent whole or in slices, shown with its exit, and replaced by the next decision."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

from decisions import decision, plain_order
from hourly_market import XNYS, hourly_market
from openoutcry.desk.accounts.in_memory_account import InMemoryAccount
from openoutcry.desk.accounts.statement import orders
from openoutcry.desk.execution_plan import plan_execution
from openoutcry.desk.records.document import _order
from openoutcry.domain.ids import ClientOrderId, Symbol
from openoutcry.domain.orders import OrderType, TimeInForce
from openoutcry.ledger.model.account_rules import AccountRules, BarInterval
from openoutcry.ledger.model.order_events import OrderFilled
from openoutcry.ledger.reports.audit import check_book
from openoutcry.market.view import MarketView
from openoutcry.risk.proposals.order_specs import NextOpenExecution, TwapExecution
from openoutcry.risk.target_orders import orders_to_target

AAA = Symbol("AAA")
WEEK = XNYS.between(date(2025, 3, 3), date(2025, 3, 7))


def turned(held, target):
    return orders_to_target(AAA, Decimal(held), Decimal(target), lambda leg: ClientOrderId(f"turn-{leg}"))


def long_account(folder, **rules):
    """Return an account that has bought 70 AAA in the second session, and its market."""
    source = hourly_market(folder, WEEK)
    account = InMemoryAccount.open("t", AccountRules(margin=True, participation_bps=None, **rules), 100_000_000, source)
    account.advance(WEEK[0])
    account.submit([decision("first", "AAA", XNYS.close(WEEK[0]), plain_order("in", "AAA", "buy", 70))])
    account.advance(WEEK[1])
    return account, source


def send(account, source, spec, *asked):
    moment = XNYS.close(WEEK[1])
    plan = plan_execution(spec, asked, MarketView(source, moment), AAA, account.view(AAA))
    (sent,) = account.submit([replace(decision("turn", "AAA", moment, *asked), execution=plan)])
    return sent


def fills(account):
    found = [each for each in account.broker.journal.events if isinstance(each, OrderFilled)]
    return [(each.order_id, each.quantity, each.price // 10_000) for each in found[1:]]


def test_a_decision_turns_the_position_at_the_next_open(tmp_path):
    account, source = long_account(tmp_path)
    send(account, source, NextOpenExecution(), *turned(70, -30))
    lines = {each.order_id: (each.status, each.parent) for each in orders(account.book, every=False)}
    assert lines == {"turn-0": ("open", ""), "turn-1": ("held", "turn-0")}
    assert [(each.client_order_id, each.awaits) for each in account.view(AAA).resting(AAA)] == [
        ("turn-1", "turn-0"), ("turn-0", None),
    ]  # fmt: skip
    account.advance(WEEK[2])
    assert fills(account) == [("turn-0", 70, 100), ("turn-1", 30, 100)]
    assert account.view(AAA).quantity(AAA) == -30
    assert not [check for check in check_book(account.broker.journal, account.book) if check.breaches]


def test_the_entry_waits_for_all_slices_of_the_exit(tmp_path):
    account, source = long_account(tmp_path, bars=BarInterval.HOURLY)
    send(account, source, TwapExecution(), *turned(70, -30))
    account.advance(WEEK[2])
    assert fills(account) == [*((f"turn-0-s{bar + 1}", 10, 100 + bar) for bar in range(7)), ("turn-1", 30, 106)]
    assert not [check for check in check_book(account.broker.journal, account.book) if check.breaches]


def test_the_next_decision_replaces_a_waiting_entry(tmp_path):
    account, source = long_account(tmp_path)
    close, entry = turned(70, -30)
    patient = replace(close, type=OrderType.LIMIT, limit_price=Decimal(500), time_in_force=TimeInForce.GTC)
    send(account, source, NextOpenExecution(), patient, replace(entry, time_in_force=TimeInForce.GTC))
    account.advance(WEEK[2])
    assert account.book.order("turn-1").status == "held"
    hold = decision("hold", "AAA", XNYS.close(WEEK[2]), superseded=("turn-1",))
    account.submit([hold])
    assert [account.book.order(each).status for each in ("turn-0", "turn-1")] == ["open", "canceled"]


def test_an_entry_whose_exit_is_rejected_is_rejected_too(tmp_path):
    account, source = long_account(tmp_path)
    close, entry = turned(70, -30)
    sent = send(account, source, NextOpenExecution(), replace(close, quantity=Decimal(71)), entry)
    assert [(each.accepted, each.reason) for each in sent.submissions] == [
        (False, "exceeds_position"), (False, "parent_ended"),
    ]  # fmt: skip
    account.advance(WEEK[2])
    assert fills(account) == []


def test_the_document_names_the_exit_of_a_waiting_entry_only():
    close, entry = turned(70, -30)
    assert ("awaits" in _order(close), _order(entry)["awaits"]) == (False, "turn-0")
