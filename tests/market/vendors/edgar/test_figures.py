"""Figures of EDGAR over real HTTP: as first filed, restated, and since when the public could read them."""

from datetime import UTC, datetime

import pytest
from contracts.vendor import SINCE, UNTIL, facts_of
from openoutcry.domain.errors import InvalidData, NoData
from openoutcry.market.folder.layout import DatasetKind
from vendors import edgar
from vendors.edgar import (
    ALWAYS,
    CASH,
    EPS,
    EQUITY,
    EVENING,
    INCOME,
    SALES,
    ask,
    books,
    fact,
    filing,
    serve,
)

HALF_YEARS = ((2, "08", "2024-06-30"), (3, "11", "2024-09-30"))


def rows(records) -> list[tuple[str, str, str, dict[str, str]]]:
    cells = (record.cells for record in records)
    return sorted(
        (str(row.get("accepted_at", row.get("filed_at"))), row["period_end"], row["timeframe"], row["metrics"])
        for row in cells
    )


def test_a_statement_is_what_its_first_filing_says(vendor, server) -> None:
    serve(
        server,
        filing(1, "10-Q", "2025-02-26", "2025-02-26T21:30:00.000Z"),
        filing(2, "4", "2025-02-26", EVENING),
        tags=books(),
    )
    (row,) = rows(vendor.fetch(ask()))
    moment, end, timeframe, metrics = row
    assert (moment, end, timeframe) == ("2025-02-26T21:30:00Z", "2024-12-31", "quarterly")
    assert metrics == {
        "Revenues": "1000", "NetIncomeLoss": "100", "EarningsPerShareDiluted": "0.5",
        "WeightedAverageNumberOfDilutedSharesOutstanding": "200", "StockholdersEquity": "5000",
    }  # fmt: skip


def test_a_restatement_is_a_row_of_its_own_and_a_repetition_is_none(vendor, server) -> None:
    year, before = ("2024-12-31", "2024-01-01"), ("2023-12-31", "2023-01-01")
    sales = [
        fact(1, "10-K", "2024-02-20", 900, *before),
        fact(2, "10-K", "2025-02-20", 1000, *year),
        fact(2, "10-K", "2025-02-20", 890, *before),  # restated
        fact(3, "10-K/A", "2025-02-27", 1000, *year),  # repeated
        fact(3, "10-K/A", "2025-02-27", 890, *before),
    ]
    income = [fact(1, "10-K", "2024-02-20", 90, *before), fact(2, "10-K", "2025-02-20", 90, *before)]
    serve(server, tags={SALES: sales, INCOME: income})
    assert rows(vendor.fetch(ask())) == [
        ("2024-02-20", "2023-12-31", "annual", {"Revenues": "900", "NetIncomeLoss": "90"}),
        ("2025-02-20", "2023-12-31", "annual", {"Revenues": "890", "NetIncomeLoss": "90"}),
        ("2025-02-20", "2024-12-31", "annual", {"Revenues": "1000"}),
    ]


def test_quarters_of_what_runs_since_the_beginning_of_the_year_are_told_apart(vendor, server) -> None:
    """Cash flows of a 10-Q are of three, six and nine months; only the first of them is a quarter."""
    cash = [
        fact(1, "10-Q", "2024-05-01", 10, "2024-03-31", "2024-01-01"),
        fact(2, "10-Q", "2024-08-01", 25, "2024-06-30", "2024-01-01"),
        fact(3, "10-Q", "2024-11-01", 27, "2024-09-30", "2024-01-01"),
        fact(4, "10-K", "2025-02-20", 60, "2024-12-31", "2024-01-01"),
    ]
    earned = [
        fact(n, "10-Q", f"2024-{month}-01", n, end, "2024-01-01") for n, month, end in HALF_YEARS
    ]  # nothing per share can be subtracted
    serve(server, tags={CASH: cash, EPS: earned})
    told = [(end, timeframe, *metrics.items()) for _, end, timeframe, metrics in rows(vendor.fetch(ask()))]
    assert told == [
        ("2024-03-31", "quarterly", (CASH[0], "10")),
        ("2024-06-30", "quarterly", (CASH[0], "15")),
        ("2024-09-30", "quarterly", (CASH[0], "2")),
        ("2024-12-31", "annual", (CASH[0], "60")),
    ]


