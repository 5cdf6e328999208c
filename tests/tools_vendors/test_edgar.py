"""EDGAR over real HTTP: what filings said, and since when it could be read."""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from contracts.vendor import SINCE, UNTIL, VendorContract, facts_of
from openoutcry.domain.errors import BadData, NoData, SourceUnavailable
from openoutcry.tools.folder.layout import Kind
from openoutcry.tools.vendors.client import Polite
from openoutcry.tools.vendors.edgar import Edgar
from openoutcry.tools.vendors.edgar.sections import sections
from openoutcry.tools.vendors.port import Ask, Vendor
from vendors import edgar
from vendors.clock import Clock
from vendors.edgar import fact, filing
from vendors.server import Served, VendorServer

EVENING = "2025-02-27T02:10:00.000Z"  # read as New York's clock it would be the middle of the night
ALWAYS = datetime(2000, 1, 1, tzinfo=UTC), datetime(2026, 1, 1, tzinfo=UTC)
SALES, INCOME, CASH = (
    ("Revenues", "USD"),
    ("NetIncomeLoss", "USD"),
    ("NetCashProvidedByUsedInOperatingActivities", "USD"),
)
EPS, SHARES = ("EarningsPerShareDiluted", "USD/shares"), ("WeightedAverageNumberOfDilutedSharesOutstanding", "shares")
HALF_YEARS = ((2, "08", "2024-06-30"), (3, "11", "2024-09-30"))
EQUITY = ("StockholdersEquity", "USD")
REPORT = edgar.page(
    "PART I", "Item 1A. <b>Risk Factors</b> 12", "Item 7. Management's Discussion 30",
    "Item&#160;1A. RISK FACTORS", "Anvils may\nfall. AT&amp;T may call.", "See Item 7 below.",
    "Item 1A. Risk Factors (continued)", "They may break.", "Item 1B. Unresolved Staff Comments", "None.",
    "PART II", "<table><tr><td>Item 7.</td><td>Management’s Discussion and Analysis</td></tr></table>",
    "Sales rose.", "item 1A says why they may fall.", "They may rise.", "Item 7A. Quantitative Disclosures", "None.",
)  # fmt: skip
QUARTER = edgar.page(
    "Part I. Financial Information", "Item 2. Management's Discussion and Analysis", "A good quarter.",
    "Item 3. Quantitative and Qualitative Disclosures", "None.",
    "Part II. Other Information", "Item 2. Unregistered Sales managed by management",
    "No shares, by management, were sold at all.",
)  # fmt: skip
EVENTS = edgar.page(
    "Item 2.02. Results of Operations and Financial Condition.", "On this day ACME said how it fared.",
    "Item 5.02", "Departure of Directors", "The chief left.",
    "Item 9.01 Financial Statements and Exhibits.", "99.1 Press release", "SIGNATURES", "Signed by nobody.",
)  # fmt: skip


@pytest.fixture
def vendor(server: VendorServer, client: Polite, clock: Clock) -> Edgar:
    return Edgar(client, contact="desk@example.org", now=clock.now, base_url=server.url)


def ask(kind: Kind = Kind.FUNDAMENTALS, key: str = "ACME", window=ALWAYS) -> Ask:
    return Ask(kind, key, *window)


def books(number: int = 1) -> dict:
    quarter = ("2024-12-31", "2024-10-01")
    said = {SALES: 1000, INCOME: 100, EPS: Decimal("0.5"), SHARES: 200}
    entries = {tag: [fact(number, "10-Q", "2025-02-27", float(value), *quarter)] for tag, value in said.items()}
    return entries | {EQUITY: [fact(number, "10-Q", "2025-02-27", 5000, "2024-12-31")]}


def serve(server: VendorServer, *filings: dict, tags: dict | None = None, **pages) -> None:
    server.serve(edgar.TICKERS, edgar.tickers())
    server.serve(edgar.SUBMISSIONS, edgar.submissions(*filings, **pages))
    server.serve(edgar.FACTS, edgar.facts(tags or {}))


def serve_document(server: VendorServer, number: int, body: bytes) -> str:
    path = f"/Archives/edgar/data/{edgar.CIK}/{edgar.accession(number).replace('-', '')}/doc{number}.htm"
    server.serve(path, Served(body=body, headers={"content-type": "text/html"}))
    return server.url + path


