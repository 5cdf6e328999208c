"""Knowledge cut-offs of models, as dated data: what a model may know of the days that it is asked to trade."""

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
    """Up to when a model was trained.

    Attributes:
        model: the id in the table.
        cutoff: last day that training data may cover; the last day of the month where only a month is published.
        as_of: when the row was checked.
        source: where it was published.
    """

    model: str
    cutoff: date
    as_of: date
    source: str

    def warning(self, decided: date) -> str | None:
        """Return the sentence for a decision dated on or before the cut-off; None for a later one."""
        if decided > self.cutoff:
            return None
        return (
            f"{self.model} was trained on data up to {self.cutoff} ({self.source}), so it may know what happened after "
            f"{decided}"
        )


def knowledge_cutoff(model: str, table: Mapping[str, KnowledgeCutoff] | None = None) -> KnowledgeCutoff | None:
    """Return the cut-off of a model; None where it is not known.

    An id is looked up as it is, then without the name of a provider in front (`openai/gpt-5`), then without the date of
    a snapshot behind (`gpt-5-2025-08-07`). No other id is guessed.
    """
    known = builtin_cutoffs() if table is None else table
    bare = model.rsplit("/", 1)[-1]
    for name in (model, bare, _SNAPSHOT.sub("", bare)):
        if name in known:
            return known[name]
    return None


@cache
def builtin_cutoffs() -> Mapping[str, KnowledgeCutoff]:
    """Return the table of the package."""
    return _parse(files(__package__).joinpath(TABLE).read_text(encoding="utf-8"), TABLE)


def load_cutoffs(file: Path) -> Mapping[str, KnowledgeCutoff]:
    """Return the table of the package with the rows of `file` in place of those of the same model.

    Raises:
        ConfigError: the file cannot be read, lacks a column, names a model twice, or holds an invalid date.
    """
    try:
        text = file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"the table of knowledge cut-offs {file} cannot be read: {error}") from error
    return {**builtin_cutoffs(), **_parse(text, str(file))}


def _parse(text: str, name: str) -> Mapping[str, KnowledgeCutoff]:
    rows = csv.DictReader(text.splitlines())
    if missing := set(COLUMNS) - set(rows.fieldnames or ()):
        raise ConfigError(f"the table of knowledge cut-offs {name} lacks the columns {', '.join(sorted(missing))}")
    table: dict[str, KnowledgeCutoff] = {}
    for number, row in enumerate(rows, start=2):
        where = f"the table of knowledge cut-offs {name}, row {number}"
        if row["model"] in table:
            raise ConfigError(f"{where}: {row['model']!r} is named a second time")
        try:
            days = date.fromisoformat(row["cutoff"]), date.fromisoformat(row["as_of"])
        except (ValueError, TypeError) as error:
            raise ConfigError(f"{where}: dates such as 2025-03-31 are needed") from error
        table[row["model"]] = KnowledgeCutoff(row["model"], *days, row["source"])
    return table
