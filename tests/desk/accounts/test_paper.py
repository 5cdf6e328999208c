"""A paper account lives through sessions: fills, splits, dividends and delistings as the market has them."""

from datetime import date
from decimal import Decimal

import pytest
from broker_session import (
    XNYS,
    live,
    order,
    send,
)
from openoutcry.desk.accounts.market_replay import pending_sessions, session_data
from openoutcry.domain.errors import AccountMovedOn, ConfigError
from openoutcry.domain.ids import Symbol
from openoutcry.domain.market import Interval
from openoutcry.domain.orders import (
    Action,
    OrderClass,
    StopLoss,
    TakeProfit,
)
from openoutcry.ledger.broker import Broker
from openoutcry.ledger.model.account_rules import AccountRules, SplitPolicy
from openoutcry.ledger.model.instrument import Instrument
from openoutcry.ledger.reports.audit import check_book


@pytest.fixture
def broker():
    """Open a margin account without costs, limits of volume or settlement."""
    rules = AccountRules(margin=True, participation_bps=None, split_orders=SplitPolicy.ADJUST)
    opened = Broker.open("t", rules, XNYS)
    opened.deposit("opening", 10_000_000)
    return opened


def sound(broker):
    return [breach for check in check_book(broker.journal, broker.book) for breach in check.breaches] == []


def test_a_market_order_fills_at_the_next_open(broker, demo):
    live(broker, demo, date(2025, 3, 3), date(2025, 3, 3))
    assert send(broker, order("CALDR", Action.BUY, 10))[0].accepted
    live(broker, demo, date(2025, 3, 4), date(2025, 3, 4))
    bar = demo.bars(Symbol("CALDR"), Interval.DAY, until=XNYS.close(date(2025, 3, 4)), count=1)[0]
    assert broker.book.quantity("CALDR") == 10
    assert broker.book.positions["CALDR"].cost == int(bar.open * 100) * 10
    assert sound(broker)


def test_a_split_multiplies_the_shares_and_keeps_their_cost(broker, demo):
    live(broker, demo, date(2021, 7, 29), date(2021, 7, 29))
    send(broker, order("CALDR", Action.BUY, 10))
    live(broker, demo, date(2021, 7, 30), date(2021, 7, 30))
    cost = broker.book.positions["CALDR"].cost
    live(broker, demo, date(2021, 8, 2), date(2021, 8, 2))
    assert (broker.book.quantity("CALDR"), broker.book.positions["CALDR"].cost) == (30, cost)
    assert sound(broker)


def test_dividends_are_due_to_who_held_going_into_the_day(broker, demo):
    paid = next(
        d for d in demo.dividends(Symbol("CALDR"), until=XNYS.close(date(2025, 6, 30))) if d.ex_date.year == 2025
    )
    before = XNYS.previous(XNYS.previous(paid.ex_date))
    live(broker, demo, before, before)
    send(broker, order("CALDR", Action.BUY, 100))
    live(broker, demo, XNYS.next(before), paid.ex_date)
    assert broker.book.balance("income:dividends") == -int(paid.amount * 100 * 100)
    assert sound(broker)


def test_a_listing_ends_at_its_last_close_on_the_session_of_its_delisting_record(broker, demo):
    last = date(2023, 5, 12)
    live(broker, demo, date(2023, 5, 10), date(2023, 5, 10))
    send(broker, order("BRAXH", Action.BUY, 100))
    live(broker, demo, date(2023, 5, 11), last)
    assert broker.book.quantity("BRAXH") == 100
    equity = broker.book.equity
    live(broker, demo, date(2023, 5, 15), date(2023, 5, 15))
    assert "BRAXH" not in broker.book.positions
    assert broker.book.equity == equity
    assert sound(broker)


def test_exits_are_submitted_before_entries_whatever_their_order_in_the_plan(broker, demo):
    """The broker rejects an entry against an open position that no exit closes, so the order of submission decides."""
    live(broker, demo, date(2025, 3, 3), date(2025, 3, 3))
    send(broker, order("CALDR", Action.BUY, 10))
    live(broker, demo, date(2025, 3, 4), date(2025, 3, 4))
    entry = order("CALDR", Action.BUY, 5, client_order_id="plan-0")
    leaving = order("CALDR", Action.SELL, 10, client_order_id="plan-1")
    answers = send(broker, entry, leaving)
    assert [answer.client_order_id for answer in answers] == ["plan-0", "plan-1"]
    accepted = [state.terms.order_id for state in broker.book.live_orders()]
    assert accepted[0] == "plan-1"
    assert (answers[0].accepted, answers[1].accepted) == (False, True)  # the entry crosses the exit, not the reverse


def test_an_exit_takes_the_place_of_the_bracket_and_the_rest_stays_protected(broker, demo):
    live(broker, demo, date(2025, 3, 3), date(2025, 3, 3))
    close = demo.bars(Symbol("CALDR"), Interval.DAY, until=XNYS.close(date(2025, 3, 3)), count=1)[0].close
    target, stop = TakeProfit(close * 2), StopLoss((close / 2).quantize(Decimal("0.01")))
    bracket = {"order_class": OrderClass.BRACKET, "take_profit": target, "stop_loss": stop}
    send(broker, order("CALDR", Action.BUY, 10, **bracket))
    live(broker, demo, date(2025, 3, 4), date(2025, 3, 4))
    answers = send(broker, order("CALDR", Action.SELL, 4))
    assert answers[0].accepted
    live(broker, demo, date(2025, 3, 5), date(2025, 3, 5))
    assert broker.book.quantity("CALDR") == 6
    assert sorted(o.remaining for o in broker.book.live_orders()) == [6, 6]
    assert send(broker, order("CALDR", Action.SELL, 4)) == answers
    assert sorted(o.remaining for o in broker.book.live_orders()) == [6, 6]
    assert sound(broker)


def test_an_account_goes_on_where_it_was_and_never_back(broker, demo):
    assert pending_sessions(broker.book, XNYS, date(2025, 3, 3)) == (date(2025, 3, 3),)
    live(broker, demo, date(2025, 3, 3), date(2025, 3, 3))
    assert pending_sessions(broker.book, XNYS, date(2025, 3, 3)) == ()
    assert pending_sessions(broker.book, XNYS, date(2025, 3, 7)) == (date(2025, 3, 7),)
    send(broker, order("CALDR", Action.BUY, 10))
    assert pending_sessions(broker.book, XNYS, date(2025, 3, 5)) == (date(2025, 3, 4), date(2025, 3, 5))
    with pytest.raises(AccountMovedOn, match="its past"):
        pending_sessions(broker.book, XNYS, date(2025, 2, 28))


def test_a_symbol_of_another_calendar_is_refused(demo):
    class Coins:
        calendar_name = staticmethod(lambda _: "24/7")

    with pytest.raises(ConfigError, match="one calendar"):
        session_data(Coins(), Instrument("BTC"), XNYS, date(2025, 3, 3))
