"""Rows that say when they were seen, and later versions of one row."""

from datetime import UTC, date, datetime

import pytest
from contracts.market_folder import (
    DAILY,
    MACRO,
    SPLITS,
    MarketFolder,
    bar,
)
from openoutcry.domain.errors import ConfigError, InvalidData, SourceUnavailable
from openoutcry.domain.ids import Symbol
from openoutcry.domain.market import Interval
from openoutcry.market.folder.layout import DatasetKind
from openoutcry.market.folder.manifest import Manifest, Outage, read_manifest

AAA = Symbol("AAA")
SEEN = f"{DAILY},seen_at,origin"


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def closes(folder: MarketFolder, until: str, count: int = 9) -> list[tuple[str, str]]:
    bars = folder.open().bars(AAA, Interval.DAY, until=at(until), count=count)
    return [(str(each.session), str(each.close)) for each in bars]


def test_a_restated_bar_is_known_when_it_was_seen_and_keeps_its_place(folder: MarketFolder) -> None:
    rows = [bar("AAA", "2025-03-03") + ",,one", bar("AAA", "2025-03-04") + ",,one"]
    rows.append(bar("AAA", "2025-03-03", "11") + ",2025-03-05T10:00:00Z,one")
    folder.csv("prices_daily.csv", SEEN, *rows)
    assert closes(folder, "2025-03-05T09:59") == [("2025-03-03", "10"), ("2025-03-04", "10")]
    assert closes(folder, "2025-03-05T10:00") == [("2025-03-03", "11"), ("2025-03-04", "10")]
    assert closes(folder, "2025-03-05T10:00", count=1) == [("2025-03-04", "10")]
    restated = folder.open().bars(AAA, Interval.DAY, until=at("2025-03-06"), count=9)[0]
    assert restated.known_at == at("2025-03-05T10:00")
    assert restated.origin == "one"


def test_a_bar_that_was_seen_late_stands_in_its_session(folder: MarketFolder) -> None:
    rows = [bar("AAA", "2025-03-03") + ",2025-03-07,", bar("AAA", "2025-03-04") + ",,"]
    folder.csv("prices_daily.csv", SEEN, *rows)
    assert closes(folder, "2025-03-07T23:59") == [("2025-03-04", "10")]
    assert closes(folder, "2025-03-08") == [("2025-03-03", "10"), ("2025-03-04", "10")]


@pytest.mark.parametrize("seen", ["", "2025-03-05T10:00:00Z"])
def test_two_rows_that_were_seen_at_once_are_a_defect(folder: MarketFolder, seen: str) -> None:
    rows = [f"{bar('AAA', '2025-03-03', close)},{seen},one" for close in ("10", "11")]
    folder.csv("prices_daily.csv", SEEN, *rows)
    assert closes(folder, "2025-03-03T20:00") == []
    with pytest.raises(InvalidData, match="it repeats row 2"):
        closes(folder, "2025-03-09")


def test_a_moment_of_seeing_that_cannot_be_read_is_a_defect(folder: MarketFolder) -> None:
    folder.csv("prices_daily.csv", SEEN, bar("AAA", "2025-03-03") + ",soon,one")
    assert closes(folder, "2025-03-03T20:00") == []
    with pytest.raises(InvalidData, match="seen_at is 'soon'"):
        closes(folder, "2025-03-09")


def test_every_vintage_of_a_value_is_known_from_its_release(folder: MarketFolder) -> None:
    folder.csv("prices_daily.csv", DAILY, bar("AAA", "2025-03-03"))
    rows = ["CPI,2025-01-01,3.0,2025-02-12", "CPI,2025-02-01,3.2,2025-03-12", "CPI,2025-01-01,3.1,2025-03-12T08:00:00Z"]
    folder.csv("macro.csv", f"{MACRO},released_at", *rows)

    def known(until: str) -> list[tuple[str, str]]:
        points = folder.open().macro("CPI", until=at(until), count=9)
        return [(str(point.period), str(point.value)) for point in points]

    assert known("2025-03-12T07:00") == [("2025-01-01", "3.0")]
    assert known("2025-03-12T08:00") == [("2025-01-01", "3.1")]
    assert known("2025-03-13") == [("2025-01-01", "3.1"), ("2025-02-01", "3.2")]


