"""Nothing after as_of can change a decision: spoil the future of a market folder, and every byte stays the same."""

import json
from datetime import UTC, date, datetime

import pytest
from desk_factory import close_of, rules, taken
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from market_folder import some_tickers, spoil_after, write_folder
from openoutcry.desk.records.document import to_document
from openoutcry.domain.trading_calendar import trading_calendar
from openoutcry.market.folder import open_folder
from openoutcry.market.view import MarketView
from openoutcry.tools.functions import ToolExecutor
from openoutcry.tools.registry import TOOLS

TICKERS = ("CALDR", "SOLVK", "OPENX")
END = datetime(2025, 6, 30, 21, tzinfo=UTC)
DAYS = trading_calendar("XNYS").between(date(2023, 9, 1), date(2025, 6, 27))
ARGUMENTS = (
    "{}",
    '{"as_of": "2025-06-30"}',
    '{"symbol": "SOLVK"}',
    '{"symbol": "NVDA"}',
    '{"as_of": "2031-01-01", "days": 365}',
)


@pytest.fixture(scope="module")
def whole(demo, tmp_path_factory):
    """Return a market folder of a few tickers with two years of history before the first decision."""
    return write_folder(demo, TICKERS, END, tmp_path_factory.mktemp("market"), bars=1000)


def told(folder, ticker, moment):
    """Return all that a desk and a model's own function calls get out of a folder, as text."""
    source = open_folder(folder)
    decision = to_document(taken(rules(source), ticker, moment))
    functions = ToolExecutor(MarketView(source, moment), ticker)
    asked = {f"{name} {arguments}": functions.call(name, arguments) for name in TOOLS for arguments in ARGUMENTS}
    return json.dumps(decision, sort_keys=True), asked


@given(ticker=st.sampled_from(TICKERS), day=st.sampled_from(DAYS), seed=st.integers(0, 999))
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_spoilt_future_changes_no_byte(whole, tmp_path_factory, ticker, day, seed):
    spoilt = spoil_after(whole, tmp_path_factory.mktemp("spoilt"), day, seed=seed)
    moment = trading_calendar("XNYS").close(day)
    assert told(spoilt, ticker, moment) == told(whole, ticker, moment)


def test_the_spoiling_spoils(whole, tmp_path):
    spoilt = spoil_after(whole, tmp_path / "spoilt", date(2024, 3, 1), seed=1)
    assert told(spoilt, "CALDR", close_of(2024, 3, 1)) == told(whole, "CALDR", close_of(2024, 3, 1))
    later = [to_document(taken(rules(open_folder(f)), "CALDR", close_of(2024, 9, 3, 20))) for f in (whole, spoilt)]
    assert later[0] != later[1]


@pytest.fixture(scope="module")
def real(real_market, tmp_path_factory):
    """Return three real tickers: one with everything, one that splits, one without news."""
    return some_tickers(real_market, ("AAPL", "NVDA", "KO"), tmp_path_factory.mktemp("real"))


@pytest.mark.parametrize(
    ("ticker", "day"),
    [("AAPL", date(2025, 3, 3)), ("AAPL", date(2020, 8, 28)), ("NVDA", date(2024, 6, 7)), ("KO", date(2025, 3, 3))],
)
def test_a_spoilt_future_changes_no_byte_of_a_real_decision(real, tmp_path, ticker, day):
    spoilt = spoil_after(real, tmp_path / "spoilt", day, seed=11)
    moment = trading_calendar("XNYS").close(day)
    assert told(spoilt, ticker, moment) == told(real, ticker, moment)
