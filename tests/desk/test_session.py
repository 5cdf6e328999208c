"""One session: settled once, decided concurrently, submitted together; whatever finishes first, the result is one."""

import asyncio
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from decisions import Scripted, decision, plain_order
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openoutcry.desk.records.session_status import SessionStatus
from openoutcry.desk.session import SessionPorts, run_session
from openoutcry.desk.strategies.baselines import BuyAndHold, Cash, EqualWeight
from openoutcry.desk.strategies.desk_strategy import DeskStrategy
from openoutcry.domain.decision import Outcome
from openoutcry.domain.errors import LookAheadError
from openoutcry.domain.ids import Symbol
from openoutcry.domain.trading_calendar import trading_calendar
from openoutcry.ledger.book.wire_names import event_name
from openoutcry.ledger.model.account_rules import AccountRules
from openoutcry.risk.limit_settings import Limits
from openoutcry.tests.desk.account_pair import open_in_memory, open_stored
from openoutcry.tests.desk_factory import rules

XNYS = trading_calendar("XNYS")
FIRST, SECOND, THIRD = XNYS.between(date(2025, 3, 3), date(2025, 3, 5))
SYMBOLS = tuple(map(Symbol, ("CALDR", "DRUMT", "HALDM", "VEXIL")))
CASH = 10_000_000


def run(account, strategy, session=FIRST, symbols=SYMBOLS, **more):
    return asyncio.run(run_session(account, strategy, symbols, session, **more))


@pytest.fixture
def account(demo):
    return open_in_memory(demo, AccountRules(margin=True), CASH)


class Delayed:
    """Buys as much as the buying power allows, after a number of turns of the event loop, and counts who waits."""

    name = "delayed"

    def __init__(self, turns):
        self.turns, self.running, self.most = turns, 0, 0

    async def __call__(self, question):
        self.running += 1
        self.most = max(self.most, self.running)
        for _ in range(self.turns[question.ticker]):
            await asyncio.sleep(0)
        self.running -= 1
        order = plain_order(f"{question.run_id}-0", question.ticker, "buy", 700)
        return decision(question.run_id, question.ticker, question.as_of, order)


@given(
    order=st.permutations(SYMBOLS), turns=st.lists(st.integers(0, 9), min_size=4, max_size=4), at_once=st.integers(1, 4)
)
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_result_depends_neither_on_the_order_of_symbols_nor_on_who_finishes_first(demo, order, turns, at_once):
    usual, shuffled = (open_in_memory(demo, AccountRules(margin=True), CASH) for _ in range(2))
    strategy = Delayed(dict(zip(SYMBOLS, turns, strict=True)))
    one = run(usual, Delayed(dict.fromkeys(SYMBOLS, 0)))
    other = run(shuffled, strategy, symbols=order, concurrency=at_once)
    assert one == other
    assert usual.book.state_hash() == shuffled.book.state_hash()
    assert strategy.most <= at_once
    accepted = {answer.accepted for each in one.decisions for answer in each.submissions}
    assert accepted == {True, False}  # they compete for the buying power, so the order of submission matters


def test_all_decisions_see_the_account_as_the_settlement_left_it(account):
    strategy = Scripted(*[[plain_order(f"b{n}", symbol, "buy", 10)] for n, symbol in enumerate(SYMBOLS)])
    run(account, strategy)
    assert {question.account.cash for question in strategy.asked} == {Decimal(CASH) / 100}
    record = run(account, later := Scripted(), SECOND)
    assert [question.account.quantity(question.ticker) for question in later.asked] == [10] * 4
    assert {event_name(each) for each in record.events.events} >= {"Filled"}


def test_what_is_held_or_rests_is_decided_on_although_nobody_watches_it(account):
    run(account, Scripted([plain_order("b", "CALDR", "buy", 10, stop="1.00", target="900.00")]), symbols=["CALDR"])
    record = run(account, Scripted(), SECOND, symbols=["VEXIL"])
    assert [each.ticker for each in record.decisions] == ["CALDR", "VEXIL"]


