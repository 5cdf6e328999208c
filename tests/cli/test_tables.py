"""Tables: at 80 columns ids stay whole and text wraps; in a pipe every record is one complete line."""

import json
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openoutcry.cli.console.layout import Fit, TableColumn, lay_out, lay_out_record
from openoutcry.cli.console.tables import print_rows

TICKER = "GRUND"


@pytest.fixture
def orders(openoutcry):
    """Submit two decisions and return all orders of the account."""
    assert openoutcry("paper", "init", "--margin", "--commission-bps", "1").code == 0
    for day in ("2025-01-06", "2025-03-03"):
        decided = ("decide", TICKER, "--account", "paper", "--submit", "--model", "rules", "--as-of", day, "--json")
        assert openoutcry(*decided).code == 0
    return json.loads(openoutcry("paper", "orders", "--all", "--json").out)


def plain(text):
    return re.sub(r"\x1b\[[0-9;]*m", "", text)


def test_at_80_columns_every_id_is_whole_and_no_table_is_wider(openoutcry, orders, terminal):
    ids = {order["order_id"] for order in orders}
    terminal()
    for command in (("orders", "--all"), ("fills",), ("history",), ("positions",)):
        text = plain(openoutcry("paper", *command).out)
        assert max(map(len, text.splitlines())) <= 80
        assert "…" not in text
        shown = ids if command[0] in {"orders", "history"} else {orders[0]["order_id"]}
        assert shown <= set(re.split(r"[\s#]+", text))
    head = json.loads(openoutcry("paper", "status", "--json").out)["head"]
    assert head in plain(openoutcry("paper", "status").out)


@pytest.mark.parametrize("command", [("prompts", "list"), ("memory", "stats"), ("runs", "list"), ("ledger", "verify")])
def test_other_tables_fit_80_columns_too(openoutcry, orders, terminal, command):
    terminal()
    text = plain(openoutcry(*command).out)
    assert text.count("\n") > 3
    assert max(len(line) for line in text.splitlines() if " in /" not in line) <= 80


def test_prompt_ids_and_hashes_stay_whole(openoutcry, home, terminal):
    listed = json.loads(openoutcry("prompts", "list", "--json").out)
    terminal()
    words = plain(openoutcry("prompts", "list").out).split()
    assert {row["id"] for row in listed} | {row["hash"] for row in listed} <= set(words)


def test_in_a_pipe_one_record_is_one_line_of_values_with_tabs(openoutcry, orders):
    names, *lines = openoutcry("paper", "orders", "--all").out.splitlines()
    assert [line.split("\t")[0] for line in lines] == [order["order_id"] for order in orders]
    assert {len(line.split("\t")) for line in (names, *lines)} == {len(names.split("\t"))}
    pairs = dict(line.split("\t") for line in openoutcry("paper", "status").out.splitlines())
    assert Decimal(pairs["equity"]) == Decimal(json.loads(openoutcry("paper", "status", "--json").out)["equity"])


def test_the_memories_are_complete_in_a_pipe(openoutcry, orders):
    listed = json.loads(openoutcry("memory", "list", "--json").out)
    _, *lines = openoutcry("memory", "list").out.splitlines()
    assert [line.split("\t")[-1] for line in lines] == [re.sub(r"[\t\n]+", " ", each["text"]) for each in listed]


def test_the_history_is_in_currency_and_the_raw_events_are_in_json(openoutcry, orders):
    names, *lines = (line.split("\t") for line in openoutcry("paper", "history").out.splitlines())
    rows = [dict(zip(names, line, strict=True)) for line in lines]
    (fill,) = json.loads(openoutcry("paper", "fills", "--json").out)
    (shown,) = [row for row in rows if row["event"] == "Filled"]
    assert (shown["session"], shown["order_id"]) == (fill["session"], fill["order_id"])
    cost = Decimal(fill["quantity"]) * Decimal(fill["price"]) + Decimal(fill["commission"])
    assert (Decimal(shown["price"]), Decimal(shown["cash"])) == (Decimal(fill["price"]), -cost)
    deposited = next(row for row in rows if row["event"] == "Deposited")
    assert (deposited["cash"], deposited["detail"]) == ("100000.00", "opening")
    assert [row["detail"] for row in rows if row["event"] == "Decided"] == [f"{TICKER} orders"] * 2
    raw = json.loads(openoutcry("paper", "history", "--limit", "999", "--json").out)
    assert {"reference": "opening", "amount": 10_000_000} in [json.loads(each["facts"]) for each in raw]


@dataclass(frozen=True)
class Line:
    """A record with one column of each kind."""

    order_id: str
    at: datetime
    price: Decimal
    certain: bool
    text: str


def test_values_of_a_pipe_have_no_separators_tabs_or_line_breaks(capsys):
    at = datetime(2025, 3, 3, 21, 0, tzinfo=UTC)
    print_rows([Line("x-1", at, Decimal("1234567.50"), True, "a\tb\nc")], as_json=False, nothing="")
    assert capsys.readouterr().out.splitlines()[1] == "x-1\t2025-03-03T21:00:00Z\t1234567.50\tyes\ta b c"


WORDS = st.text("abcdefgh -", max_size=70).map(str.strip)
IDS = st.text("0123456789abcdef-", min_size=1, max_size=40)


@given(rows=st.lists(st.tuples(IDS, WORDS, IDS, st.integers(0, 10**9), WORDS), min_size=1, max_size=5))
def test_only_an_id_on_a_line_of_its_own_is_wider_than_the_terminal(rows):
    first, text, second, number, more = zip(*rows, strict=True)
    columns = [
        TableColumn("one", Fit.WHOLE, first),
        TableColumn("said", Fit.TEXT, text),
        TableColumn("other id", Fit.WHOLE, second),
        TableColumn("amount", Fit.NUMBER, tuple(map(str, number))),
        TableColumn("more", Fit.TEXT, more),
    ]
    lines = list(lay_out(columns, 60))
    below = [line for line in lines if line.startswith(("    one  ", "    other id  "))]
    assert all(len(line) <= 60 for line in lines if line not in below)
    words = {word for line in lines for word in line.split()}
    assert {*first, *second, *map(str, number)} <= words


def test_a_record_puts_an_id_that_is_too_long_below_its_name():
    lines = list(lay_out_record([("head", "f" * 64, Fit.WHOLE), ("note", "one two three", Fit.TEXT)], 20))
    assert lines == ["head", f"    {'f' * 64}", "note  one two three"]
