"""`renames.csv` of a market folder: what it says, when it is known, and what `data check` finds."""

from datetime import UTC, date, datetime

import pytest
from contracts.market_folder import DAILY, MarketFolder, bar
from openoutcry.domain.errors import InvalidData
from openoutcry.domain.ids import Symbol
from openoutcry.tests.desk.accounts.cases import buy, daily, flat_days, margin_account, sessions, walk, write_market

DAYS = sessions(8)


def folder_with(tmp_path, *lines):
    return MarketFolder(tmp_path).csv("prices_daily.csv", DAILY, bar("META", "2025-06-03")).csv("renames.csv", *lines)


def test_an_account_follows_a_rename_of_the_folder(tmp_path):
    old = daily(flat_days(dict.fromkeys(DAYS[:4], 100)), "FB")
    new = daily(flat_days(dict.fromkeys(DAYS[4:], 110)), "META").partition("\n")[2]
    files = {"prices_daily.csv": f"{old}\n{new}", "renames.csv": f"old,new,date\nFB,META,{DAYS[4]}"}
    source, broker = write_market(tmp_path / "m", files), margin_account()
    walk(broker, source, DAYS, buy(100, symbol="FB"))
    assert (broker.book.quantity("FB"), broker.book.quantity("META"), broker.book.equity) == (0, 100, 10_100_000)


def test_a_rename_is_known_from_its_date_or_from_when_it_was_seen(tmp_path):
    source = folder_with(
        tmp_path, "old,new,date,seen_at", "bf-b,NEW,2025-06-03,", "FB,META,2025-06-03,2025-06-05T00:00:00Z"
    ).open()

    def known(symbol, day):
        return [each.new for each in source.renames(Symbol(symbol), until=datetime(2025, 6, day, tzinfo=UTC))]

    assert (known("BF.B", 2), known("BF.B", 3), known("FB", 4), known("FB", 5)) == ([], ["NEW"], [], ["META"])
    assert source.renames(Symbol("FB"), until=datetime(2025, 6, 9, tzinfo=UTC))[0].day == date(2025, 6, 3)


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("FB,FB,2025-06-03", "the old and the new ticker"),
        ("FB,META,tomorrow", "not a date"),
        ("FB,,2025-06-03", "new is missing"),
        ("GOOD,BETTER,2025-06-03", "in another rename of 2025-06-03"),
        ("BETTER,GOOD,2025-06-03", "in another rename of 2025-06-03"),
    ],
)
def test_a_faulty_line_is_reported_with_its_row(tmp_path, line, words):
    folder = folder_with(tmp_path, "old,new,date", "GOOD,BETTER,2025-06-03", line)
    (defect,) = folder.inspect().defects
    assert (defect.file, defect.row, words in defect.reason) == ("renames.csv", 3, True)
    with pytest.raises(InvalidData, match=words):
        folder.open()
