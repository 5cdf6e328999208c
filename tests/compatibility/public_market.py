"""Small market folders cut out of the folder of real data, so that a decision reads only rows of its own symbol."""

import gzip
import json
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

FIRST_DAY = "2019-01-01"
PROXY = "SPY"
DAILY = ("prices_daily", "crypto_daily")


def cut_folders(source: Path, target: Path, symbols: Sequence[str]) -> Mapping[str, Path]:
    """Write one folder for each symbol below `target` and return them by symbol.

    A folder holds the symbol's own rows and those of the market proxy since FIRST_DAY, and all economic series.
    """
    folders = {symbol: target / symbol for symbol in symbols}
    for folder in folders.values():
        folder.mkdir(parents=True)
    for name in (*DAILY, "splits", "dividends"):
        _cut_table(source, name, folders)
    for name in ("news", "fundamentals"):
        _cut_lines(source, name, folders)
    macro = "".join(_rows(source / "macro.csv.gz", since=FIRST_DAY))
    for folder in folders.values():
        (folder / "macro.csv").write_text(macro, encoding="utf-8")
    return folders


def _cut_table(source: Path, name: str, folders: Mapping[str, Path]) -> None:
    path = next(each for each in (source / f"{name}.csv.gz", source / f"{name}.csv") if each.is_file())
    rows = _rows(path, since=FIRST_DAY if name in DAILY else "")
    header, kept = next(rows), defaultdict[str, list[str]](list)
    for row in rows:
        kept[row[: row.index(",")]].append(row)
    for symbol, folder in folders.items():
        own = kept[symbol] + (kept[PROXY] if symbol != PROXY else [])
        (folder / f"{name}.csv").write_text(header + "".join(own), encoding="utf-8")


def _rows(path: Path, since: str) -> Iterator[str]:
    """Yield the header and the rows of a CSV file whose second column is not before `since`."""
    content = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    header, *rows = content.decode().splitlines(keepends=True)
    yield header
    yield from (row for row in rows if row[row.index(",") + 1 :] >= since)


def _cut_lines(source: Path, name: str, folders: Mapping[str, Path]) -> None:
    kept = defaultdict[str, list[str]](list)
    with gzip.open(source / f"{name}.jsonl.gz", "rt", encoding="utf-8") as lines:
        for line in lines:
            start = line.index('"ticker": "') + len('"ticker": "') if '"ticker": "' in line else -1
            ticker = line[start : line.index('"', start)] if start >= 0 else json.loads(line)["ticker"]
            kept[ticker].append(line)
    for symbol, folder in folders.items():
        if kept[symbol]:
            (folder / f"{name}.jsonl").write_text("".join(kept[symbol]), encoding="utf-8")
