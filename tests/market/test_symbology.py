"""The spelling of a ticker tells its exchange, its calendar and its currency."""

from datetime import date
from decimal import Decimal

import pytest
from contracts.market_folder import DAILY, MarketFolder, bar
from openoutcry.domain.errors import InvalidData, NoData
from openoutcry.domain.ids import Symbol
from openoutcry.domain.market import Interval
from openoutcry.domain.trading_calendar import trading_calendar
from openoutcry.market.symbology import calendar_of, exchange_of, exchanges, normalize_ticker
from openoutcry.market.view import MarketView

BRK, TOY = Symbol("BRK.B"), Symbol("9992.HK")
EVER = trading_calendar("XNYS").close(date(2025, 6, 2))


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("brk-b", "BRK.B"),
        ("BRK/B", "BRK.B"),
        (" BRK.B ", "BRK.B"),
        ("BTC-USD", "BTC-USD"),
        ("VOD.L", "VOD.L"),
        ("A", "A"),
        ("09992.HK", "9992.HK"),
        ("700.hk", "0700.HK"),
        ("NOVO-B.CO", "NOVO-B.CO"),
        ("BAC-PL", "BAC-PL"),
    ],
)
def test_a_listing_has_one_spelling(written: str, meant: str) -> None:
    assert normalize_ticker(written) == meant
    assert normalize_ticker(meant) == meant


@pytest.mark.parametrize(
    ("ticker", "calendar", "currency", "unit"),
    [
        ("AAPL", "XNYS", "USD", "1"),
        ("BRK.B", "XNYS", "USD", "1"),
        ("BAC-PL", "XNYS", "USD", "1"),
        ("^GSPC", "XNYS", "USD", "1"),
        ("VOD.L", "XLON", "GBP", "0.01"),
        ("BT-A.L", "XLON", "GBP", "0.01"),
        ("NOVO-B.CO", "XCSE", "DKK", "1"),
        ("VOLV-B.ST", "XSTO", "SEK", "1"),
        ("RCI-B.TO", "XTSE", "CAD", "1"),
        ("9992.HK", "XHKG", "HKD", "1"),
        ("7203.T", "XTKS", "JPY", "1"),
        ("600519.SS", "XSHG", "CNY", "1"),
        ("000001.SZ", "XSHG", "CNY", "1"),
        ("RELIANCE.NS", "XBOM", "INR", "1"),
        ("D05.SI", "XSES", "SGD", "1"),
    ],
)
def test_the_suffix_tells_calendar_and_currency(ticker: str, calendar: str, currency: str, unit: str) -> None:
    exchange = exchange_of(ticker)
    assert (calendar_of(ticker), exchange.currency, exchange.unit) == (calendar, currency, Decimal(unit))


@pytest.mark.parametrize("pair", ["BTC-USD", "ETH-EUR"])
def test_a_crypto_pair_trades_around_the_clock(pair: str) -> None:
    assert calendar_of(pair) == "24/7"


@pytest.mark.parametrize(
    ("ticker", "words"),
    [
        ("AAPL.XX", "unknown exchange suffix .XX"),
        ("EURUSD=X", "a currency pair"),
        ("GC=F", "a future"),
        ("NO-SUCH-SYMBOL", "not a valid ticker"),
        ("", "not a valid ticker"),
        ("../etc", "not a valid ticker"),
        ("A B", "not a valid ticker"),
    ],
)
def test_other_kinds_and_exchanges_are_refused_by_name(ticker: str, words: str) -> None:
    with pytest.raises(NoData, match=words):
        calendar_of(ticker)


@pytest.mark.parametrize("name", sorted({exchange.calendar for exchange in exchanges().values()}))
def test_every_exchange_has_sessions_before_and_beyond_today(name: str) -> None:
    sessions = trading_calendar(name).sessions
    assert sessions[0] < date(2022, 1, 1)
    assert sessions[-1] > date(2045, 1, 1)


def test_beyond_the_known_holidays_the_trading_week_goes_on() -> None:
    shanghai = trading_calendar("XSHG")
    assert shanghai.is_session(date(2040, 5, 14))
    assert not shanghai.is_session(date(2040, 5, 13))
    assert shanghai.open(date(2040, 5, 14)).hour == 1  # 09:30 in Shanghai


@pytest.fixture
def folder(tmp_path) -> MarketFolder:
    (tmp_path / "market").mkdir()
    return MarketFolder(tmp_path / "market")


@pytest.mark.parametrize("asked", ["BRK.B", "BRK-B"])
@pytest.mark.parametrize("written", ["BRK.B", "BRK-B", "BRK/B", "brk-b"])
def test_a_folder_knows_a_share_class_by_every_spelling(folder: MarketFolder, written: str, asked: str) -> None:
    source = folder.csv("prices_daily.csv", DAILY, bar(written, "2025-03-03")).open()
    assert source.symbols() == (BRK,)
    assert source.bars(Symbol(asked), Interval.DAY, until=EVER, count=1)[0].symbol == BRK
    assert MarketView(source, EVER).calendar(Symbol(asked)).name == "XNYS"


def test_two_spellings_of_one_bar_are_a_duplicate(folder: MarketFolder) -> None:
    rows = bar("BRK-B", "2025-03-03"), bar("BRK.B", "2025-03-03", close="11")
    source = folder.csv("prices_daily.csv", DAILY, *rows).open()
    with pytest.raises(InvalidData):
        source.bars(BRK, Interval.DAY, until=EVER, count=1)


def test_a_plain_folder_has_the_calendar_of_the_suffix(folder: MarketFolder) -> None:
    """2025-05-26 is a holiday in New York and a session in Hong Kong."""
    source = folder.csv("prices_daily.csv", DAILY, bar("09992.HK", "2025-05-26"), bar("AAA", "2025-05-27")).open()
    assert (source.calendar_name(TOY), source.calendar_name(Symbol("AAA"))) == ("XHKG", "XNYS")
    assert source.bars(TOY, Interval.DAY, until=EVER, count=1)[0].session == date(2025, 5, 26)
