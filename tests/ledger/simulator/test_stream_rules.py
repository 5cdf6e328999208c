"""Order streams beyond the worked ones: against a plain reading of the rules, and documents that must be refused."""

import json
from copy import deepcopy
from typing import Any

import hypothesis.strategies as st
import pytest
from hypothesis import given, settings
from openoutcry.domain.errors import ConfigError, DuplicateOrder
from openoutcry.ledger.simulator.order_stream import read_stream_text
from openoutcry.ledger.simulator.simulate import run, simulate

Document = dict[str, Any]


def document(**changes: object) -> Document:
    made: Document = {
        "schema": "order-stream/1",
        "dates": ["2024-01-02", "2024-01-03", "2024-01-04"],
        "symbols": ["AAA"],
        "bars": {"AAA": [[100, 110, 90, 105, 1_000], [106, 112, 100, 101, 1_000], [99, 100, 80, 85, 1_000]]},
        "orders": [order("a")],
        "initial_cash": 100_000,
        "fee_per_share": 1,
        "fee_per_fill": 2,
    }
    return {**made, **changes}


def order(order_id: str, **changes: object) -> Document:
    made: Document = {
        "client_order_id": order_id, "symbol": "AAA", "submit_after_bar": 0, "side": "BUY", "qty": 10,
        "type": "market", "limit": None, "stop": None, "tif": "DAY",
    }  # fmt: skip
    return {**made, **changes}


def plain_reading(given_stream: Document) -> Document:
    """Walk a stream in the slowest and plainest way: every order against every bar, prices mirrored for sales."""
    fills: list[Document] = []
    status = {made["client_order_id"]: "open" for made in given_stream["orders"]}
    cash, held, mark = given_stream["initial_cash"], dict.fromkeys(given_stream["symbols"], 0), {}
    history: Document = {"cash": [], "equity": [], "positions": {symbol: [] for symbol in held}}
    triggered: set[str] = set()
    for bar, day in enumerate(given_stream["dates"]):
        today = []
        for made in given_stream["orders"]:
            name, row = made["client_order_id"], given_stream["bars"][made["symbol"]][bar]
            if status[name] != "open" or bar <= made["submit_after_bar"]:
                continue
            price = plain_price(made, row, triggered) if row and row[4] else None
            if price is not None:
                status[name] = "filled"
                fee = made["qty"] * given_stream["fee_per_share"] + given_stream["fee_per_fill"]
                signed = made["qty"] if made["side"] == "BUY" else -made["qty"]
                cash, held[made["symbol"]] = cash - signed * price - fee, held[made["symbol"]] + signed
                today.append({"bar": bar, "date": day, "client_order_id": name, "symbol": made["symbol"],
                              "side": made["side"], "qty": made["qty"], "price": price, "fee": fee})  # fmt: skip
            elif made["tif"] == "DAY":
                status[name] = "expired"
        fills += sorted(today, key=lambda fill: fill["client_order_id"])
        mark.update({symbol: rows[bar][3] for symbol, rows in given_stream["bars"].items() if rows[bar]})
        history["cash"].append(cash)
        history["equity"].append(cash + sum(quantity * mark.get(symbol, 0) for symbol, quantity in held.items()))
        for symbol, quantity in held.items():
            history["positions"][symbol].append(quantity)
    return {"schema": "order-stream-result/1", "fills": fills, "order_status": status, **history}


def plain_price(made: Document, row: list[int], triggered: set[str]) -> int | None:
    sign = 1 if made["side"] == "BUY" else -1
    open_, high, low = (row[0], row[1], row[2]) if sign > 0 else (-row[0], -row[2], -row[1])
    limit, stop = (None if made[key] is None else sign * made[key] for key in ("limit", "stop"))
    if made["type"] == "market":
        return row[0]
    if made["type"] == "stop_limit" and made["client_order_id"] not in triggered:
        if high < stop:
            return None
        triggered.add(made["client_order_id"])
        if open_ < stop:
            return sign * stop if limit >= stop else None
    if made["type"] != "stop":
        return sign * min(open_, limit) if low <= limit else None
    return sign * max(open_, stop) if high >= stop else None