def test_a_balance_of_the_last_year_in_a_quarterly_report_is_no_quarter(vendor, server) -> None:
    sales = [
        fact(1, "10-K", "2024-02-20", 900, "2023-12-31", "2023-01-01"),
        fact(2, "10-Q", "2024-05-01", 250, "2024-03-31", "2024-01-01"),
    ]
    equity = [
        fact(1, "10-K", "2024-02-20", 500, "2023-12-31"),
        fact(2, "10-Q", "2024-05-01", 480, "2023-12-31"),  # restated since
        fact(2, "10-Q", "2024-05-01", 510, "2024-03-31"),
    ]
    serve(server, tags={SALES: sales, EQUITY: equity})
    assert rows(vendor.fetch(ask())) == [
        ("2024-02-20", "2023-12-31", "annual", {"Revenues": "900", "StockholdersEquity": "500"}),
        ("2024-05-01", "2023-12-31", "annual", {"StockholdersEquity": "480"}),
        ("2024-05-01", "2024-03-31", "quarterly", {"Revenues": "250", "StockholdersEquity": "510"}),
    ]


def test_filings_that_become_public_at_one_moment_are_one_row(vendor, server) -> None:
    """Two of an evening both show at six the next morning; a folder takes no two rows of one period and moment."""
    year = ("2024-12-31", "2024-01-01")
    sales = [fact(1, "10-K", "2025-02-21", 900, *year), fact(2, "10-K/A", "2025-02-21", 905, *year)]
    evening = [filing(n, form, "2025-02-21", f"2025-02-21T00:0{n}:00.000Z") for n, form in ((1, "10-K"), (2, "10-K/A"))]
    serve(server, *evening, tags={SALES: sales, INCOME: [fact(1, "10-K", "2025-02-21", 90, *year)]})
    records = vendor.fetch(ask())
    assert rows(records) == [
        ("2025-02-21T11:00:00Z", "2024-12-31", "annual", {"Revenues": "905", "NetIncomeLoss": "90"})
    ]
    assert facts_of(records)


def test_a_period_that_ends_after_its_filing_is_a_slip(vendor, server) -> None:
    sales = [fact(1, "10-K", "2025-02-20", 900, "2042-12-31", "2042-01-01")]
    serve(server, tags={SALES: sales})
    assert not vendor.fetch(ask())


def test_a_filer_with_other_money_has_no_ratios_to_a_price_in_dollars(vendor, server) -> None:
    year = ("2024-12-31", "2024-01-01")
    yuan = [fact(n, "20-F", "2025-02-20", 900, *year) for n in (1, 2, 3)]
    serve(server, tags={("Revenues", "CNY"): yuan})
    with pytest.raises(NoData, match="dollars"):
        vendor.fetch(ask())


def test_a_foreign_filer_in_dollars_is_read_without_figures_per_share(vendor, server) -> None:
    """What trades of it are receipts, each for some number of its shares that the statement does not tell."""
    year = ("2024-12-31", "2024-01-01")
    tags = {("Revenue", "USD"): [fact(1, "20-F", "2025-02-20", 900, *year)]}
    tags |= {("DilutedEarningsLossPerShare", "USD/shares"): [fact(1, "20-F", "2025-02-20", 2, *year)]}
    serve(server)
    server.serve(edgar.FACTS, edgar.facts(tags, "ifrs-full"))
    assert rows(vendor.fetch(ask())) == [("2025-02-20", "2024-12-31", "annual", {"Revenue": "900"})]