@pytest.mark.parametrize("stored", [False, True])
def test_a_session_that_is_run_again_goes_on_where_it_was(demo, tmp_path, stored):
    """Killed after the decisions, then run again twice: neither a decision nor an order is made a second time."""
    path, rule_set = tmp_path / "b.db", AccountRules(margin=True)
    account, ledger = open_stored(path, demo, rule_set, CASH) if stored else (None, None)
    account = account or open_in_memory(demo, rule_set, CASH)
    kept = {}
    ports = SessionPorts(find_decision=kept.get, store_decision=lambda each: kept.update({each.run_id: each}))

    def killed(_):
        raise KeyboardInterrupt

    run(account, Scripted([plain_order("old", "CALDR", "buy", 5, limit="1.00")]), symbols=["CALDR"])
    orders = [[plain_order(f"b{n}", symbol, "buy", 10, limit="1.00")] for n, symbol in enumerate(SYMBOLS)]
    with pytest.raises(KeyboardInterrupt):
        run(account, Scripted(*orders), SECOND, ports=replace(ports, approval=killed))
    assert set(account.book.orders) == {"old"}
    done = run(account, nobody := Scripted(), SECOND, ports=ports)
    before = account.book.state_hash()
    assert [each.superseded for each in done.decisions] == [("old",), (), (), ()]
    assert set(account.book.orders) == {"old", "b0", "b1", "b2", "b3"}
    assert run(account, nobody, SECOND, ports=ports).decisions == done.decisions
    assert account.book.state_hash() == before
    assert nobody.asked == []
    if ledger:
        ledger.close()


def test_a_desk_of_rules_decides_in_a_session_as_it_does_alone(account, demo):
    record = run(account, DeskStrategy(rules(demo)))
    assert [each.desk for each in record.decisions] == ["debate"] * 4
    sent = [answer for each in record.decisions for answer in each.submissions or ()]
    assert sent
    assert {answer.client_order_id for answer in sent} == set(account.book.orders) - _exits(account)


def _exits(account):
    return {name for name, order in account.book.orders.items() if order.terms.parent or order.terms.group}


def test_the_limits_of_the_book_and_a_person_stand_between_decision_and_order(account):
    published = []

    def none_but_first(decisions):
        return [each for each in decisions if each.ticker == "CALDR"]

    ports = SessionPorts(allocate=none_but_first, approval=lambda _: None, publish=published.append)
    orders = [[plain_order(f"b{n}", symbol, "buy", 10)] for n, symbol in enumerate(SYMBOLS)]
    waiting = run(account, Scripted(*orders), ports=ports)
    assert waiting.status is SessionStatus.AWAITING_APPROVAL
    assert (published, len(waiting.decisions)) == ([waiting], 1)
    assert not account.book.orders
    approved = SessionPorts(find_decision={each.run_id: each for each in waiting.decisions}.get)
    done = run(account, Scripted(), symbols=["CALDR"], ports=approved)
    assert (done.status, list(account.book.orders)) == (SessionStatus.DONE, ["b0"])


def test_a_look_ahead_stops_the_session_before_anything_is_submitted(account):
    class Cheat(Scripted):
        async def __call__(self, question):
            if question.ticker == "VEXIL":
                raise LookAheadError("tomorrow's close")
            return await super().__call__(question)

    orders = [[plain_order(f"b{n}", symbol, "buy", 10)] for n, symbol in enumerate(SYMBOLS)]
    with pytest.raises(LookAheadError):
        run(account, Cheat(*orders))
    assert not account.book.orders


def test_a_settlement_alone_asks_nobody(account):
    record = run(account, strategy := Scripted(), settle_only=True)
    assert (record.status, record.decisions, strategy.asked) == (SessionStatus.SETTLED, (), [])
    assert account.book.session == FIRST.isoformat()


def test_the_baselines_hold_what_they_say(account, demo):
    for session in (FIRST, SECOND):
        run(account, EqualWeight(demo, len(SYMBOLS)), session)
    run(account, Cash(demo), THIRD)
    view = account.view(SYMBOLS[0])
    shares = [float(view.holdings[symbol].market_value / view.equity) for symbol in SYMBOLS]
    assert shares == pytest.approx([0.25] * 4, abs=0.02)
    once = open_in_memory(demo, AccountRules(margin=True), CASH, name="once")
    outcomes = [run(once, BuyAndHold(demo, Limits()), day, ["CALDR"]).decisions[0].outcome for day in (FIRST, SECOND)]
    assert outcomes == [Outcome.ORDERS, Outcome.HOLD]
    assert once.view(Symbol("CALDR")).quantity(Symbol("CALDR")) > 0
