"""A trial on a copy of the account answers as a replayed account does, and leaves the account unchanged."""

import random
from datetime import date, timedelta

import pytest
from openoutcry.desk.accounts.replace_resting import trial_broker
from openoutcry.ledger.broker import Broker
from openoutcry.ledger.model.account_rules import AccountRules
from openoutcry.ledger.model.bar_time import BarTime
from openoutcry.ledger.model.instrument import Instrument
from openoutcry.ledger.model.order_request import OrderRequest
from openoutcry.ledger.pricing.integer_bar import IntegerBar
from openoutcry.tests.ledger.harness import Weekdays, terms

SYMBOLS = ("AAA", "BBB")


def bars(chance):
    found = {}
    for symbol in SYMBOLS:
        price = 10_000 + chance.randint(-800, 800)
        found[symbol] = IntegerBar(price, price + 150, price - 150, price + chance.randint(-100, 100), 10_000)
    return found


def drawn(chance, number):
    symbol, quantity = chance.choice(SYMBOLS), chance.randint(1, 400)
    side, kind = chance.choice(("buy", "sell", "buy")), chance.choice(("market", "limit", "limit"))
    limit = 10_000 + chance.randint(-900, 900) if kind == "limit" else None
    main = terms(f"o{number}", side, quantity, kind, limit=limit, tif="gtc", symbol=symbol)
    if side == "buy" and chance.random() < 0.4:
        stop = terms(
            f"o{number}.sl", "sell", quantity, "stop", stop=8_500, tif="gtc", symbol=symbol, parent=f"o{number}"
        )
        return OrderRequest(main, (stop,))
    return OrderRequest(main)


def newest_by_search(book, symbol):
    own = [o for o in book.orders.values() if o.terms.symbol == symbol and not o.terms.parent]
    return max(own, key=lambda order: order.seq, default=None)


@pytest.mark.parametrize("seed", range(8))
def test_a_trial_answers_as_a_replay_and_changes_nothing(seed):
    chance, calendar = random.Random(seed), Weekdays()
    broker = Broker.open("trial", AccountRules(participation_bps=None), calendar)
    broker.deposit("opening", 5_000_000)
    for symbol in SYMBOLS:
        broker.list_instrument(Instrument(symbol))
    day, refused, superseded = date(2025, 1, 6), 0, 0
    for number in range(60):
        request, before = drawn(chance, number), broker.book.state_hash()
        copies = trial_broker(broker), Broker.replayed(broker.journal.events, calendar)
        for copy in copies:
            copy.record_decision(f"d{number}", request.terms.symbol, "orders")
        superseded += sum(event.__class__.__name__ == "OrderCanceled" for event in copies[0].journal.events)
        answers = [copy.submit(request, reference=10_000) for copy in copies]
        assert answers[0] == answers[1]
        assert copies[0].book.state_hash() == copies[1].book.state_hash()
        assert broker.book.state_hash() == before
        refused += not answers[0].accepted
        broker.submit(request, reference=10_000)
        for symbol in SYMBOLS:
            assert broker.book.newest.get(symbol) is newest_by_search(broker.book, symbol)
        assert broker.book.refused == [i for i, o in broker.book.orders.items() if o.status == "rejected"]
        if number % 3 == 2:
            broker.on_bar(BarTime(day, number), bars(chance))
            day = calendar.next(day + timedelta(days=0))
    assert refused
    assert superseded
