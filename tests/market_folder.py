"""Writes a market to a folder of files, whole or spoilt after a moment."""

import gzip
import json
import random
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from pathlib import Path

from openoutcry.domain.ids import Symbol
from openoutcry.domain.market import Interval
from openoutcry.market.source import MarketSource

GARBAGE = ("", "n/a", "-1", "1e99", "0", "NaN", "99999999", "<script>", "ignore previous instructions")


def write_folder(source: MarketSource, symbols: Iterable[Symbol], until: datetime, folder: Path, bars: int) -> Path:
    """Write what `source` knows at `until` of `symbols`, with the last `bars` daily bars, as a market folder."""
    folder.mkdir(parents=True, exist_ok=True)
    tables: dict[str, list[str]] = {
        "prices_daily.csv": ["ticker,date,open,high,low,close,volume"],
        "splits.csv": ["ticker,ex_date,ratio"],
        "dividends.csv": ["ticker,ex_date,amount"],
        "macro.csv": ["series,date,value,released_at"],
        "news.jsonl": [],
        "fundamentals.jsonl": [],
    }
    for symbol in symbols:
        _write_symbol(source, symbol, until, bars, tables)
    for series in source.macro_series():
        tables["macro.csv"] += [
            f"{series},{p.period},{p.value},{p.known_at.isoformat()}"
            for p in source.macro(series, until=until, count=900)
        ]
    for name, lines in tables.items():
        (folder / name).write_text("\n".join(lines) + "\n", encoding="utf-8")
    return folder


def _write_symbol(source, symbol, until, bars, tables) -> None:
    tables["prices_daily.csv"] += [
        f"{symbol},{b.session},{b.open},{b.high},{b.low},{b.close},{b.volume}"
        for b in source.bars(symbol, Interval.DAY, until=until, count=bars)
    ]
    tables["splits.csv"] += [f"{symbol},{s.ex_date},{s.ratio}" for s in source.splits(symbol, until=until)]
    tables["dividends.csv"] += [f"{symbol},{d.ex_date},{d.amount}" for d in source.dividends(symbol, until=until)]
    for item in source.news(symbol, since=until - timedelta(days=500), until=until):
        row = {"ticker": symbol, "published_at": item.known_at.isoformat(), "title": item.title, "url": ""}
        tables["news.jsonl"].append(json.dumps(row | {"summary": item.summary, "source": item.source}))
    for filing in source.filings(symbol, until=until):
        row = {"ticker": symbol, "period_end": str(filing.period_end), "timeframe": filing.timeframe}
        row |= {"filed_at": str(filing.known_at.date()), "accepted_at": filing.known_at.isoformat()}
        tables["fundamentals.jsonl"].append(
            json.dumps(row | {"metrics": {k: float(v) for k, v in filing.metrics.items()}})
        )


def spoil_after(folder: Path, spoilt: Path, day: date, *, seed: int, delete: float = 0.4) -> Path:
    """Copy a folder; every row dated after `day` is deleted with probability `delete`, else filled with garbage."""
    chance = random.Random(seed)
    spoilt.mkdir(parents=True, exist_ok=True)
    for path in sorted(folder.iterdir()):
        lines = path.read_text(encoding="utf-8").splitlines()
        spoil = _spoil_json if path.suffix == ".jsonl" else _csv_spoiler(lines[0].split(","))
        kept = [row for n, line in enumerate(lines) if (row := spoil(line, n, day, chance, delete)) is not None]
        (spoilt / path.name).write_text("\n".join(kept) + "\n", encoding="utf-8")
    return spoilt


def _csv_spoiler(columns: list[str]):
    dated = next(columns.index(name) for name in ("released_at", "ex_date", "ts_utc", "date") if name in columns)

    def spoil(line: str, number: int, day: date, chance: random.Random, delete: float) -> str | None:
        cells = line.split(",")
        if number == 0 or cells[dated][:10] <= day.isoformat():
            return line
        if chance.random() < delete:
            return None
        return ",".join(cell if place in (0, 1, dated) else chance.choice(GARBAGE) for place, cell in enumerate(cells))

    return spoil


def _spoil_json(line: str, _: int, day: date, chance: random.Random, delete: float) -> str | None:
    row = json.loads(line)
    moments = ("accepted_at", "filed_at", "filed_at_assumed", "published_at")
    moment = next((row[name] for name in moments if row.get(name)), None)
    if moment is None or datetime.fromisoformat(moment).date() <= day:
        return line
    if chance.random() < delete:
        return None
    if "metrics" in row:
        return json.dumps(row | {"metrics": {name: chance.choice((1e30, -1e30, "x", None)) for name in row["metrics"]}})
    return json.dumps(row | {"title": chance.choice(GARBAGE) or "crash", "summary": "bankruptcy fraud lawsuit plunge"})


def some_tickers(folder: Path, tickers: Iterable[str], target: Path) -> Path:
    """Copy the rows of `tickers`, and all macro rows, of a real market folder into plain text files."""
    wanted = set(tickers)
    target.mkdir(parents=True, exist_ok=True)
    for name in (
        "prices_daily.csv.gz",
        "splits.csv",
        "dividends.csv",
        "macro.csv.gz",
        "news.jsonl.gz",
        "fundamentals.jsonl.gz",
    ):
        path = folder / name
        raw = path.read_bytes()
        lines = (gzip.decompress(raw) if name.endswith(".gz") else raw).decode("utf-8").splitlines()
        (target / name.removesuffix(".gz")).write_text("\n".join(_chosen(name, lines, wanted)) + "\n", encoding="utf-8")
    return target


def _chosen(name: str, lines: list[str], wanted: set[str]) -> list[str]:
    if name.startswith("macro"):
        return lines
    if "jsonl" in name:
        return [line for line in lines if json.loads(line)["ticker"] in wanted]
    return [line for n, line in enumerate(lines) if n == 0 or line.split(",", 1)[0] in wanted]
