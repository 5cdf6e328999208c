"""`accepted_jumps.csv`: jumps of a price that a person has found to be true, by ticker and date."""

import csv
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path

from ...domain.errors import ConfigError, InvalidData
from ...domain.market import Bar
from ..symbology import normalize_ticker
from .row import TableRow

ACCEPTED_JUMPS = "accepted_jumps.csv"
COLUMNS = ("ticker", "date")


@dataclass(frozen=True, slots=True)
class AcceptedJumps:
    """The accepted jumps: ticker and session to the moment since when they count, None where they always do."""

    since: Mapping[tuple[str, date], datetime | None] = field(default_factory=dict)

    def accepts(self, bar: Bar, until: datetime) -> bool:
        """Return whether the jump of `bar` was accepted by `until`."""
        place = normalize_ticker(bar.symbol), bar.session
        if place not in self.since:
            return False
        moment = self.since[place]
        return moment is None or moment <= until


def read_accepted_jumps(folder: Path) -> AcceptedJumps:
    """Return the accepted jumps that `folder` holds, none without the file; raises ConfigError for a faulty line."""
    path = folder / ACCEPTED_JUMPS
    if not path.is_file():
        return AcceptedJumps()
    try:
        rows = list(csv.DictReader(path.read_text(encoding="utf-8-sig").splitlines()))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise ConfigError(f"{path} cannot be read ({error}); check the file and its rights") from error
    found: dict[tuple[str, date], datetime | None] = {}
    for number, cells in enumerate(rows, start=2):
        row = TableRow(ACCEPTED_JUMPS, number, {name: cell for name, cell in cells.items() if isinstance(name, str)})
        try:
            place = normalize_ticker(row.text("ticker")), row.day("date")
            found[place] = row.known("seen_at") if row.has("seen_at") else None
        except InvalidData as error:
            raise ConfigError(f"{error}; a line is ticker,date and, where it counts from later on, seen_at") from error
    return AcceptedJumps(found)
