"""How long an endpoint is waited for."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """How long an endpoint is waited for. Times are seconds.

    Attributes:
        attempts: tries of one request, the first one included.
        base_wait_s: wait before the second try, doubled before each further one, unless the endpoint names a wait.
        max_wait_s: longest wait, also where the server asks for more.
        timeout_s: longest time that one try may take.
        connect_s: longest time until a connection stands.
        first_byte_s: longest time until an answer begins; None for the whole of `timeout_s`.
        idle_s: longest pause inside an answer that has begun.
    """

    attempts: int = 4
    base_wait_s: float = 1.0
    max_wait_s: float = 60.0
    timeout_s: float = 180.0
    connect_s: float = 10.0
    first_byte_s: float | None = None
    idle_s: float = 60.0
