"""The runs that an account still needs: of open orders, of the last orders, and of the last decision on each symbol."""

from dataclasses import replace

from openoutcry.desk.accounts.journal_runs import runs_in_use
from openoutcry.ledger.model.order_request import OrderRequest
from openoutcry.tests.ledger.harness import quiet_floor, terms


def test_runs_of_open_orders_last_orders_and_last_decisions_are_in_use():
    floor = quiet_floor()

    def decide(run, *orders, outcome="orders"):
        floor.broker.record_decision(run, "AAA", outcome, supersedes=False)
        if orders:
            entry, *exits = (replace(each, run_id=run) for each in orders)
            assert floor.broker.submit(OrderRequest(entry, tuple(exits))).accepted

    decide("first", terms("a", "buy", 5))
    floor.bar((10_000, 10_100, 9_900, 10_000, 99))
    stop = terms("b.sl", "sell", 5, "stop", stop=9_000, tif="gtc", parent="b", group="b.sl")
    decide("second", terms("b", "buy", 5), stop)
    floor.bar((10_000, 10_100, 9_900, 10_000, 99))
    decide("third", terms("c", "buy", 5))
    floor.bar((10_000, 10_100, 9_900, 10_000, 99))
    decide("fourth", outcome="hold")
    assert runs_in_use(floor.broker) == {"second", "third", "fourth"}  # the exit of the second still rests
    floor.bar((9_000, 9_100, 8_900, 9_000, 99))
    assert runs_in_use(floor.broker) == {"third", "fourth"}
