from openoutcry.domain.trading_calendar import trading_calendar
from openoutcry.market.live.listing import known_renames


def test_renames_are_on_sessions_and_name_two_tickers() -> None:
    for rename in known_renames():
        assert trading_calendar("XNYS").is_session(rename.day), rename
        assert rename.old != rename.new
