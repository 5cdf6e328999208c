"""Copies of the journal as it was after an earlier row."""

import sqlite3
from contextlib import closing
from pathlib import Path

from ...domain.errors import ConfigError
from .journal import FILE, HEAD
from .schema import SCHEMA


def copy_journal(folder: Path, target: Path, head: int) -> None:
    """Write the journal in `folder` up to row `head` to the new folder `target`; without a journal, write nothing.

    Vectors of later records, and of records that were compared with later ones, are removed; they are computed again
    when the copy is opened. Raises ConfigError if the journal is shorter than `head`.
    """
    if not (folder / FILE).exists():
        if head:
            raise ConfigError(f"{folder} has no memory journal, but the run has read {head} rows of one")
        return
    target.mkdir(parents=True, exist_ok=True)
    with closing(sqlite3.connect(folder / FILE)) as source, closing(sqlite3.connect(target / FILE)) as copy:
        source.backup(copy)
        with copy:
            _cut(copy, head)


def _cut(copy: sqlite3.Connection, head: int) -> None:
    for statement in SCHEMA.create:  # a journal of an earlier version has no variants
        copy.execute(statement)
    triggers = copy.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall()
    if (present := copy.execute(HEAD).fetchone()[0]) < head:
        raise ConfigError(f"the memory journal has {present} rows, but the run has read {head}; it was replaced")
    for name, _ in triggers:
        copy.execute(f'DROP TRIGGER "{name}"')
    copy.execute("DELETE FROM events WHERE seq > ?", (head,))
    copy.execute("DELETE FROM variants WHERE seq > ?", (head,))
    copy.execute("DELETE FROM records WHERE seq > ?", (head,))
    copy.execute("DELETE FROM vectors WHERE seq > ? OR nearest > ?", (head, head))
    for _, sql in triggers:
        copy.execute(sql)
