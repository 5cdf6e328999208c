"""Prices and dividends of Yahoo as traded and paid, whatever has been split since."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from math import prod
from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from openoutcry.domain.errors import InvalidData
from openoutcry.market.folder.layout import DatasetKind
from openoutcry.market.vendors.yahoo import Yahoo, unadjust
from vendors import yahoo
from vendors.yahoo import (
    BARS,
    CHART,
    MANNERS,
    ask,
    cells,
    closes,
    replace_price,
    serve,
)


def test_bars_are_as_traded_on_both_sides_of_a_split_and_dividends_as_paid(vendor, server, clock) -> None:
    bars = [
        ("2025-02-24", 500.0, 505.0, 498.0, 499.0, 1e6),
        ("2025-02-25", 499.0, 505.77, 498.31, 499.23, 46907479.0),
        ("2025-02-26", 127.58, 131.0, 126.0, 129.04, 1e6),
    ]
    paid = [("2025-02-24", 0.82), ("2025-02-26", 0.205)]
    serve(server, clock, bars=bars, splits={"2025-02-26": (4, 1)}, dividends=paid)
    _, before, after = cells(vendor.fetch(ask(DatasetKind.PRICES_DAILY)))
    assert before == {
        "ticker": "ACME", "date": "2025-02-25", "open": "499", "high": "505.77", "low": "498.31", "close": "499.23",
        "volume": "46907479",
    }  # fmt: skip
    assert after["close"] == "129.04"
    assert cells(vendor.fetch(ask(DatasetKind.SPLITS))) == [{"ticker": "ACME", "ex_date": "2025-02-26", "ratio": "4"}]
    dividends = [(row["ex_date"], row["amount"]) for row in cells(vendor.fetch(ask(DatasetKind.DIVIDENDS)))]
    assert dividends == [("2025-02-24", "0.82"), ("2025-02-26", "0.205")]


def test_a_split_after_the_window_is_still_taken_out(vendor, server, clock) -> None:
    """What Yahoo shows of January is divided by a split of February; the question is only about January."""
    bars = [("2025-01-30", 40.0, 42.0, 39.5, 41.17, 100.0), *(replace_price(bar, 10.29) for bar in BARS)]
    serve(server, clock, bars=bars, splits={"2025-02-24": (4, 1)})
    (bar,) = vendor.fetch(ask(DatasetKind.PRICES_DAILY, until=datetime(2025, 1, 31, tzinfo=UTC)))
    assert bar.cells["close"] == "41.17"
    assert server.requests[-1].query["period2"] == str(int((clock.now() + timedelta(days=1)).timestamp()))


def test_a_history_that_does_not_allow_for_a_split_yet_is_refused(vendor, server, clock) -> None:
    """On the morning of a split Yahoo lists it before it has divided the prices: everything would be off by 4."""
    bars = [("2025-02-25", 499.0, 500.0, 498.0, 499.0, 1.0), ("2025-02-26", 127.0, 131.0, 126.0, 129.0, 1.0)]
    late = yahoo.chart("ACME", bars, now=clock.now())
    event = yahoo.chart("ACME", bars, now=clock.now(), splits={"2025-02-26": (4, 1)})["chart"]["result"][0]["events"]
    late["chart"]["result"][0]["events"] = event
    server.serve(CHART.format("ACME"), late)
    with pytest.raises(InvalidData, match="split of 2025-02-26"):
        vendor.fetch(ask(DatasetKind.PRICES_DAILY))


def test_a_split_that_no_bar_confirms_yet_is_refused(vendor, server, clock) -> None:
    clock.moment = datetime(2025, 2, 27, 13, tzinfo=UTC)
    serve(server, clock, bars=BARS[:3], splits={"2025-02-27": (4, 1)})
    with pytest.raises(InvalidData, match="split of 2025-02-27"):
        vendor.fetch(ask(DatasetKind.PRICES_DAILY))
    serve(server, clock, bars=BARS[:3], splits={"2025-02-27": (1046, 1000)})  # a spin-off is taken on trust
    assert closes(vendor.fetch(ask(DatasetKind.PRICES_DAILY)))["2025-02-26"] == Decimal("103.37")


def test_dividends_in_another_currency_are_refused(vendor, server, clock) -> None:
    document = yahoo.chart("ACME", BARS, dividends=[("2025-02-26", 0.2)], now=clock.now())
    (event,) = document["chart"]["result"][0]["events"]["dividends"].values()
    event["currency"] = "EUR"
    server.serve(CHART.format("ACME"), document)
    with pytest.raises(InvalidData, match="a currency other than"):
        vendor.fetch(ask(DatasetKind.DIVIDENDS))
    assert vendor.fetch(ask(DatasetKind.PRICES_DAILY))


RATIOS = ["1.5", "2", "3", "4", "7", "10", "20", "0.1", "0.125", "1.046"]


@given(st.integers(1, 5_000_000), st.lists(st.sampled_from(RATIOS), max_size=4))
def test_cents_come_out_as_cents_whatever_the_splits(cents: int, ratios: list[str]) -> None:
    traded, growth = Decimal(cents) / 100, prod(map(Decimal, ratios), start=Decimal(1))
    seen = yahoo.stored(float(traded) / float(growth), adjusted=growth != 1)
    assume(growth <= 1000 and seen > 0)
    assert unadjust.unadjust_price(seen, growth) == traded


@pytest.fixture
def unadjusted(real_market: Path) -> dict[str, list[yahoo.Bar]]:
    import csv
    import gzip

    rows: dict[str, list[yahoo.Bar]] = {"AAPL": [], "NVDA": [], "IBM": []}
    with gzip.open(real_market / "prices_daily.csv.gz", "rt") as file:
        for row in csv.DictReader(file):
            if row["ticker"] in rows and row["date"] >= "2001-01-01":
                prices = (float(row[name]) for name in ("open", "high", "low", "close", "volume"))
                rows[row["ticker"]].append((row["date"], *prices))
    return rows


@pytest.mark.parametrize("ticker", ["AAPL", "NVDA", "IBM"])
def test_real_rows_come_back_to_the_cent(real_market: Path, unadjusted, server, clock, cache, ticker: str) -> None:
    """What Yahoo makes of a quarter of a century of real bars and splits is taken back to those bars."""
    clock.moment = datetime(2025, 7, 1, 12, tzinfo=UTC)
    manners = replace(MANNERS, max_bytes=10_000_000, timeout=10)
    vendor = Yahoo(manners, now=clock.now, sleep=clock.sleep, cache=cache, base_url=server.url)
    lines = [line.split(",") for line in (real_market / "splits.csv").read_text().splitlines()[1:]]
    splits = {day: (float(ratio) * 1000, 1000) for name, day, ratio, *_ in lines if name == ticker and day > "2001"}
    lines = [line.split(",") for line in (real_market / "dividends.csv").read_text().splitlines()[1:]]
    paid = [(day, float(amount)) for name, day, amount, *_ in lines if name == ticker and day > "2001-01-02"]
    bars = unadjusted[ticker]
    document = yahoo.chart(ticker, bars, splits=splits, dividends=paid, now=clock.now())
    server.serve(CHART.format(ticker), document)
    everything = ask(DatasetKind.PRICES_DAILY, ticker, datetime(2001, 1, 1, tzinfo=UTC), clock.now())
    found = {record.cells["date"]: record.cells for record in vendor.fetch(everything)}
    assert len(found) == len(bars)
    names = ("open", "high", "low", "close")
    for day, *prices, volume in bars:
        for name, price in zip(names, prices, strict=True):
            gap = abs(Decimal(found[day][name]) - Decimal(str(price)))
            # Yahoo's six decimals, times 480 in the case of NVDA, are all that is left of a tenth of a cent
            assert gap == 0 or (gap < Decimal("0.0003") and round(price, 2) != price), (day, name)
        assert Decimal(found[day]["volume"]) == round(volume), day
    dividends = vendor.fetch(replace(everything, kind=DatasetKind.DIVIDENDS))
    assert {record.cells["ex_date"]: Decimal(record.cells["amount"]) for record in dividends} == {
        day: Decimal(str(amount)) for day, amount in paid
    }