@st.composite
def streams(draw: st.DrawFn) -> Document:
    symbols = ["B", "A"][: draw(st.integers(1, 2))]
    length = draw(st.integers(1, 12))
    bars: Document = {}
    for symbol in symbols:
        rows: list[list[int] | None] = []
        for _ in range(length):
            a, b, c, d = sorted(draw(st.lists(st.integers(90, 110), min_size=4, max_size=4)))
            volume = draw(st.sampled_from((0, 1, 1_000, 1_000)))
            rows.append(draw(st.sampled_from(([b, d, a, c, volume], [c, d, a, b, volume], [a, d, a, d, volume], None))))
        bars[symbol] = rows
    orders = []
    for number in range(draw(st.integers(0, 14))):
        kind = draw(st.sampled_from(("market", "limit", "stop", "stop_limit")))
        orders.append(
            order(
                f"o{draw(st.integers(0, 99))}-{number}",
                symbol=draw(st.sampled_from(symbols)),
                submit_after_bar=draw(st.integers(-1, length - 1)),
                side=draw(st.sampled_from(("BUY", "SELL"))),
                qty=draw(st.integers(1, 50)),
                type=kind,
                limit=draw(st.integers(88, 112)) if "limit" in kind else None,
                stop=draw(st.integers(88, 112)) if "stop" in kind else None,
                tif=draw(st.sampled_from(("DAY", "GTC"))),
            )
        )
    dates = [f"2024-01-{day:02d}" for day in range(1, length + 1)]
    return document(dates=dates, symbols=symbols, bars=bars, orders=orders)


@given(streams())
@settings(max_examples=300, deadline=None)
def test_any_stream_agrees_with_a_plain_reading_of_the_rules(stream: Document) -> None:
    result = simulate(deepcopy(stream)).document()
    assert result == plain_reading(stream)
    assert run(read_stream_text(json.dumps(stream))).document() == result


def test_an_order_after_the_last_bar_stays_open_and_half_cents_go_to_the_even_one() -> None:
    orders = [order("a"), order("b", submit_after_bar=2), order("c", qty=30)]
    result = simulate(document(orders=orders, fee_per_share=0.05, fee_per_fill=0)).document()
    assert result["order_status"] == {"a": "filled", "b": "open", "c": "filled"}
    assert [fill["fee"] for fill in result["fills"]] == [0, 2]


def test_the_same_row_twice_is_one_order_and_another_body_is_refused() -> None:
    assert len(simulate(document(orders=[order("a"), order("a")])).fills) == 1
    with pytest.raises(DuplicateOrder, match="two different orders"):
        simulate(document(orders=[order("a"), order("a", qty=11)]))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"schema": "order-stream/2"}, "schema"),
        ({"dates": ["2024-01-02", "2024-01-04", "2024-01-03"]}, "dates must increase"),
        ({"dates": ["2024-01-02", "2024-01-03", "soon"]}, "isoformat"),
        ({"dates": ["2024-01-02"]}, "3 bars for 1 dates"),
        ({"symbols": ["AAA", "AAA"]}, "listed twice"),
        ({"symbols": ["AAA", "BBB"]}, "disagree about BBB"),
        ({"bars": {"AAA": [[100, 110, 90, 105, 1]] * 2 + [[100, 99, 90, 95, 1]]}}, "bar 2 of AAA"),
        ({"bars": {"AAA": [[100, 110, 90, 105, 1]] * 2 + [[100, 110, 90, 105, -1]]}}, "greater than or equal"),
        ({"bars": {"AAA": [[100, 110, 90, 105, 1]] * 2 + [[100, 110, 90, 105]]}}, "required"),
        ({"bars": {"AAA": [[100, 110, 90, 105, 1]] * 2 + [[100.5, 110, 90, 105, 1]]}}, "integer"),
        ({"orders": [order("a", symbol="ZZZ")]}, "unknown symbol ZZZ"),
        ({"orders": [order("a", qty=-1)]}, "greater than 0"),
        ({"orders": [order("a", qty=0)]}, "greater than 0"),
        ({"orders": [order("a", qty=True)]}, "integer"),
        ({"orders": [order("a", side="HOLD")]}, "BUY"),
        ({"orders": [order("a", type="limit")]}, "needs a limit"),
        ({"orders": [order("a", stop=5)]}, "has no stop"),
        ({"orders": [order("a", submit_after_bar=3)]}, "the last one is 2"),
        ({"orders": [order("a", submit_after_bar=-2)]}, "greater than or equal"),
        ({"orders": [order("a", tif="IOC")]}, "DAY"),
        ({"orders": [{**order("a"), "limt": 5}]}, "not permitted"),
        ({"fee_per_fill": -1}, "greater than or equal"),
        ({"fee_per_share": "1"}, "must be a number"),
        ({"initial_cash": None}, "integer"),
    ],
)
def test_a_stream_that_cannot_be_true_is_refused_in_one_sentence(changes: Document, message: str) -> None:
    with pytest.raises(ConfigError, match=message) as caught:
        simulate(document(**changes))
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("text", ["", "[]", "{", "null", '{"schema": "order-stream/1"}'])
def test_a_text_that_is_no_stream_is_refused(text: str) -> None:
    with pytest.raises(ConfigError):
        read_stream_text(text)
