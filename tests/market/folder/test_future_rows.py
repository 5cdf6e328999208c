"""Rows from the future: not even their existence shows, in data, errors or wording."""

import json
from datetime import UTC, date, datetime

import pytest
from contracts.market_folder import DAILY, HOURLY, MarketFolder, bar
from openoutcry.domain.errors import NoData
from openoutcry.domain.ids import Symbol
from openoutcry.domain.trading_calendar import trading_calendar
from openoutcry.market.view import MarketView
from openoutcry.tools.functions import ToolExecutor
from openoutcry.tools.registry import TOOLS, gather_evidence

SESSIONS = trading_calendar("XNYS").between(date(2025, 2, 3), date(2025, 3, 4))
AS_OF = datetime(2025, 3, 4, 21, tzinfo=UTC)
AAA, LATER, UNKNOWN = Symbol("AAA"), Symbol("LATER"), Symbol("NOONE")
FUTURE = ("2030-01-03", "2030-01-04")
ROWS = {
    "news.jsonl": {"ticker": "AAA", "published_at": "2030-01-03T12:00:00Z", "title": "Sold", "source": "s"},
    "fundamentals.jsonl": {
        "ticker": "AAA", "period_end": "2029-12-31", "filed_at": "2030-02-01", "metrics": {"revenue": 1},
    },
    "profile.jsonl": {"ticker": "AAA", "name": "A", "seen_at": "2030-01-03T12:00:00Z", "sector": "Tech"},
}  # fmt: skip
TABLES = {
    "splits.csv": "ticker,ex_date,ratio\nAAA,2030-01-03,2\n",
    "dividends.csv": "ticker,ex_date,amount\nAAA,2030-01-03,2\n",
    "macro.csv": "series,date,value\nVIX,2030-01-03,20\n",
}


def written(folder: MarketFolder) -> MarketFolder:
    return folder.csv("prices_daily.csv", DAILY, *(bar("AAA", str(day)) for day in SESSIONS))


def evidence(folder: MarketFolder, symbol: Symbol = AAA) -> str:
    return repr(gather_evidence(MarketView(folder.open(), AS_OF), symbol, tuple(TOOLS)))


@pytest.mark.parametrize("name", [*ROWS, *TABLES, "prices_daily.csv"])
def test_a_row_of_the_future_changes_no_evidence(folder: MarketFolder, name: str) -> None:
    before = evidence(written(folder))
    if name in ROWS:
        (folder.path / name).write_text(json.dumps(ROWS[name]) + "\n")
    elif name in TABLES:
        (folder.path / name).write_text(TABLES[name])
    else:
        days = [*map(str, SESSIONS), *FUTURE]
        folder.csv(name, DAILY, *(bar("AAA", day) for day in days), *(bar("LATER", day) for day in FUTURE))
    assert evidence(folder) == before


@pytest.mark.parametrize("hourly", [False, True])
def test_a_listing_of_the_future_is_as_unknown_as_any_other(folder: MarketFolder, hourly: bool) -> None:
    rows = [bar("AAA", str(day)) for day in SESSIONS]
    folder.csv("prices_daily.csv", DAILY, *rows, *([] if hourly else [bar("LATER", day) for day in FUTURE]))
    if hourly:
        folder.csv("prices_hourly.csv", HOURLY, bar("LATER", "2030-01-03T15:00:00Z"))
    view = MarketView(folder.open(), AS_OF)

    def refusal(symbol: Symbol) -> str:
        with pytest.raises(NoData) as refused:
            view.calendar(symbol)
        return str(refused.value).replace(symbol, "X")

    assert refusal(LATER) == refusal(UNKNOWN)
    assert evidence(folder, LATER).replace(LATER, "X") == evidence(folder, UNKNOWN).replace(UNKNOWN, "X")
    for name in TOOLS:
        answers = {
            str(symbol): ToolExecutor(view, symbol, (name,)).call(name, "{}").replace(symbol, "X")
            for symbol in (LATER, UNKNOWN)
        }
        assert answers[LATER] == answers[UNKNOWN]


def test_a_listing_is_known_from_its_first_bar(folder: MarketFolder) -> None:
    source = written(folder).open()
    first = trading_calendar("XNYS").close(SESSIONS[0])
    assert MarketView(source, first).calendar(AAA).name == "XNYS"
    with pytest.raises(NoData):
        MarketView(source, datetime(2025, 1, 31, 22, tzinfo=UTC)).calendar(AAA)
