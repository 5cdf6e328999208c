"""Bars of Yahoo: complete ones only, in UTC, and no others than can be."""

from datetime import UTC, datetime

import pytest
from openoutcry.domain.errors import InvalidData, SourceUnavailable
from openoutcry.market.folder.layout import DatasetKind
from vendors import yahoo
from vendors.yahoo import (
    BARS,
    CHART,
    DAYS,
    ask,
    cells,
    closes,
    hourly,
    replace_price,
    serve,
)


@pytest.mark.parametrize(
    ("now", "last"),
    [
        (datetime(2025, 2, 28, 13, tzinfo=UTC), "2025-02-27"),  # before the open
        (datetime(2025, 2, 28, 20, 59, tzinfo=UTC), "2025-02-27"),  # a minute before the close
        (datetime(2025, 2, 28, 21, 10, tzinfo=UTC), "2025-02-27"),  # the auction may still be printed
        (datetime(2025, 2, 28, 21, 31, tzinfo=UTC), "2025-02-28"),
        (datetime(2025, 3, 1, 12, tzinfo=UTC), "2025-02-28"),  # a Saturday
    ],
)
def test_a_bar_of_a_session_that_goes_on_is_left_out(vendor, server, clock, now: datetime, last: str) -> None:
    """It would be taken for the whole session by whoever reads it after the close."""
    clock.moment = now
    serve(server, clock)
    assert max(closes(vendor.fetch(ask(DatasetKind.PRICES_DAILY)))) == last


def test_hours_are_in_utc_complete_and_unadjusted(vendor, server, clock) -> None:
    clock.moment = datetime(2025, 2, 27, 17, 10, tzinfo=UTC)
    begun = hourly("2025-02-27")[:3]  # the third bar goes on until 17:30
    serve(server, clock, bars=[replace_price(bar, 10.0) for bar in BARS[:4]], hours=begun)
    rows = cells(vendor.fetch(ask(DatasetKind.PRICES_HOURLY)))
    assert [row["ts_utc"] for row in rows] == ["2025-02-27T14:30:00Z", "2025-02-27T15:30:00Z"]
    assert rows[0]["close"] == "10.25"
    assert rows[0]["volume"] == "500"


def test_hours_of_long_ago_are_not_to_be_had(vendor, server, clock) -> None:
    with pytest.raises(SourceUnavailable, match="730 days"):
        vendor.fetch(
            ask(
                DatasetKind.PRICES_HOURLY,
                since=datetime(2020, 1, 1, tzinfo=UTC),
                until=datetime(2020, 2, 1, tzinfo=UTC),
            )
        )
    assert not server.requests


def test_a_coin_is_a_dollar_pair_whose_day_ends_at_midnight_utc(vendor, server, clock) -> None:
    clock.moment = datetime(2025, 2, 28, 23, 58, tzinfo=UTC)
    serve(server, clock, coins=[(day, 90000.5, 96000.0, 89000.0, 95000.0, 38e9) for day in DAYS])
    rows = cells(vendor.fetch(ask(DatasetKind.CRYPTO_DAILY, "BTC")))
    assert rows[-1]["date"] == "2025-02-27"
    assert rows[-1]["ticker"] == "BTC"
    assert rows[-1]["volume"] == "400000"  # coins: 38e9 dollars at 95000


def test_an_empty_chart_is_an_outage_unless_yahoo_says_that_trading_was_over(vendor, server, clock) -> None:
    empty = yahoo.chart("ACME", [], now=clock.now())
    result = empty["chart"]["result"][0]
    result.pop("timestamp")
    result["indicators"] = {"quote": [{}], "adjclose": [{}]}
    server.serve(CHART.format("ACME"), empty)
    with pytest.raises(SourceUnavailable, match="ACME"):
        vendor.fetch(ask(DatasetKind.PRICES_DAILY))
    result["meta"]["regularMarketTime"] = int(datetime(2024, 6, 1, tzinfo=UTC).timestamp())
    assert not vendor.fetch(ask(DatasetKind.PRICES_DAILY))


@pytest.mark.parametrize(("place", "value"), [(1, 1e300), (2, 1e30), (3, -0.5), (4, 0.0), (5, -3.0), (4, 180.0)])
def test_bars_that_cannot_be_are_refused(vendor, server, clock, place: int, value: float) -> None:
    document = yahoo.chart("ACME", BARS, now=clock.now())
    name = ("open", "high", "low", "close", "volume")[place - 1]
    document["chart"]["result"][0]["indicators"]["quote"][0][name][2] = value
    server.serve(CHART.format("ACME"), document)
    with pytest.raises(InvalidData, match="ACME"):
        vendor.fetch(ask(DatasetKind.PRICES_DAILY))


def test_rows_without_prices_are_left_out(vendor, server, clock) -> None:
    document = yahoo.chart("ACME", BARS, now=clock.now())
    quote = document["chart"]["result"][0]["indicators"]["quote"][0]
    quote["close"][2] = None
    quote["volume"][3] = None
    server.serve(CHART.format("ACME"), document)
    rows = {row["date"]: row["volume"] for row in cells(vendor.fetch(ask(DatasetKind.PRICES_DAILY)))}
    assert sorted(rows) == [DAYS[0], DAYS[1], DAYS[3], DAYS[4]]
    assert rows[DAYS[3]] == "0"
