"""A small market folder that a test fills by hand."""

import gzip
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from openoutcry.market.folder import (
    FolderReport,
    FolderSource,
    open_folder,
    validate_folder,
)

DAILY = "ticker,date,open,high,low,close,volume"
HOURLY = "ticker,ts_utc,open,high,low,close,volume"
SPLITS = "ticker,ex_date,ratio"
DIVIDENDS = "ticker,ex_date,amount"
MACRO = "series,date,value"


def real_folder() -> Path:
    """Return where the folder of real data is when it is there."""
    return Path(__file__).resolve().parents[3] / "shared" / "data" / "public"


def bar(ticker: str, moment: str, close: str = "10") -> str:
    """Return a row of any price file that is right in itself."""
    return f"{ticker},{moment},10,12,8,{close},1000"


@dataclass(frozen=True, slots=True)
class MarketFolder:
    """Writes files into `path`, which begins as an empty folder."""

    path: Path

    def csv(self, name: str, *lines: str) -> "MarketFolder":
        """Write lines, the header first; a name that ends in .gz is packed."""
        return self.raw(name, "".join(f"{line}\n" for line in lines).encode())

    def jsonl(self, name: str, *rows: Mapping[str, object] | str) -> "MarketFolder":
        """Write one JSON object a line; a string is written as it is."""
        return self.csv(name, *(row if isinstance(row, str) else json.dumps(row) for row in rows))

    def raw(self, name: str, data: bytes) -> "MarketFolder":
        """Write bytes."""
        (self.path / name).write_bytes(gzip.compress(data) if name.endswith(".gz") else data)
        return self

    def open(self) -> FolderSource:
        """Open the folder afresh, with nothing remembered."""
        return open_folder(self.path)

    def inspect(self) -> FolderReport:
        """Inspect the folder."""
        return validate_folder(self.path)
