"""Fast inserts into SQLite: several rows per statement."""

from collections.abc import Sequence
from functools import cache
from itertools import chain

from .database import Cursor

CHUNKS = (100, 50, 20, 10, 5, 2)
"""Rows per statement. There are few sizes, so that all statements stay in the driver's statement cache."""

Rows = Sequence[tuple[object, ...]]


def insert(cursor: Cursor, statement: str, rows: Rows) -> None:
    """Insert `rows` with as few statements as possible."""
    place, left = 0, len(rows)
    for size in CHUNKS:
        while left >= size:
            cursor.execute(multi_row_insert(statement, size), [*chain.from_iterable(rows[place : place + size])])
            place, left = place + size, left - size
    if left:
        cursor.execute(statement, rows[place])


@cache
def multi_row_insert(statement: str, rows: int) -> str:
    """Return the `INSERT ... VALUES (?, ...)` statement for `rows` rows."""
    start = statement.index("VALUES (") + len("VALUES ")
    end = statement.index(")", start) + 1
    return statement[:start] + ", ".join([statement[start:end]] * rows) + statement[end:]
