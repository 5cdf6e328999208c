"""The lots of an account as the desk is shown them: from the fills that acquired them, whatever has happened since."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from broker_session import (
    XNYS,
    live,
    order,
    send,
)
from constant_market import ORDER
from openoutcry.agents import formatting
from openoutcry.desk.accounts.open_lots import open_lots, with_lots
from openoutcry.desk.accounts.statement import positions
from openoutcry.domain.account import Account, Holding, OpenLot
from openoutcry.domain.brief import Brief
from openoutcry.domain.ids import LotId, Symbol
from openoutcry.domain.market import Quote
from openoutcry.domain.orders import Action
from openoutcry.domain.outputs import OrderPlanWithLots, PlannedOrderWithLots
from openoutcry.ledger.broker import Broker
from openoutcry.ledger.model.account_rules import AccountRules
from openoutcry.ledger.model.lots import LotMethod
from openoutcry.ledger.reports.account_view import account_view

CALDR = Symbol("CALDR")
THIRD, FOURTH, FIFTH, SIXTH = (date(2025, 3, day) for day in (3, 4, 5, 6))


def opened(method=LotMethod.SPECIFIC):
    broker = Broker.open("t", AccountRules(margin=True, participation_bps=None, lots=method), XNYS)
    broker.deposit("opening", 10_000_000)
    return broker


@pytest.fixture
def broker():
    return opened()


def trade(broker, source, day, action, quantity, **more):
    """Send an order after `day` and let the next session fill it; return the name of its fill."""
    live(broker, source, day, day)
    asked = order("CALDR", action, quantity, leg=f"{day:%d}", **more)
    assert send(broker, asked)[0].accepted
    following = XNYS.next(day)
    live(broker, source, following, following)
    return f"{asked.client_order_id}#{broker.book.bar}"


def lots_of(broker):
    return {lot.lot_id: (lot.quantity, lot.acquired) for lot in open_lots(broker).get(CALDR, ())}


@pytest.mark.parametrize("action", ["buy", "short"])
def test_lots_add_up_to_the_position_in_shares_cost_and_gain(broker, demo, action):
    first = trade(broker, demo, THIRD, Action(action), 10)
    second = trade(broker, demo, FIFTH, Action(action), 5)
    sign = 1 if action == "buy" else -1
    assert lots_of(broker) == {first: (sign * 10, FOURTH), second: (sign * 5, SIXTH)}
    (line,) = positions(broker)
    assert sum(lot.quantity for lot in line.lots) == line.quantity
    assert sum(lot.unrealised for lot in line.lots) == line.unrealised
    assert sum(lot.quantity * lot.cost for lot in open_lots(broker)[CALDR]) == line.value - line.unrealised


def test_what_is_left_of_a_lot_keeps_its_name_its_cost_and_its_day(broker, demo):
    first = trade(broker, demo, THIRD, Action.BUY, 10)
    (before,) = open_lots(broker)[CALDR]
    trade(broker, demo, FIFTH, Action.SELL, 4, lots=(LotId(first),))
    assert open_lots(broker)[CALDR] == (replace(before, quantity=Decimal(6)),)


def test_the_broker_knows_no_lots_but_its_own(broker, demo):
    trade(broker, demo, THIRD, Action.BUY, 10)
    (answer,) = send(broker, order("CALDR", Action.SELL, 4, lots=(LotId("nobody's"),)))
    assert (answer.accepted, answer.reason) == (False, "unknown_lot")


def test_a_split_leaves_a_lot_its_name_and_divides_its_cost(broker, demo):
    trade(broker, demo, date(2021, 7, 29), Action.BUY, 10)
    (before,) = open_lots(broker)[CALDR]
    live(broker, demo, date(2021, 8, 2), date(2021, 8, 2))
    (after,) = open_lots(broker)[CALDR]
    assert after == replace(before, quantity=before.quantity * 3, cost=before.cost / 3)


@pytest.mark.parametrize("method", LotMethod)
def test_the_desk_is_shown_lots_where_the_account_picks_them(demo, method):
    broker = opened(method)
    trade(broker, demo, THIRD, Action.BUY, 10)
    shown = with_lots(account_view(broker.book), broker)
    assert shown.supports_specific_lots == (method is LotMethod.SPECIFIC)
    assert shown.lots(CALDR) == (open_lots(broker)[CALDR] if shown.supports_specific_lots else ())
    assert shown.equity == account_view(broker.book).equity


def brief_with(lots, close="110"):
    held = Holding(CALDR, Decimal(len(lots)), Decimal(100), Decimal(close), lots)
    book = Account("test", Decimal(1000), holdings={CALDR: held}, supports_specific_lots=True)
    quote = Quote(CALDR, THIRD, Decimal(close), None, None, Decimal(1))
    return Brief(CALDR, None, THIRD, FOURTH, quote, book, synthetic=True)


def test_gains_are_told_to_the_cent_and_a_long_list_is_cut(broker):
    lots = tuple(OpenLot(LotId(f"lot-{n}"), Decimal(1), Decimal("99.996"), THIRD) for n in range(25))
    told = formatting.format_positions(brief_with(lots)).splitlines()
    assert told[1].startswith(
        "open lots, oldest first, gains at the last close: lot-0: 1 at 100.00 on 2025-03-03, gain"
    )
    assert told[1].count("gain +10.00") == formatting.LOTS_SHOWN
    assert told[1].endswith("; 5 younger ones")
    assert "`lots`" in told[2]


def test_a_short_gains_when_the_price_falls():
    lot = OpenLot(LotId("a"), Decimal(-10), Decimal(100), THIRD)
    assert (lot.gain(Decimal(90)), lot.gain(Decimal("100.5"))) == (Decimal(100), Decimal(-5))


def test_a_plan_that_names_lots_without_end_is_told_in_few_words():
    named = [f"lot-{n}" for n in range(10_000)]
    plan = OrderPlanWithLots(
        orders=(PlannedOrderWithLots.model_validate(ORDER | {"action": "sell", "lots": named}),), rationale="All."
    )
    told = formatting.format_plan(plan)
    assert " lot lot-0 lot lot-1 " in told
    assert " lot lot-19 and 9980 more lots: The thesis" in told
    assert len(told) < 1_000


def test_without_open_lots_nothing_is_said_about_them():
    assert "lots" not in formatting.format_positions(brief_with(()))
