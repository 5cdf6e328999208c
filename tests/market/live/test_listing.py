import pytest
from openoutcry.domain.errors import NoData
from openoutcry.domain.trading_calendar import trading_calendar
from openoutcry.market.live.symbology import (
    EXCHANGES,
    calendar_of,
    known_renames,
    normalize_ticker,
)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("brk-b", "BRK.B"),
        ("BRK/B", "BRK.B"),
        (" BRK.B ", "BRK.B"),
        ("BTC-USD", "BTC-USD"),
        ("VOD.L", "VOD.L"),
        ("A", "A"),
    ],
)
def test_class_shares_have_one_spelling(written: str, meant: str) -> None:
    assert normalize_ticker(written) == meant


@pytest.mark.parametrize(
    ("ticker", "name"),
    [
        ("AAPL", "XNYS"),
        ("BRK.B", "XNYS"),
        ("^GSPC", "XNYS"),
        ("VOD.L", "XLON"),
        ("SAP.DE", "XETR"),
        ("7203.T", "XTKS"),
        ("SHOP.TO", "XTSE"),
        ("BTC-USD", "24/7"),
        ("ETH-EUR", "24/7"),
    ],
)
def test_the_spelling_tells_the_calendar(ticker: str, name: str) -> None:
    assert calendar_of(ticker) == name


@pytest.mark.parametrize("ticker", ["AAPL.XX", "NO-SUCH-SYMBOL", "", "../etc", "A B", "BTC-XYZ"])
def test_what_no_exchange_has_is_told(ticker: str) -> None:
    with pytest.raises(NoData):
        calendar_of(ticker)


def test_every_exchange_has_a_calendar() -> None:
    for name in {"XLON", "XTKS", "XETR", "BVMF"} & set(EXCHANGES.values()):
        assert len(trading_calendar(name).sessions) > 10_000


def test_renames_are_on_sessions_and_name_two_tickers() -> None:
    for rename in known_renames():
        assert trading_calendar("XNYS").is_session(rename.day), rename
        assert rename.old != rename.new
