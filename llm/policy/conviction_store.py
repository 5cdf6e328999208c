"""Quick convictions of past decisions, for the quantiles of cascades."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from ...storage.sqlite import Schema, SqliteFile
from ..scope import current_scope

FILE_NAME = "convictions.db"
LONGEST_HISTORY = 500

_TABLE = """
CREATE TABLE IF NOT EXISTS convictions (
    role TEXT NOT NULL, as_of TEXT NOT NULL, symbol TEXT NOT NULL, conviction REAL NOT NULL,
    PRIMARY KEY (role, as_of, symbol)
)
"""


class ConvictionStore:
    """Keeps one conviction per role, symbol and time of a decision in one file.

    Only convictions of decisions as of an earlier time than the running one are visible, so that a decision can be
    repeated.
    """

    def __init__(self, path: Path) -> None:
        """Open or create the file; raises ConfigError if it is damaged or of a newer version."""
        self._file = SqliteFile(path, "the store of convictions", Schema(version=1, create=(_TABLE,)))

    def history(self, role: str) -> Sequence[float]:
        """Return the last LONGEST_HISTORY convictions of `role` before the running decision, oldest first."""
        return self.before(current_scope().as_of).get(role, ())

    def before(self, as_of: str) -> Mapping[str, Sequence[float]]:
        """Return the last convictions of every role before `as_of`, an ISO timestamp in UTC, oldest first."""
        query = "SELECT role, conviction FROM convictions WHERE as_of < ? ORDER BY role, as_of, symbol"
        found: dict[str, list[float]] = {}
        for role, conviction in self._file.rows(query, (as_of,)):
            found.setdefault(role, []).append(conviction)
        return {role: values[-LONGEST_HISTORY:] for role, values in found.items()}

    def learn(self, role: str, conviction: float) -> None:
        """Add the conviction of the running decision; a repeated decision replaces it."""
        scope = current_scope()
        self._insert([(role, scope.as_of, scope.symbol, conviction)])

    def restore(self, history: Mapping[str, Sequence[float]]) -> None:
        """Add a history that is older than every decision, in its order."""
        self._insert(
            [(role, "", f"{n:06}", value) for role, values in history.items() for n, value in enumerate(values)]
        )

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def _insert(self, rows: Sequence[tuple[str, str, str, float]]) -> None:
        with self._file.writing() as connection:
            connection.executemany("INSERT OR REPLACE INTO convictions VALUES (?, ?, ?, ?)", rows)