class TestEdgar(VendorContract):
    asks = (Ask(Kind.FILING_TEXTS, "ACME", SINCE, UNTIL), Ask(Kind.FUNDAMENTALS, "ACME", SINCE, UNTIL))

    @pytest.fixture(autouse=True)
    def _at(self, clock: Clock) -> None:
        self.clock = clock

    def make(self, client: Polite, url: str) -> Vendor:
        return Edgar(client, contact="desk@example.org", now=self.clock.now, base_url=url)

    def serve(self, server: VendorServer) -> None:
        serve(server, filing(1, "10-Q", "2025-02-27", EVENING), tags=books())
        serve_document(server, 1, QUARTER)

    def serve_nothing(self, server: VendorServer) -> None:
        serve(server, filing(1, "4", "2025-02-27", EVENING))

    def serve_unknown(self, server: VendorServer) -> None:
        server.serve(edgar.TICKERS, edgar.tickers(EMCA=edgar.CIK))

    def serve_drifted(self, server: VendorServer) -> None:
        self.serve(server)
        listed = edgar.submissions(filing(1, "10-Q", "2025-02-27", EVENING))
        listed["filings"]["recent"]["acceptance"] = listed["filings"]["recent"].pop("acceptanceDateTime")
        server.serve(edgar.SUBMISSIONS, listed)

    def serve_future(self, server: VendorServer) -> None:
        self.serve(server)

    def serve_absurd(self, server: VendorServer) -> None:
        spoilt = books()
        spoilt[SALES][0] |= {"start": "2025-10-01"}
        serve(server, filing(1, "10-Q", "2025-02-31", EVENING), tags=spoilt)


def rows(records) -> list[tuple[str, str, str, dict[str, str]]]:
    cells = (record.cells for record in records)
    return sorted(
        (str(row.get("accepted_at", row.get("filed_at"))), row["period_end"], row["timeframe"], row["metrics"])
        for row in cells
    )


@pytest.mark.parametrize("contact", [None, "", "me", "dé@example.org", "a@example.org\nX-Evil: 1"])
def test_without_an_address_nothing_is_asked(server, client, clock, contact) -> None:
    vendor = Edgar(client, contact=contact, now=clock.now, base_url=server.url)
    for question in (vendor.probe, lambda: vendor.fetch(ask())):
        with pytest.raises(SourceUnavailable, match="OPENOUTCRY_CONTACT"):
            question()
    assert not server.requests


def test_every_request_says_who_asks(vendor, server) -> None:
    serve(server, filing(1, "10-Q", "2025-02-27", EVENING), tags=books())
    serve_document(server, 1, QUARTER)
    vendor.fetch(ask())
    vendor.fetch(ask(Kind.FILING_TEXTS))
    assert {request.headers["user-agent"] for request in server.requests} == {"OpenOutcry desk@example.org"}
    assert [request.path for request in server.requests].count(edgar.TICKERS) == 1


def test_no_more_than_ten_requests_a_second(vendor, server, clock) -> None:
    serve(server)
    before, asked = clock.now(), len(server.requests)
    for _ in range(10):
        vendor.fetch(ask())
    seconds = (clock.now() - before).total_seconds()
    assert (len(server.requests) - asked) / seconds < 10


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
    vendor.fetch(ask(Kind.FILING_TEXTS, window=(SINCE, UNTIL)))
    assert len(server.requests) == asked + 1, "a part that ends before the window is not read for texts"


@pytest.mark.parametrize("name", ["../../etc/passwd", "http://10.0.0.1/x", "a?b", ""])
def test_a_name_that_leads_elsewhere_is_refused(vendor, server, name: str) -> None:
    serve(server, tags=books(), pages=[(name, "2010-01-01", "2015-12-31")])
    with pytest.raises(BadData, match="no file name"):
        vendor.fetch(ask())
    serve(server, filing(1, "8-K", "2025-02-26", EVENING, document=f"{name}/x.htm"))
    with pytest.raises(BadData, match="no file name"):
        vendor.fetch(ask(Kind.FILING_TEXTS))


def texts(records) -> list[tuple[str, str, str]]:
    return [(record.cells["item"], record.cells["title"], record.cells["text"]) for record in records]


def test_an_annual_report_gives_its_risks_and_its_discussion(vendor, server) -> None:
    serve(server, filing(1, "10-K", "2025-02-26", EVENING))
    url = serve_document(server, 1, REPORT)
    records = vendor.fetch(ask(Kind.FILING_TEXTS))
    assert texts(records) == [
        (
            "1A",
            "RISK FACTORS",
            "Anvils may fall. AT&T may call.\nSee Item 7 below.\nItem 1A. Risk Factors (continued)\nThey may break.",
        ),
        ("7", "Management’s Discussion and Analysis", "Sales rose.\nitem 1A says why they may fall.\nThey may rise."),
    ]
    cells = {name: records[0].cells[name] for name in ("ticker", "form", "url", "accepted_at")}
    assert cells == {"ticker": "ACME", "form": "10-K", "url": url, "accepted_at": "2025-02-27T02:10:00Z"}


