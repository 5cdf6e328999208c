"""The port of a strategy: whatever decides on one symbol at one moment, a desk of agents or a formula."""

from collections.abc import Sequence
from typing import Protocol, runtime_checkable

from ...domain.decision import Decision
from ..decision import DecisionRequest
from ..learning.instructions.window import SessionStart


class Strategy(Protocol):
    """Decides what to do with one symbol.

    Contract:
    - the decision carries the question's run id, ticker and `as_of`, and depends only on what was known at `as_of` and
      on the account in the question;
    - what the market or a model does ends in an abstention, never in an exception; `LookAheadError` and bugs raise;
    - several decisions of one session may run concurrently, in any order, with the same results.

    Attributes:
        name: the desk or strategy, as the decision's `desk` names it.
    """

    @property
    def name(self) -> str: ...

    async def __call__(self, request: DecisionRequest) -> Decision: ...


@runtime_checkable
class BookStrategy(Strategy, Protocol):
    """Decides on all symbols of a session in one call.

    Contract: the decisions are in the order of the requests, which share moment and account; a request alone is a book
    of one symbol. Otherwise as for `Strategy`.
    """

    async def decide_book(self, requests: Sequence[DecisionRequest]) -> Sequence[Decision]: ...


@runtime_checkable
class ReadsHistory(Protocol):
    """A strategy that is shown earlier decisions of the account.

    Attributes:
        history_length: number of decisions on each symbol, in `account.past_decisions` of a request.
    """

    @property
    def history_length(self) -> int: ...


@runtime_checkable
class LearnsBetweenSessions(Protocol):
    """A strategy that learns before the decisions of a session.

    Contract: `learn` is awaited once before the decisions of a session, with their requests; repeating it changes
    nothing. What it has learned by then is used by the decisions.
    """

    async def learn(self, start: SessionStart, requests: Sequence[DecisionRequest]) -> None: ...


def history_length(strategy: Strategy) -> int:
    """Return how many earlier decisions on each symbol a strategy is shown."""
    return strategy.history_length if isinstance(strategy, ReadsHistory) else 0
