"""Many rows into one table, quickly: several rows a statement, where the database is in this process."""

from collections.abc import Sequence
from functools import cache
from itertools import chain

from .database import Cursor

CHUNKS = (100, 50, 20, 10, 5, 2)
"""How many rows a statement takes. Few sizes, so that the driver keeps them all prepared."""

Rows = Sequence[tuple[object, ...]]


def insert(cursor: Cursor, statement: str, rows: Rows) -> None:
    """Write `rows` with few statements."""
    place, left = 0, len(rows)
    for size in CHUNKS:
        while left >= size:
            cursor.execute(multi_row_insert(statement, size), [*chain.from_iterable(rows[place : place + size])])
            place, left = place + size, left - size
    if left:
        cursor.execute(statement, rows[place])


@cache
def multi_row_insert(statement: str, rows: int) -> str:
    """Return an `INSERT ... VALUES (?, ...)` for that many rows at once."""
    start = statement.index("VALUES (") + len("VALUES ")
    end = statement.index(")", start) + 1
    return statement[:start] + ", ".join([statement[start:end]] * rows) + statement[end:]
