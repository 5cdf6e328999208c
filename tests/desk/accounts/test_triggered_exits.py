"""An exit that triggers ends the rest of its entry, worked by hand on thin markets."""

import pytest
from openoutcry.tests.desk.accounts.cases import buy, daily, margin_account, sessions, shared_case, walk, write_market

FALL = ((96, 97, 95, 96), (94, 95, 93, 94), (92, 93, 91, 92), (90, 91, 89, 90), (88, 89, 87, 88), (86, 87, 85, 86))
STILL, BREAK = (100, 101, 99, 100), (100, 101, 94, 96)
LIMIT, MARKET = (STILL, STILL, BREAK, *FALL), (STILL, BREAK, *FALL)
DAYS = sessions(10)
EXPECTED = [(LIMIT, "100.50", 9_900_000), (MARKET, None, 9_960_000)]


@pytest.mark.parametrize(("rows", "limit", "equity"), EXPECTED)
def test_what_was_bought_is_sold_and_nothing_more_is_bought(tmp_path, rows, limit, equity):
    bars = {str(day): (*row, 1_000) for day, row in zip(DAYS, rows, strict=False)}
    broker = margin_account()
    walk(broker, write_market(tmp_path / "m", {"prices_daily.csv": daily(bars)}), DAYS[: len(rows)],
         buy(500, limit=limit, stop=95))  # fmt: skip
    assert broker.book.order("b").reason == "exit_triggered"
    assert (broker.book.quantity("AAA"), broker.book.equity) == (0, equity)


@pytest.mark.parametrize(("name", "limit", "equity"), [
    ("05-partial-parent", "100.50", 9_900_000),
    ("36-partial-market-parent", None, 9_960_000),
])  # fmt: skip
def test_the_shared_examples_end_flat(name, limit, equity):
    broker = margin_account()
    walk(broker, shared_case(name), DAYS, buy(500, limit=limit, stop=95))
    assert (broker.book.quantity("AAA"), broker.book.equity) == (0, equity)