def test_a_quarterly_report_gives_the_discussion_of_its_first_part(vendor, server) -> None:
    serve(server, filing(1, "10-Q/A", "2025-02-26", EVENING))
    serve_document(server, 1, QUARTER)
    assert texts(vendor.fetch(ask(Kind.FILING_TEXTS))) == [
        ("2", "Management's Discussion and Analysis", "A good quarter.")
    ]


def test_a_report_of_events_gives_every_item_but_the_exhibits(vendor, server) -> None:
    serve(server, filing(1, "8-K", "2025-02-26", EVENING, items="2.02,5.02,9.01"))
    serve_document(server, 1, EVENTS)
    assert texts(vendor.fetch(ask(Kind.FILING_TEXTS))) == [
        ("2.02", "Results of Operations and Financial Condition.", "On this day ACME said how it fared."),
        ("5.02", "Departure of Directors", "The chief left."),
    ]


def test_a_report_of_events_without_headings_is_given_whole(vendor, server) -> None:
    serve(server, filing(1, "8-K", "2025-02-26", EVENING))
    serve_document(server, 1, b"ACME said\n\n  how   it fared.\n")
    assert texts(vendor.fetch(ask(Kind.FILING_TEXTS))) == [("all", "8-K", "ACME said\nhow it fared.")]


def test_long_texts_are_cut_and_entities_are_not_expanded(vendor, server) -> None:
    bomb = b'<!DOCTYPE html [<!ENTITY a "boom"><!ENTITY b "&a;&a;"><!ENTITY x SYSTEM "file:///etc/passwd">]>'
    serve(server, filing(1, "8-K", "2025-02-26", EVENING))
    long = b"<html><p>Item 8.01 Other Events</p><p>&b; &x; " + b"many words " * 10_000 + b"</p></html>"
    serve_document(server, 1, bomb + long)
    ((_, _, text),) = texts(vendor.fetch(ask(Kind.FILING_TEXTS)))
    assert len(text) < 60_010
    assert "boom" not in text
    assert "root:" not in text


@pytest.mark.timeout(120)
@pytest.mark.parametrize(("form", "block"), [("8-K", b"<p>Item 1.01 x"), ("10-K", b"Item 7. Management\n")])
def test_a_document_of_nothing_but_headings_is_read_in_a_moment(form: str, block: bytes) -> None:
    """The work must not grow with the square of their number: that would be an hour."""
    assert all(len(section.text) < 60_010 for section in sections(form, block * 100_000))


def test_documents_that_are_not_there_are_an_outage(vendor, server) -> None:
    serve(server, filing(1, "8-K", "2025-02-26", EVENING))
    with pytest.raises(SourceUnavailable, match="not there"):
        vendor.fetch(ask(Kind.FILING_TEXTS))


def test_of_two_items_with_one_number_the_longer_counts(vendor, server) -> None:
    serve(server, filing(1, "8-K", "2025-02-26", EVENING))
    serve_document(server, 1, edgar.page("Item 8.01", "Other Events", "Item 8.01 Other Events", "ACME moved."))
    assert texts(vendor.fetch(ask(Kind.FILING_TEXTS))) == [("8.01", "Other Events", "ACME moved.")]


@pytest.mark.parametrize("value", ["12", None, True, 10**19, [1], 1e30])
def test_figures_that_cannot_be_are_refused(vendor, server, value) -> None:
    serve(server, tags={SALES: [fact(1, "10-K", "2025-02-20", value, "2024-12-31", "2024-01-01")]})
    with pytest.raises(BadData, match="Revenues"):
        vendor.fetch(ask())


def test_class_shares_renamed_and_reused_tickers(vendor, server, client, clock) -> None:
    serve(server, filing(1, "10-Q", "2025-02-26", EVENING), tags=books())
    server.serve(edgar.TICKERS, edgar.tickers(**{"BRK-B": edgar.CIK, "FB": 99}))
    assert vendor.fetch(ask(key="BRK.B"))
    with pytest.raises(NoData, match="present name"):
        vendor.fetch(ask(key="ACME"))
    told = Edgar(client, contact="desk@example.org", now=clock.now, ciks={"FB": edgar.CIK}, base_url=server.url)
    assert {record.cells["ticker"] for record in told.fetch(ask(key="FB"))} == {"FB"}


def test_the_list_of_tickers_is_read_again_after_a_day(vendor, server, clock) -> None:
    server.serve(edgar.TICKERS, edgar.tickers(EMCA=edgar.CIK), edgar.tickers())
    for _ in range(2):
        with pytest.raises(NoData):
            vendor.fetch(ask())
    clock.sleep(90_000)
    server.serve(edgar.SUBMISSIONS, edgar.submissions())
    server.serve(edgar.FACTS, edgar.facts({}))
    assert not vendor.fetch(replace(ask(), key="acme"))
