"""Repetition of attempts that failed temporarily: the only module that retries requests."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeVar

from ..chat import ChatRequest, ChatTransport, WrappingTransport
from ..completion import Completion
from ..endpoint import Endpoint
from .failures import AttemptFailed, Attempts, Failure
from .retry_policy import RetryPolicy

if TYPE_CHECKING:
    from tenacity import RetryCallState

T = TypeVar("T")

Sleep = Callable[[float], Awaitable[None]]


class RetryingTransport(WrappingTransport):
    """Repeats attempts of the inner transport that failed temporarily, after a wait.

    Args:
        inner: makes one attempt, and raises AttemptFailed.
        endpoint: the endpoint of the attempts; its secrets are removed from errors.
        policy: number of attempts, and waits between them.
        sleep: waits for the given seconds.
    """

    def __init__(
        self, inner: ChatTransport, endpoint: Endpoint, policy: RetryPolicy, sleep: Sleep = asyncio.sleep
    ) -> None:
        super().__init__(inner)
        self._endpoint, self._policy, self._sleep = endpoint, policy, sleep

    async def complete(self, request: ChatRequest) -> Completion:
        """Return the completion of `request`.

        Raises:
            RequestRejected: the endpoint rejected the request.
            OutputRejected: the endpoint repeatedly reported that the model's answer does not have the requested format.
            EndpointOutage: no usable reply after all attempts.
            ModelUnavailable: an error that another attempt cannot change.
            BudgetExceeded: the budget has no room for an attempt.
        """
        attempts = Attempts[Completion]()
        outcome = await retried(lambda: self._inner.complete(request), attempts, self._policy, self._sleep)
        if isinstance(outcome, Failure):
            raise outcome.error(self._endpoint, self._policy.attempts, attempts.lost)
        served = replace(outcome.served, attempts=attempts.count)
        return replace(outcome, served=served, lost=outcome.lost + attempts.lost)


async def retried(
    attempt: Callable[[], Awaitable[T]], attempts: Attempts[T], policy: RetryPolicy, sleep: Sleep
) -> T | Failure:
    """Return the result of `attempt`, repeated after temporary failures, or the last failure.

    `attempt` raises AttemptFailed for a failure; `attempts` counts the attempts and the tokens of failed ones.
    """
    from tenacity import AsyncRetrying, retry_if_result, stop_after_attempt  # noqa: PLC0415 -- for --help

    async def once() -> T | Failure:
        outcome = await _outcome(attempt)
        attempts.add(outcome)
        return outcome

    retrying = AsyncRetrying(
        stop=stop_after_attempt(policy.attempts),
        wait=lambda state: _wait(state, policy),
        retry=retry_if_result(lambda outcome: isinstance(outcome, Failure) and outcome.transient),
        sleep=sleep,
        retry_error_callback=_last_outcome,
    )
    result: T | Failure = await retrying(once)
    return result


async def _outcome(attempt: Callable[[], Awaitable[T]]) -> T | Failure:
    try:
        return await attempt()
    except AttemptFailed as error:
        return error.failure


def _wait(state: "RetryCallState", policy: RetryPolicy) -> float:
    outcome = state.outcome.result() if state.outcome else None
    asked = outcome.wait_s if isinstance(outcome, Failure) else None
    own = policy.base_wait_s * 2.0 ** (state.attempt_number - 1)
    return min(own if asked is None else asked, policy.max_wait_s)


def _last_outcome(state: "RetryCallState") -> Any:
    assert state.outcome is not None
    return state.outcome.result()
