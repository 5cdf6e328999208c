"""What other programs read: every line parses, every amount is exact, and bean-check is content."""

import csv
import io
import json
import subprocess
import sys
from datetime import date
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest
from openoutcry.domain.orders import Action
from openoutcry.ledger.book.journal import JournalRow, read_rows
from openoutcry.ledger.broker import Broker
from openoutcry.ledger.model.account_rules import AccountRules
from openoutcry.ledger.model.order_request import OrderRequest
from openoutcry.ledger.reports.account_view import account_view
from openoutcry.ledger.reports.export import beancount, csv_lines, jsonl
from openoutcry.tests.ledger.harness import Floor, terms

FLAT = (10_000, 10_000, 10_000, 10_000, 1_000_000)
ODD = "brk/b^1"


def busy() -> Broker:
    """Return an account that has seen a bit of everything, in symbols that other programs dislike."""
    floor = Floor(AccountRules(margin=True, participation_bps=None, cash_bps=300), symbols=("AAA", ODD))
    rows = {"AAA": FLAT, ODD: FLAT}
    floor.bar(**rows)
    floor.broker.submit(OrderRequest(terms("a", "buy", 11)))
    floor.broker.submit(OrderRequest(terms('s"x', "short", 7, symbol=ODD)))
    floor.bar(**rows)
    floor.broker.dividend("AAA", date(2024, 1, 4), Fraction(1, 4), date(2024, 1, 9))
    floor.broker.split(ODD, date(2024, 1, 4), Fraction(1, 2))
    while floor.day < date(2024, 2, 2):
        floor.bar(**rows)
    floor.broker.submit(OrderRequest(terms("out", "sell", 5)))
    floor.broker.submit(OrderRequest(terms("rest", "sell", 5, "limit", limit=12_050, tif="gtc")))
    floor.bar(**rows)
    return floor.broker


def test_json_lines_carry_the_whole_chain() -> None:
    broker = busy()
    parsed = [json.loads(line) for line in jsonl(broker.journal)]
    rows = [
        JournalRow(
            each["seq"], json.dumps(each["event"], sort_keys=True, separators=(",", ":"), ensure_ascii=False),
            each["hash"], each["schema_version"],
        )
        for each in parsed
    ]  # fmt: skip
    assert list(read_rows(rows)) == broker.journal.events


def test_csv_amounts_sum_to_zero_per_event_and_commodity() -> None:
    broker = busy()
    sums: dict[tuple[str, str], Decimal] = {}
    lines = list(csv.DictReader(io.StringIO("".join(csv_lines(broker.journal, broker.book)))))
    for line in lines:
        key = (line["seq"], line["commodity"])
        sums[key] = sums.get(key, Decimal(0)) + Decimal(line["amount"])
    assert len(lines) > 20
    assert not any(sums.values())
    assert [line["date"] for line in lines] == sorted(line["date"] for line in lines)


def test_bean_check_is_content(tmp_path: Path) -> None:
    checker = Path(sys.executable).with_name("bean-check")
    if not checker.exists():
        pytest.skip("bean-check is not installed")
    broker = busy()
    path = tmp_path / "book.beancount"
    path.write_text("".join(beancount(broker.journal, broker.book)))
    found = subprocess.run([checker, path], capture_output=True, text=True, check=False)
    assert (found.returncode, found.stdout + found.stderr) == (0, "")


def test_the_desk_sees_decimals_holdings_and_open_orders() -> None:
    seen = account_view(busy().book)
    assert seen.quantity(seen.open_orders[0].symbol) == 6
    assert (seen.open_orders[0].action, seen.open_orders[0].limit_price) == (Action.SELL, Decimal("120.50"))
    short = seen.holdings[ODD]  # type: ignore[index]
    assert (short.quantity, short.average_cost, short.mark) == (-3, Decimal(200), 100)
    assert seen.equity == seen.cash + 600 - 300
