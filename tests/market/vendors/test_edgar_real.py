"""Real statements, sent through EDGAR's shape, tell the same ratios as the folder that they came from."""

import gzip
import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from contracts.market_folder import DAILY, SPLITS, MarketFolder
from openoutcry.domain.ids import Symbol
from openoutcry.domain.trading_calendar import trading_calendar
from openoutcry.market.folder.layout import DatasetKind
from openoutcry.market.vendors.edgar import Edgar
from openoutcry.market.vendors.http_client import HttpClient, HttpPolicy
from openoutcry.market.vendors.port import VendorRequest, VendorRow
from openoutcry.market.view import MarketView
from openoutcry.tools.evidence.ratios import ratio_evidence
from openoutcry.tools.evidence.statements import statement_evidence
from vendors import edgar
from vendors.clock import Clock
from vendors.server import VendorServer

NOW = datetime(2025, 7, 1, 12, tzinfo=UTC)
TAGS = {
    "income_statement.revenues": ("Revenues", "USD"),
    "income_statement.net_income_loss_attributable_to_parent": ("NetIncomeLoss", "USD"),
    "income_statement.diluted_earnings_per_share": ("EarningsPerShareDiluted", "USD/shares"),
    "income_statement.diluted_average_shares": ("WeightedAverageNumberOfDilutedSharesOutstanding", "shares"),
    "income_statement.gross_profit": ("GrossProfit", "USD"),
    "cash_flow_statement.net_cash_flow_from_operating_activities": (
        "NetCashProvidedByUsedInOperatingActivities",
        "USD",
    ),
    "balance_sheet.equity_attributable_to_parent": ("StockholdersEquity", "USD"),
    "balance_sheet.long_term_debt": ("LongTermDebt", "USD"),
}
CASH = "cash_flow_statement.net_cash_flow_from_operating_activities"


def real_statements(folder: Path, ticker: str) -> list[dict[str, Any]]:
    """Return what `ticker` reported: three quarters and the year, as on EDGAR, without quarters made by subtraction."""
    with gzip.open(folder / "fundamentals.jsonl.gz", "rt") as file:
        rows = [json.loads(line) for line in file]
    kept = [row for row in rows if row["ticker"] == ticker and row["filed_at"] and row["fiscal_period"] != "Q4"]
    for row in kept:
        row["metrics"] = {name: value for name, value in row["metrics"].items() if name in TAGS and value is not None}
    return sorted(kept, key=lambda row: (row["accepted_at"] or row["filed_at"], row["period_end"]))


def as_edgar(rows: list[dict[str, Any]]) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """Return the facts and filings; cash flows run since the beginning of the year, and last year is repeated."""
    tags: defaultdict[tuple[str, str], list[Any]] = defaultdict(list)
    filings, begun, before = [], {}, {}
    for number, row in enumerate(rows, 1):
        annual = row["timeframe"] == "annual"
        form = "10-K" if annual else "10-Q"
        filings.append(edgar.filing(number, form, row["filed_at"], row["accepted_at"]))
        year, start = row["fiscal_year"], row["period_start"]
        first, total = begun.get(year, (start, 0)) if not annual and row["fiscal_period"] != "Q1" else (start, 0)
        for name, value in row["metrics"].items():
            since = start
            if name == CASH:
                since, value = first, total + value  # noqa: PLW2901 - it runs on
                begun[year] = since, value
            period = () if name.startswith("balance_sheet") else (since,)
            entry = (value, row["period_end"], *period)
            earlier = before.get((name, row["fiscal_period"]))
            for told in (earlier, entry) if earlier else (entry,):
                tags[TAGS[name]].append(edgar.fact(number, form, row["filed_at"], *told))
            before[name, row["fiscal_period"]] = entry
        if CASH not in row["metrics"]:
            begun.pop(year, None)
    return edgar.facts(tags), filings


def written(record: VendorRow) -> dict[str, Any]:
    cells: dict[str, Any] = dict(record.cells)
    return cells | {"metrics": {tag: float(text) for tag, text in cells["metrics"].items()}}


def lateness(records: Iterable[VendorRow], rows: Iterable[dict[str, Any]]) -> list[timedelta]:
    """Return by how much later than the folder EDGAR's rows are known: what is accepted after 17:30 shows at six."""

    def moments(cells: Iterable[Mapping[str, Any]]) -> dict[tuple[str, str], datetime]:
        return {
            (row["period_end"], row["timeframe"]): datetime.fromisoformat(row["accepted_at"])
            for row in cells
            if row.get("accepted_at")
        }

    ours, theirs = moments(record.cells for record in records), moments(rows)
    return [ours[key] - theirs[key] for key in theirs]


def market(path: Path, folder: Path, ticker: str, statements: Iterable[dict[str, Any]]) -> MarketFolder:
    """Write a folder of `statements` beside the real prices and splits of `ticker`."""
    path.mkdir()
    with gzip.open(folder / "prices_daily.csv.gz", "rt") as file:
        lines = [line.strip().split(",") for line in file if line.startswith(f"{ticker},20")]
    bars = [",".join((*line[:6], line[7])) for line in lines]
    splits = [",".join(line.split(",")[:3]) for line in (folder / "splits.csv").read_text().splitlines()]
    made = MarketFolder(path).csv("prices_daily.csv", DAILY, *bars)
    made.csv("splits.csv", SPLITS, *(line for line in splits if line.startswith(f"{ticker},")))
    return made.jsonl("fundamentals.jsonl", *statements)


@pytest.mark.parametrize("ticker", ["AAPL", "AMZN", "JPM", "HD"])
def test_ratios_are_the_same(real_market: Path, tmp_path: Path, ticker: str) -> None:
    rows = real_statements(real_market, ticker)
    document, filings = as_edgar(rows)
    clock = Clock(NOW)
    client = HttpClient(HttpPolicy("tests", timeout=10), now=clock.now, sleep=clock.sleep)
    with VendorServer() as server:
        server.serve(edgar.TICKERS, edgar.tickers(**{ticker: edgar.CIK}))
        evening = edgar.filing(0, "4", "2025-02-26", "2025-02-27T02:10:00.000Z")  # so the filer's clock is UTC
        server.serve(edgar.SUBMISSIONS, edgar.submissions(*filings, evening))
        server.serve(edgar.FACTS, document)
        vendor = Edgar(client, contact="desk@example.org", now=clock.now, base_url=server.url)
        records = vendor.fetch(VendorRequest(DatasetKind.FUNDAMENTALS, ticker, datetime(2000, 1, 1, tzinfo=UTC), NOW))
    client.close()
    assert len(records) == len(rows), "what is repeated a year later is no row"
    assert all(timedelta(0) <= late <= timedelta(hours=14) for late in lateness(records, rows))
    ours = market(tmp_path / "edgar", real_market, ticker, map(written, records)).open()
    theirs = market(tmp_path / "folder", real_market, ticker, rows).open()
    symbol, seen = Symbol(ticker), 0
    for year in range(2011, 2026):
        for month in (3, 6, 12)[: 2 if year == 2025 else 3]:
            session = trading_calendar("XNYS").previous(date(year, month, 28))
            views = [MarketView(source, trading_calendar("XNYS").close(session)) for source in (ours, theirs)]
            found = [
                {
                    fact.id: fact.text
                    for fact in (*ratio_evidence(view, symbol), *statement_evidence(view, symbol))
                    if fact.id != "fund.period"  # tells the moment, which is later for what came in the evening
                }
                for view in views
            ]
            assert found[0] == found[1], session
            seen += len(found[0])
    assert seen > 300
