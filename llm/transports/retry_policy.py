"""Retries and timeouts of requests to an endpoint."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """Retries and timeouts of requests, in seconds.

    Attributes:
        attempts: maximum attempts per request, including the first.
        base_wait_s: wait before the second attempt, doubled for each further one, unless the endpoint requests a wait.
        max_wait_s: maximum wait, even if the endpoint requests more.
        timeout_s: maximum duration of one attempt.
        connect_s: maximum time to connect.
        first_byte_s: maximum time until an answer begins; None for `timeout_s`.
        idle_s: maximum pause within an answer.
    """

    attempts: int = 4
    base_wait_s: float = 1.0
    max_wait_s: float = 60.0
    timeout_s: float = 180.0
    connect_s: float = 10.0
    first_byte_s: float | None = None
    idle_s: float = 60.0
