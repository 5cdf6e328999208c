"""Writes a market to a folder of files, whole or spoilt after a moment."""

import json
import random
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from openoutcry.domain.ids import Symbol
from openoutcry.domain.market import Interval
from openoutcry.tools.source import MarketSource

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
    for path in folder.iterdir():
        lines = path.read_text(encoding="utf-8").splitlines()
        spoil = _spoil_json if path.suffix == ".jsonl" else _spoil_csv
        kept = [row for n, line in enumerate(lines) if (row := spoil(line, n, day, chance, delete)) is not None]
        (spoilt / path.name).write_text("\n".join(kept) + "\n", encoding="utf-8")
    return spoilt


def _spoil_csv(line: str, number: int, day: date, chance: random.Random, delete: float) -> str | None:
    cells = line.split(",")
    dated = 3 if cells[0].isupper() and len(cells) == 4 else 1
    if number == 0 or cells[dated][:10] <= day.isoformat():
        return line
    if chance.random() < delete:
        return None
    return ",".join(
        [
            *cells[:2],
            *(chance.choice(GARBAGE) for _ in cells[2:-1]),
            cells[-1] if dated == 3 else chance.choice(GARBAGE),
        ]
    )


def _spoil_json(line: str, _: int, day: date, chance: random.Random, delete: float) -> str | None:
    row = json.loads(line)
    moment = row.get("accepted_at") or row["published_at"]
    if datetime.fromisoformat(moment).astimezone(UTC).date() <= day:
        return line
    if chance.random() < delete:
        return None
    if "metrics" in row:
        return json.dumps(row | {"metrics": {name: chance.choice((1e30, -1e30, "x", None)) for name in row["metrics"]}})
    return json.dumps(row | {"title": chance.choice(GARBAGE) or "crash", "summary": "bankruptcy fraud lawsuit plunge"})
