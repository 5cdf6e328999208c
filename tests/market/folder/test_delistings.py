"""`delistings.csv` of a market folder: what it does to an account, when it is known, and what `data check` finds."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from contracts.market_folder import DAILY, MarketFolder, bar
from openoutcry.domain.errors import InvalidData
from openoutcry.domain.ids import Symbol
from openoutcry.tests.desk.accounts.cases import buy, daily, flat_days, margin_account, sessions, walk, write_market

DAYS = sessions(8)


def folder_with(tmp_path, *lines):
    return (
        MarketFolder(tmp_path).csv("prices_daily.csv", DAILY, bar("META", "2025-06-03")).csv("delistings.csv", *lines)
    )


@pytest.mark.parametrize(("price", "equity"), [("4", 9_040_000), ("0", 9_000_000)])
def test_an_account_closes_a_position_at_the_recorded_price(tmp_path, price, equity):
    gone = daily(flat_days(dict.fromkeys(DAYS[:4], 100)), "GONE")
    other = daily(flat_days(dict.fromkeys(DAYS, 50)), "META").partition("\n")[2]
    files = {
        "prices_daily.csv": f"{gone}\n{other}",
        "delistings.csv": f"symbol,date,price,reason\nGONE,{DAYS[5]},{price},bankruptcy",
    }
    source, broker = write_market(tmp_path / "m", files), margin_account()
    walk(broker, source, DAYS[:5], buy(100, symbol="GONE"))
    assert broker.book.quantity("GONE") == 100, "not closed before the date, although the file is there"
    walk(broker, source, DAYS[5:])
    assert broker.book.quantity("GONE") == 0
    assert broker.book.equity == equity


def test_a_delisting_is_not_visible_before_its_date_or_before_it_was_seen(tmp_path):
    source = folder_with(
        tmp_path,
        "symbol,date,price,seen_at",
        "bf-b,2025-06-03,1.25,",
        "GONE,2025-06-03,0,2025-06-05T12:00:00Z",
    ).open()

    def known(symbol, day, hour=0):
        found = source.delistings(Symbol(symbol), until=datetime(2025, 6, day, hour, tzinfo=UTC))
        return [each.price for each in found]

    assert (known("BF.B", 2, 23), known("BF.B", 3)) == ([], [Decimal("1.25")])
    assert (known("GONE", 5, 11), known("GONE", 5, 12)) == ([], [Decimal(0)])
    assert source.delistings(Symbol("GONE"), until=datetime(2025, 6, 9, tzinfo=UTC))[0].day == date(2025, 6, 3)


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("GONE,tomorrow,1", "not a date"),
        (",2025-06-03,1", "symbol is missing"),
        ("GONE,2025-06-03,", "price is missing"),
        ("GONE,2025-06-03,-1", "must not be negative"),
        ("GONE,2025-06-03,cheap", "not a number"),
        ("GOOD,2025-06-03,2", "another delisting on 2025-06-03"),
    ],
    ids=["date", "symbol", "no price", "negative", "words", "repeated"],
)
def test_a_faulty_line_is_reported_with_its_row(tmp_path, line, words):
    folder = folder_with(tmp_path, "symbol,date,price", "GOOD,2025-06-03,1", line)
    (defect,) = folder.inspect().defects
    assert (defect.file, defect.row, words in defect.reason) == ("delistings.csv", 3, True)
    with pytest.raises(InvalidData, match=words):
        folder.open()


def test_the_file_is_not_listed_as_unread(tmp_path):
    assert folder_with(tmp_path, "symbol,date,price", "GONE,2025-06-03,1").inspect().unread == ()