def test_what_is_undated_is_known_once_seen(folder: MarketFolder) -> None:
    folder.csv("prices_daily.csv", DAILY, bar("AAA", "2025-03-03"))
    item = {"ticker": "AAA", "published_at": "", "title": "Found", "summary": "", "source": "", "url": ""}
    folder.jsonl("news.jsonl", item | {"seen_at": "2025-03-05T10:00:00Z"})
    statement = {"ticker": "AAA", "period_end": "2024-12-31", "metrics": {"eps": 1}}
    folder.jsonl("fundamentals.jsonl", statement, statement | {"seen_at": "2025-03-05T10:00:00Z", "origin": "one"})
    profile = {"ticker": "AAA", "name": "Triple", "shares_outstanding": "10"}
    seen = [profile | {"name": "Old", "seen_at": "2025-03-01"}, profile | {"seen_at": "2025-03-05"}]
    folder.jsonl("profile.jsonl", profile, *seen)
    source = folder.open()
    before, after = at("2025-03-05T09:59"), at("2025-03-05T10:00")
    assert source.news(AAA, since=at("2025-01-01"), until=before) == ()
    (news,) = source.news(AAA, since=at("2025-01-01"), until=after)
    assert news.published_at == news.known_at == after
    assert source.filings(AAA, until=before) == ()
    (filing,) = source.filings(AAA, until=after)
    assert (filing.period_end, filing.origin) == (date(2024, 12, 31), "one")
    profiles = [source.profile(AAA, until=at(day)) for day in ("2025-03-01", "2025-03-02", "2025-03-06")]
    assert [each and each.name for each in profiles] == [None, "Old", "Triple"]


def test_sections_of_filings_are_known_when_accepted(folder: MarketFolder) -> None:
    folder.csv("prices_daily.csv", DAILY, bar("AAA", "2025-03-03"))
    row = {"ticker": "AAA", "accepted_at": "2025-03-05T10:00:00Z", "form": "8-K", "item": "2.02", "title": "Results"}
    folder.jsonl("filing_texts.jsonl", row | {"text": "It went well.", "url": "https://x.example"})
    source = folder.open()
    assert source.filing_texts(AAA, until=at("2025-03-05T09:59")) == ()
    (section,) = source.filing_texts(AAA, until=at("2025-03-05T10:00"))
    assert (section.item, section.text) == ("2.02", "It went well.")


def test_the_manifest_names_the_market_its_calendars_and_what_could_not_be_had(folder: MarketFolder) -> None:
    outages = (
        Outage(DatasetKind.NEWS, "AAA", "nobody answered about news", held=False),
        Outage(DatasetKind.SPLITS, "AAA", "splits as of yesterday", held=True),
        Outage(DatasetKind.SPLITS, "BBB", "splits of another", held=True),
        Outage(DatasetKind.MACRO, "VIX", "the economy as of yesterday", held=True),
        Outage(DatasetKind.PRICES_DAILY, "SPY", "no market to compare with", held=False),
    )
    written = Manifest(name="live", calendars={"AAA": "XLON"}, outages=outages)
    # The first day is a holiday of London, not of New York.
    folder.csv("prices_daily.csv", DAILY, bar("AAA", "2025-05-26"), bar("AAA", "2025-05-27"))
    folder.csv("splits.csv", SPLITS).raw("market.json", written.text().encode())
    assert read_manifest(folder.path) == written
    source = folder.open()
    assert (source.name, source.calendar_name(AAA)) == ("live", "XLON")
    assert source.warnings(AAA, until=at("2025-06-01")) == (
        "splits as of yesterday",
        "the economy as of yesterday",
        "no market to compare with",
    )
    with pytest.raises(SourceUnavailable, match="nobody answered about news"):
        source.news(AAA, since=at("2025-01-01"), until=at("2025-06-01"))
    with pytest.raises(InvalidData, match="2025-05-26 is not a session of the calendar XLON"):
        closes(folder, "2025-06-01")
    assert "market.json" not in folder.inspect().unread


@pytest.mark.parametrize("text", ["{", '{"name": 5}', '{"schema": "other/1"}', '{"name": "/etc/passwd"}', "[]"])
def test_a_manifest_that_is_wrong_is_the_operators_to_mend(folder: MarketFolder, text: str) -> None:
    folder.csv("prices_daily.csv", DAILY, bar("AAA", "2025-03-03")).raw("market.json", text.encode())
    with pytest.raises(ConfigError, match=r"market\.json"):
        folder.open()
