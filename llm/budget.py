"""Budget of model calls and tokens for one run."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from ..domain.errors import BudgetExceeded
from .completion import TokenUsage
from .port import CallLog, ModelCall


@dataclass(frozen=True, slots=True)
class Budget:
    """Budget of one run: model calls, and prompt plus completion tokens; None for no limit."""

    max_calls: int | None = None
    max_tokens: int | None = None


class BudgetTracker:
    """Tracks the use of a budget. Calls in the run's log count as used; a reply from the log costs nothing.

    Calls are counted when they start, so parallel calls cannot exceed the limit. Tokens are counted when they are
    reported, so calls in progress when the limit is reached can exceed it.
    """

    def __init__(self, budget: Budget, log: CallLog) -> None:
        self._budget = budget
        before = log.calls() if budget != Budget() else ()
        self._calls = len(before)
        self._tokens = sum(_tokens(call) for call in before)

    @contextmanager
    def reserve_call(self) -> Iterator[None]:
        """Reserve one call during the block; the reservation is released if the block raises.

        Raises:
            BudgetExceeded: no calls or no tokens are left.
        """
        self._demand("calls", self._calls, self._budget.max_calls)
        self._demand("tokens", self._tokens, self._budget.max_tokens)
        self._calls += 1
        try:
            yield
        except BaseException:
            self._calls -= 1
            raise

    def record(self, call: ModelCall) -> None:
        """Add the tokens of a finished call."""
        self._tokens += _tokens(call)

    def record_lost(self, lost: TokenUsage) -> None:
        """Add tokens of a failed call that the endpoint may have charged."""
        self._tokens += lost.prompt + lost.completion

    def _demand(self, what: str, spent: int, limit: int | None) -> None:
        if limit is not None and spent >= limit:
            raise BudgetExceeded(f"the run's budget of {limit} model {what} is used up; raise it and resume the run")


def _tokens(call: ModelCall) -> int:
    return call.prompt_tokens + call.completion_tokens