@pytest.mark.parametrize("value", ["12", None, True, 10**19, [1], 1e30])
def test_figures_that_cannot_be_are_refused(vendor, server, value) -> None:
    serve(server, tags={SALES: [fact(1, "10-K", "2025-02-20", value, "2024-12-31", "2024-01-01")]})
    with pytest.raises(InvalidData, match="Revenues"):
        vendor.fetch(ask())


def test_the_window_bounds_the_moment_of_publication(vendor, server) -> None:
    serve(
        server,
        filing(1, "10-Q", "2025-02-26", "2025-02-26T21:30:00.000Z"),
        filing(2, "4", "2025-02-26", EVENING),
        tags=books(),
    )
    moment = datetime(2025, 2, 26, 21, 30, tzinfo=UTC)
    assert vendor.fetch(ask(window=(moment, moment)))
    assert not vendor.fetch(ask(window=(moment.replace(minute=31), ALWAYS[1])))
    assert not vendor.fetch(ask(window=(ALWAYS[0], moment.replace(minute=29))))


@pytest.mark.parametrize(
    ("accepted", "filed", "others", "public"),
    [
        # the filer's other stamps can only be UTC: 16:30 in New York
        ("2025-02-26T21:30:00.000Z", "2025-02-26", (EVENING,), "2025-02-26T21:30:00Z"),
        # they can only be New York's clock, whatever the Z says: it was 21:30 there
        ("2025-02-26T21:30:00.000Z", "2025-02-26", ("2025-02-25T07:00:00.000Z",), "2025-02-27T02:30:00Z"),
        # nothing tells: the later reading
        ("2025-02-26T21:30:00.000Z", "2025-02-26", (), "2025-02-27T02:30:00Z"),
        # they contradict each other: the later reading
        ("2025-02-26T21:30:00.000Z", "2025-02-26", (EVENING, "2025-02-25T07:00:00.000Z"), "2025-02-27T02:30:00Z"),
        # after 17:30 it bears the next business day's date, and shows at six then: a Friday evening
        ("2025-02-28T23:15:00.000Z", "2025-03-03", (EVENING,), "2025-03-03T11:00:00Z"),
        # summer time
        ("2025-07-01T20:05:00.000Z", "2025-07-01", (EVENING,), "2025-07-01T20:05:00Z"),
        ("2025-07-01T16:05:00.000Z", "2025-07-01", (), "2025-07-01T20:05:00Z"),
        # no stamp: the end of the day
        ("", "2025-02-26", (EVENING,), "2025-02-27T00:00:00Z"),
        (None, "2025-02-26", (EVENING,), "2025-02-27T00:00:00Z"),
    ],
)
def test_public_is_what_the_public_could_read(vendor, server, accepted, filed, others, public) -> None:
    rest = [filing(n, "4", "2025-02-27", stamp) for n, stamp in enumerate(others, 2)]
    serve(server, filing(1, "10-Q", filed, accepted), *rest, tags=books())
    ((moment, *_),) = rows(vendor.fetch(ask()))
    assert moment == public


def test_older_parts_of_the_list_are_read(vendor, server) -> None:
    pages = [("CIK0001234567-submissions-001.json", "2010-01-01", "2015-12-31")]
    serve(server, filing(2, "4", "2025-02-26", EVENING), tags=books(), pages=pages)
    older = edgar.table([filing(1, "10-Q", "2025-02-26", "2025-02-26T21:30:00.000Z")])
    server.serve("/submissions/CIK0001234567-submissions-001.json", older)
    ((moment, *_),) = rows(vendor.fetch(ask()))
    assert moment == "2025-02-26T21:30:00Z"
    asked = len(server.requests)
    vendor.fetch(ask(DatasetKind.FILING_TEXTS, window=(SINCE, UNTIL)))
    assert len(server.requests) == asked + 1, "a part that ends before the window is not read for texts"
