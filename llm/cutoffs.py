"""Knowledge cut-offs of models: whether a model may know what happened after a decision."""

import csv
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files
from pathlib import Path

from ..domain.errors import ConfigError

TABLE = "cutoffs.csv"
COLUMNS = ("model", "cutoff", "as_of", "source")
_SNAPSHOT = re.compile(r"[-@](\d{4}-\d{2}-\d{2}|\d{8})$")


@dataclass(frozen=True, slots=True)
class KnowledgeCutoff:
    """Knowledge cut-off of a model.

    Attributes:
        model: the id in the table.
        cutoff: last day that training data may cover; the last day of the month if only a month is published.
        as_of: the date on which the row was checked.
        source: where the cut-off was published.
    """

    model: str
    cutoff: date
    as_of: date
    source: str

    def warning(self, decided: date) -> str | None:
        """Return a warning for a decision dated on or before the cut-off; None for a later one."""
        if decided > self.cutoff:
            return None
        return (
            f"{self.model} was trained on data up to {self.cutoff} ({self.source}), so it may know what happened after "
            f"{decided}"
        )


def knowledge_cutoff(model: str, table: Mapping[str, KnowledgeCutoff] | None = None) -> KnowledgeCutoff | None:
    """Return the cut-off of a model; None if unknown.

    An id is looked up as given, then without a provider prefix (`openai/gpt-5`), then without the date suffix of a
    snapshot (`gpt-5-2025-08-07`). No other variants are tried.
    """
    known = builtin_cutoffs() if table is None else table
    bare = model.rsplit("/", 1)[-1]
    for name in (model, bare, _SNAPSHOT.sub("", bare)):
        if name in known:
            return known[name]
    return None


@cache
def builtin_cutoffs() -> Mapping[str, KnowledgeCutoff]:
    """Return the built-in table."""
    return _parse(files(__package__).joinpath(TABLE).read_text(encoding="utf-8"), TABLE)


def load_cutoffs(file: Path) -> Mapping[str, KnowledgeCutoff]:
    """Return the built-in table with rows replaced or added by those of `file`.

    Raises:
        ConfigError: the file cannot be read, lacks a column, has a duplicate model, or has an invalid date.
    """
    try:
        text = file.read_text(encoding="utf-8-sig")
        own = _parse(text, str(file))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise ConfigError(f"the table of knowledge cut-offs {file} cannot be read: {error}") from error
    return {**builtin_cutoffs(), **own}


def _parse(text: str, name: str) -> Mapping[str, KnowledgeCutoff]:
    rows = csv.DictReader(text.splitlines())
    if missing := set(COLUMNS) - set(rows.fieldnames or ()):
        raise ConfigError(f"the table of knowledge cut-offs {name} lacks the columns {', '.join(sorted(missing))}")
    table: dict[str, KnowledgeCutoff] = {}
    for number, row in enumerate(rows, start=2):
        where = f"the table of knowledge cut-offs {name}, row {number}"
        if row["model"] in table:
            raise ConfigError(f"{where}: duplicate model {row['model']!r}")
        try:
            days = date.fromisoformat(row["cutoff"]), date.fromisoformat(row["as_of"])
        except (ValueError, TypeError) as error:
            raise ConfigError(f"{where}: cutoff and as_of must be dates such as 2025-03-31") from error
        table[row["model"]] = KnowledgeCutoff(row["model"], *days, row["source"])
    return table
