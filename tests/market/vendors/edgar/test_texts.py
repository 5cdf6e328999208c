"""Texts of EDGAR over real HTTP: risks, the management's discussion, reports of events."""

import pytest
from openoutcry.domain.errors import SourceUnavailable
from openoutcry.market.folder.layout import DatasetKind
from openoutcry.market.vendors.edgar.sections import sections
from vendors import edgar
from vendors.edgar import (
    EVENING,
    QUARTER,
    ask,
    filing,
    serve,
    serve_document,
)

REPORT = edgar.page(
    "PART I", "Item 1A. <b>Risk Factors</b> 12", "Item 7. Management's Discussion 30",
    "Item&#160;1A. RISK FACTORS", "Anvils may\nfall. AT&amp;T may call.", "See Item 7 below.",
    "Item 1A. Risk Factors (continued)", "They may break.", "Item 1B. Unresolved Staff Comments", "None.",
    "PART II", "<table><tr><td>Item 7.</td><td>Management’s Discussion and Analysis</td></tr></table>",
    "Sales rose.", "item 1A says why they may fall.", "They may rise.", "Item 7A. Quantitative Disclosures", "None.",
)  # fmt: skip
EVENTS = edgar.page(
    "Item 2.02. Results of Operations and Financial Condition.", "On this day ACME said how it fared.",
    "Item 5.02", "Departure of Directors", "The chief left.",
    "Item 9.01 Financial Statements and Exhibits.", "99.1 Press release", "SIGNATURES", "Signed by nobody.",
)  # fmt: skip


def texts(records) -> list[tuple[str, str, str]]:
    return [(record.cells["item"], record.cells["title"], record.cells["text"]) for record in records]


def test_an_annual_report_gives_its_risks_and_its_discussion(vendor, server) -> None:
    serve(server, filing(1, "10-K", "2025-02-26", EVENING))
    url = serve_document(server, 1, REPORT)
    records = vendor.fetch(ask(DatasetKind.FILING_TEXTS))
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
    assert texts(vendor.fetch(ask(DatasetKind.FILING_TEXTS))) == [
        ("2", "Management's Discussion and Analysis", "A good quarter.")
    ]


def test_a_report_of_events_gives_every_item_but_the_exhibits(vendor, server) -> None:
    serve(server, filing(1, "8-K", "2025-02-26", EVENING, items="2.02,5.02,9.01"))
    serve_document(server, 1, EVENTS)
    assert texts(vendor.fetch(ask(DatasetKind.FILING_TEXTS))) == [
        ("2.02", "Results of Operations and Financial Condition.", "On this day ACME said how it fared."),
        ("5.02", "Departure of Directors", "The chief left."),
    ]


def test_a_report_of_events_without_headings_is_given_whole(vendor, server) -> None:
    serve(server, filing(1, "8-K", "2025-02-26", EVENING))
    serve_document(server, 1, b"ACME said\n\n  how   it fared.\n")
    assert texts(vendor.fetch(ask(DatasetKind.FILING_TEXTS))) == [("all", "8-K", "ACME said\nhow it fared.")]


def test_long_texts_are_cut_and_entities_are_not_expanded(vendor, server) -> None:
    bomb = b'<!DOCTYPE html [<!ENTITY a "boom"><!ENTITY b "&a;&a;"><!ENTITY x SYSTEM "file:///etc/passwd">]>'
    serve(server, filing(1, "8-K", "2025-02-26", EVENING))
    long = b"<html><p>Item 8.01 Other Events</p><p>&b; &x; " + b"many words " * 10_000 + b"</p></html>"
    serve_document(server, 1, bomb + long)
    ((_, _, text),) = texts(vendor.fetch(ask(DatasetKind.FILING_TEXTS)))
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
    with pytest.raises(SourceUnavailable, match="not found"):
        vendor.fetch(ask(DatasetKind.FILING_TEXTS))


def test_of_two_items_with_one_number_the_longer_counts(vendor, server) -> None:
    serve(server, filing(1, "8-K", "2025-02-26", EVENING))
    serve_document(server, 1, edgar.page("Item 8.01", "Other Events", "Item 8.01 Other Events", "ACME moved."))
    assert texts(vendor.fetch(ask(DatasetKind.FILING_TEXTS))) == [("8.01", "Other Events", "ACME moved.")]
