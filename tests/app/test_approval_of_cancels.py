"""A session whose model cancels the exits of a position: they rest until a person answers, and end at most once."""

import json
import re
from decimal import Decimal

import pytest
from openoutcry.app.approvals import ApprovalService
from openoutcry.app.manual_orders import EntryKey, ManualOrderService
from openoutcry.desk.accounts.manual_orders import ManualOrder
from openoutcry.domain.ids import Symbol
from openoutcry.domain.orders import Action, TimeInForce
from openoutcry.domain.times import iso_time
from openoutcry.ledger.model.order_events import OrderCanceled
from openoutcry.tests.app.daily import NAME, XNYS, Killed, killed_at_the_result, open_daily, sessions
from stub.server import StubServer, fill

FIRST, SECOND, THIRD = sessions("2025-03-03", 3)
SYMBOL = Symbol("CALDR")


@pytest.fixture
def endpoint():
    """A model that plans no order and cancels every resting sale."""
    with StubServer() as server:

        def respond(request):
            answer = json.loads(fill(server.filler, request).content)
            schema = (request.body.get("response_format") or {}).get("json_schema", {})
            if schema.get("name") == "RestingPlan":
                labels = dict.fromkeys(re.findall(r"(R\d+): sell", request.prompt))
                answer |= {"orders": [], "resting": [{"order": each, "action": "cancel"} for each in labels]}
            return json.dumps(answer)

        server.responder = respond
        yield server


@pytest.fixture
def daily(tmp_path, endpoint):
    """An account at the close of SECOND that holds a position with two exits."""
    with open_daily(tmp_path / "home", model="openai:x", base_url=endpoint.url) as opened:
        opened.clock.after_close(FIRST)
        order = ManualOrder(
            SYMBOL,
            Action.BUY,
            Decimal(10),
            time_in_force=TimeInForce.GTC,
            take_profit=Decimal(9999),
            stop_loss=Decimal(1),
        )
        key = EntryKey(NAME, as_of=iso_time(opened.clock.now))
        ManualOrderService(opened.settings, opened.stores.ledger, opened.observer.notice).submit(key, order)
        opened.clock.after_close(SECOND)
        yield opened


def run(daily):
    return daily.run(watchlist=SYMBOL, approve="all")


def service(daily, **more):
    return ApprovalService(daily.stores.ledger, now=daily.clock, **more)


def exits(daily):
    return sorted(str(order.status) for order in daily.book.orders.values() if order.terms.closing)


def cancellations(daily):
    events = daily.stores.ledger.broker(NAME).journal.events
    return [event.order_id for event in events if isinstance(event, OrderCanceled)]


def test_the_exits_rest_until_a_person_approves_and_end_once_after_a_kill(daily):
    waiting = run(daily)
    assert (str(waiting.row.status), exits(daily)) == ("awaiting_approval", ["open", "open"])
    assert run(daily).row.status == waiting.row.status
    (proposal,) = daily.book.proposals
    for _ in range(2):
        service(daily).approve(NAME, proposal, by="Ann")
    assert exits(daily) == ["open", "open"]
    with pytest.raises(Killed), killed_at_the_result(daily):
        daily.daily_run().proceed(NAME, SECOND)
    ended = cancellations(daily)
    assert len(ended) == 2
    for _ in range(2):
        assert str(run(daily).row.status) == "done"
    assert (cancellations(daily), exits(daily)) == (ended, ["canceled", "canceled"])


def test_a_denial_keeps_the_exits_and_is_in_the_prompt_of_the_next_session(daily, endpoint):
    run(daily)
    service(daily, on_complete=daily.daily_run().proceed).deny_session(NAME, SECOND, by="Ann", reason="too risky")
    assert (daily.status(SECOND), exits(daily)) == ("done", ["open", "open"])
    assert any("denied by Ann: too risky" in notice for notice in daily.observer.notices)
    endpoint.chats.clear()
    daily.clock.after_close(THIRD)
    run(daily)
    note = f"its cancellation of {SECOND} denied by Ann: too risky"
    assert any(note in chat.prompt for chat in endpoint.chats if "Write the orders" in chat.prompt)


def test_without_an_answer_the_exits_rest_after_the_deadline(daily):
    run(daily)
    daily.clock.now = XNYS.open(THIRD)
    assert str(daily.run(SECOND, watchlist=SYMBOL, approve="all").row.status) == "late"
    (proposal,) = daily.book.proposals.values()
    assert (str(proposal.status), exits(daily)) == ("lapsed", ["open", "open"])


def test_without_a_policy_the_cancellation_is_submitted(daily):
    assert str(daily.run(watchlist=SYMBOL).row.status) == "done"
    assert exits(daily) == ["canceled", "canceled"]
    assert not daily.book.proposals
