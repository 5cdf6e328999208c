"""insider.csv: known when the report was filed, defective rows, and versions of one row."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from contracts.market_folder import DAILY, MarketFolder, bar
from openoutcry.domain.errors import InvalidData, LookAheadError
from openoutcry.domain.ids import Symbol
from openoutcry.domain.market import InsiderSide, InsiderTrade
from openoutcry.market.delegating_source import DelegatingSource
from openoutcry.market.view import MarketView

AAA = Symbol("AAA")
HEADER = "ticker,filed_at,person,role,side,shares,price"


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.fixture
def insiders(folder: MarketFolder):
    """Return a function that writes rows and returns the source."""

    def write(*rows: str, header: str = HEADER):
        folder.csv("prices_daily.csv", DAILY, bar("AAA", "2025-03-03"))
        return folder.csv("insider.csv", header, *rows).open()

    return write


def test_a_trade_is_known_once_its_report_was_filed(insiders) -> None:
    source = insiders(
        "AAA,2025-03-04T22:15:00Z,Ann Officer,CFO,Buy,1200,31.20", "AAA,2025-03-03,Bo Director,,sell,5,30"
    )
    assert source.insider_trades(AAA, until=at("2025-03-03T23:59")) == ()
    (sold,) = source.insider_trades(AAA, until=at("2025-03-04T22:14"))
    assert sold == InsiderTrade(AAA, "Bo Director", "", InsiderSide.SELL, Decimal(5), Decimal(30), at("2025-03-04"))
    assert source.insider_trades(AAA, until=at("2025-03-04T22:15"))[1].price == Decimal("31.20")


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("AAA,2025-03-04,Ann,CFO,hold,1,1", "side is 'hold'"),
        ("AAA,2025-03-04,Ann,CFO,buy,0,1", "shares is 0"),
        ("AAA,2025-03-04,Ann,CFO,buy,1,", "price is missing"),
        ("AAA,2025-03-04,,CFO,buy,1,1", "person is missing"),
    ],
    ids=["side", "shares", "price", "person"],
)
def test_a_defective_row_raises_once_it_is_visible_and_not_before(insiders, folder, row, reason) -> None:
    source = insiders("AAA,2025-03-03,Bo,,sell,5,30", row)
    assert len(source.insider_trades(AAA, until=at("2025-03-04"))) == 1
    with pytest.raises(InvalidData, match=reason):
        source.insider_trades(AAA, until=at("2025-03-05"))
    assert reason in str(folder.inspect().defects[0])


def test_a_row_without_a_time_of_filing_is_a_defect_at_any_time(insiders) -> None:
    source = insiders("AAA,,Ann,CFO,buy,1,1")
    with pytest.raises(InvalidData, match="filed_at is missing"):
        source.insider_trades(AAA, until=at("2020-01-01"))


def test_a_row_is_not_known_before_it_was_seen(insiders) -> None:
    source = insiders("AAA,2025-03-03,Ann,CFO,buy,1,1,2025-03-06", header=f"{HEADER},seen_at")
    assert source.insider_trades(AAA, until=at("2025-03-06")) == ()
    assert len(source.insider_trades(AAA, until=at("2025-03-07"))) == 1


def test_without_a_time_of_filing_a_trade_is_known_once_it_was_seen(insiders) -> None:
    """Two equal trades of two days are two trades."""
    source = insiders(
        "AAA,,Ann,CFO,buy,1,1,2025-03-03,2025-03-06T10:00:00Z",
        "AAA,,Ann,CFO,buy,1,1,2025-03-04,2025-03-06T10:00:00Z",
        header=f"{HEADER},traded_on,seen_at",
    )
    assert source.insider_trades(AAA, until=at("2025-03-06T09:59")) == ()
    found = source.insider_trades(AAA, until=at("2025-03-06T10:00"))
    assert [each.traded_on.day for each in found] == [3, 4]


def test_a_view_refuses_a_trade_of_the_future(insiders) -> None:
    class Leak(DelegatingSource):
        def insider_trades(self, symbol, *, until):
            return self.inner.insider_trades(symbol, until=at("2030-01-01"))

    leak = Leak(insiders("AAA,2025-03-05,Ann,CFO,buy,1,1"))
    with pytest.raises(LookAheadError):
        MarketView(leak, at("2025-03-04")).insider_trades(AAA)
