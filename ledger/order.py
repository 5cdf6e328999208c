"""The life of an order: its states, the ways between them, and what the broker remembers of it."""

from enum import StrEnum


class OrderStatus(StrEnum):
    """Where an order stands. `held` waits for its parent's fill."""

    HELD = "held"
    OPEN = "open"
    PARTIAL = "partially_filled"
    FILLED = "filled"
    CANCELED = "canceled"
    EXPIRED = "expired"
    REJECTED = "rejected"
