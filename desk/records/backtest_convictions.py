"""Quick convictions of the decisions of one backtest, for the quantiles of cascades."""

from collections.abc import Mapping, Sequence

from ...llm.policy.conviction_store import LONGEST_HISTORY
from ...llm.scope import current_scope
from ...storage.sqlite import SqliteFile


class BacktestConvictions:
    """Keeps the convictions of a backtest in the backtest store.

    Only convictions of decisions as of an earlier time than the running one are visible, and each is durable before the
    answer is used: a decision sees the same ones whatever runs beside it, and after a kill. All answers of a role with
    several samples are kept, equal ones once.
    """

    def __init__(self, file: SqliteFile, backtest_id: str) -> None:
        self._file, self._id = file, backtest_id

    def history(self, role: str) -> Sequence[float]:
        """Return the last LONGEST_HISTORY convictions of `role` before the running decision, oldest first."""
        return self.before(current_scope().as_of).get(role, ())

    def before(self, as_of: str) -> Mapping[str, tuple[float, ...]]:
        """Return the last convictions of every role before `as_of`, an ISO timestamp in UTC, oldest first."""
        query = (
            "SELECT role, conviction FROM convictions WHERE backtest_id = ? AND as_of < ? "
            "ORDER BY role, as_of, symbol, conviction"
        )
        found: dict[str, list[float]] = {}
        for role, conviction in self._file.rows(query, (self._id, as_of)):
            found.setdefault(role, []).append(conviction)
        return {role: tuple(values[-LONGEST_HISTORY:]) for role, values in found.items()}

    def learn(self, role: str, conviction: float) -> None:
        """Add a conviction of the running decision; a repeated one changes nothing."""
        scope = current_scope()
        with self._file.writing() as connection:
            connection.execute(
                "INSERT OR IGNORE INTO convictions VALUES (?, ?, ?, ?, ?)",
                (self._id, role, scope.as_of, scope.symbol, conviction),
            )
