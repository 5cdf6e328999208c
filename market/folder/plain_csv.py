"""Small CSV files of a market folder that are read as a whole."""

import csv
from collections.abc import Sequence
from pathlib import Path

from ...domain.errors import InvalidData
from .row import TableRow


def read_rows(folder: Path, name: str) -> Sequence[TableRow]:
    """Return the rows of the file `name`, none without the file; raises InvalidData if it cannot be read."""
    path = folder / name
    if not path.is_file():
        return ()
    try:
        lines = csv.DictReader(path.read_text(encoding="utf-8-sig").splitlines())
        return [TableRow(name, lines.line_num, {k: v for k, v in cells.items() if k}) for cells in lines]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise InvalidData(name, None, f"cannot be read: {error}") from error
