"""ATLAS: four actions by three types of order for one session, within cash, margin and what is held."""

from decimal import Decimal

import pytest
from openoutcry.domain.account import Holding
from openoutcry.domain.decision import Outcome
from openoutcry.domain.orders import Action, OrderType, TimeInForce
from openoutcry.domain.outputs import SingleAgentOutput
from openoutcry.market.view import MarketView
from scripted_answers import AS_OF, CLEAR, ORDER, THESIS
from transcripts import decision_of, scripted_desk

CASH = Decimal(100_000)
HELD = {"buy": 0, "sell": 30, "short": 0, "cover": -30}


@pytest.fixture(scope="module")
def close(demo):
    return MarketView(demo, AS_OF).bars(CLEAR, count=1)[-1].close


def order_of(close, action, kind, quantity):
    """Return an order of one of the three types, with its price one percent beside the close where it can wait."""
    up = 1 if (action in {"buy", "cover"}) == (kind == "stop") else -1
    price = (close * (1 + up * Decimal("0.01"))).quantize(Decimal("0.01"))
    given = {"limit_price": price if kind == "limit" else None, "stop_price": price if kind == "stop" else None}
    return ORDER.model_copy(
        update={"action": Action(action), "type": OrderType(kind), "quantity": Decimal(quantity), **given}
    )


def decided(demo, close, orders, held=0, margin=True):
    view = THESIS.model_dump()
    if orders and orders[0].action in {"sell", "short"}:
        view |= {"rating": "sell", "conviction": -0.5}
    answer = SingleAgentOutput(**view, orders=orders, rationale="So.")
    desk, _ = scripted_desk("atlas", demo, trader=answer)
    holdings = {CLEAR: Holding(CLEAR, Decimal(held), close, close)} if held else {}
    return decision_of(desk, CLEAR, AS_OF, holdings=holdings, cash=CASH - held * close, margin=margin)


@pytest.mark.parametrize("action", HELD)
@pytest.mark.parametrize("kind", ["market", "limit", "stop"])
def test_every_action_and_type_is_sent_for_one_session_as_it_was_written(demo, close, action, kind):
    written = order_of(close, action, kind, 10)
    (sent,) = decided(demo, close, (written,), HELD[action]).risk.allowed
    assert (sent.action, sent.type, sent.quantity, sent.time_in_force) == (action, kind, 10, TimeInForce.DAY)
    assert (sent.limit_price, sent.stop_price) == (written.limit_price, written.stop_price)


def test_no_order_is_deliberate_inaction(demo, close):
    decision = decided(demo, close, ())
    assert (decision.outcome, decision.abstention, decision.risk.asked) == (Outcome.HOLD, None, ())


@pytest.mark.parametrize(
    ("action", "held", "said"),
    [
        ("sell", 30, "sell asks for 31 shares, but only 30 are held long"),
        ("sell", 0, "there is no long position to sell"),
        ("cover", -30, "cover asks for 31 shares, but only 30 are held short"),
        ("cover", 0, "there is no short position to cover"),
    ],
    ids=["sell", "sell-nothing", "cover", "cover-nothing"],
)
def test_more_than_is_held_is_refused(demo, close, action, held, said):
    decision = decided(demo, close, (order_of(close, action, "market", 31),), held)
    assert decision.outcome is Outcome.ABSTAIN
    assert said in decision.abstention.reason


@pytest.mark.parametrize("action", ["buy", "short"])
def test_an_entry_is_cut_to_what_cash_and_limits_allow(demo, close, action):
    (sent,) = decided(demo, close, (order_of(close, action, "market", 10**6),)).risk.allowed
    assert 0 < sent.quantity * close <= CASH


def test_a_cash_account_cannot_sell_short(demo, close):
    decision = decided(demo, close, (order_of(close, "short", "market", 10),), margin=False)
    assert "a cash account cannot short" in decision.abstention.reason
