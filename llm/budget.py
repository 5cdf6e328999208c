"""How much one run may spend on models."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from ..domain.errors import BudgetExceeded
from .completion import TokenUsage
from .port import CallLog, ModelCall


@dataclass(frozen=True, slots=True)
class Budget:
    """Allowance of one run: exchanges, and prompt plus completion tokens; None for no limit."""

    max_calls: int | None = None
    max_tokens: int | None = None


class BudgetTracker:
    """What is left of a budget. What the run's log holds already is spent; a reply from the log costs nothing.

    Calls are counted when they start, so parallel ones cannot overdraw; tokens when they are known, so the calls
    that are under way when the last token goes are still paid for.
    """

    def __init__(self, budget: Budget, log: CallLog) -> None:
        self._budget = budget
        before = log.calls() if budget != Budget() else ()
        self._calls = len(before)
        self._tokens = sum(_tokens(call) for call in before)

    @contextmanager
    def reserve_call(self) -> Iterator[None]:
        """Hold a place for one call; it is given back when the call fails.

        Raises:
            BudgetExceeded: nothing is left.
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
        """Book the tokens of a finished call."""
        self._tokens += _tokens(call)

    def record_lost(self, lost: TokenUsage) -> None:
        """Book tokens of a failed call that the endpoint may have charged."""
        self._tokens += lost.prompt + lost.completion

    def _demand(self, what: str, spent: int, limit: int | None) -> None:
        if limit is not None and spent >= limit:
            raise BudgetExceeded(f"the run's allowance of {limit} model {what} is spent; raise it and resume the run")


def _tokens(call: ModelCall) -> int:
    return call.prompt_tokens + call.completion_tokens
