"""Budgets of model calls, tokens and money, nested: call, decision, session, account, experiment."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from threading import RLock

from ..domain.errors import BudgetExceeded

ZERO_USD = Decimal(0)


@dataclass(frozen=True, slots=True)
class Spending:
    """Model calls, prompt plus completion tokens, and their cost in USD."""

    calls: int = 0
    tokens: int = 0
    usd: Decimal = ZERO_USD

    def __add__(self, other: "Spending") -> "Spending":
        return Spending(self.calls + other.calls, self.tokens + other.tokens, self.usd + other.usd)

    def __sub__(self, other: "Spending") -> "Spending":
        return Spending(self.calls - other.calls, self.tokens - other.tokens, self.usd - other.usd)


NOTHING = Spending()


@dataclass(frozen=True, slots=True)
class BudgetCaps:
    """Caps of one budget: calls, prompt plus completion tokens, and USD; None for no cap."""

    max_calls: int | None = None
    max_tokens: int | None = None
    max_cost_usd: Decimal | None = None


NO_CAPS = BudgetCaps()


@dataclass(slots=True)
class Budget:
    """A budget with an optional parent. Whatever is spent from it is spent from all its ancestors too.

    A call reserves the most that it can cost before it is sent, and settles the reservation when its cost is known. The
    sum of settled and reserved amounts never exceeds a cap by a reservation, so parallel calls cannot exceed it
    together; a call that costs more than it reserved can exceed it, and is the last one. One budget can be used by
    several event loops and threads.

    Attributes:
        name: the level in messages, such as `run` or `account`.
        caps: the caps of this level.
        parent: the budget that contains this one; None for the outermost.
    """

    name: str = "run"
    caps: BudgetCaps = NO_CAPS
    parent: "Budget | None" = None
    _booked: Spending = field(default=NOTHING, repr=False)
    _reserved: Spending = field(default=NOTHING, repr=False)
    _lock: RLock = field(init=False, repr=False)

    def __post_init__(self) -> None:
        """Share the lock of the parent, so that one reservation changes all levels at once."""
        self._lock = RLock() if self.parent is None else self.parent._lock

    def child(self, name: str, caps: BudgetCaps = NO_CAPS) -> "Budget":
        """Return a new budget inside this one."""
        return Budget(name, caps, self)

    @property
    def booked(self) -> Spending:
        """Return what was spent, including amounts booked for failed calls."""
        return self._booked

    @property
    def left(self) -> Spending:
        """Return what is neither spent nor reserved, at least 0; 0 of a unit without a cap at this level."""
        with self._lock:
            used, caps = self._booked + self._reserved, self.caps
        return Spending(
            max(0, (caps.max_calls or 0) - used.calls),
            max(0, (caps.max_tokens or 0) - used.tokens),
            max(ZERO_USD, (caps.max_cost_usd or ZERO_USD) - used.usd),
        )

    @property
    def is_capped_in_usd(self) -> bool:
        """Return whether this budget or an ancestor has a cap in USD."""
        return any(level.caps.max_cost_usd is not None for level in self._levels())

    @property
    def is_capped_in_tokens(self) -> bool:
        """Return whether this budget or an ancestor has a cap in tokens."""
        return any(level.caps.max_tokens is not None for level in self._levels())

    def reserve(self, amount: Spending) -> "Reservation":
        """Reserve `amount` at this level and all above it, or at none.

        Raises:
            BudgetExceeded: one of the levels has no room for `amount`.
        """
        with self._lock:
            for level in self._levels():
                level._demand(amount)
            for level in self._levels():
                level._reserved += amount
        return Reservation(self, amount)

    def book(self, amount: Spending) -> None:
        """Add an amount that was spent before, without a reservation; it may exceed the caps."""
        with self._lock:
            for level in self._levels():
                level._booked += amount

    def _settle(self, reserved: Spending, actual: Spending) -> None:
        with self._lock:
            for level in self._levels():
                level._reserved -= reserved
                level._booked += actual

    def _levels(self) -> Iterator["Budget"]:
        level: Budget | None = self
        while level is not None:
            yield level
            level = level.parent

    def _demand(self, amount: Spending) -> None:
        used, caps = self._booked + self._reserved, self.caps
        self._demand_room("model calls", used.calls, amount.calls, caps.max_calls)
        self._demand_room("model tokens", used.tokens, amount.tokens, caps.max_tokens)
        self._demand_room("USD", used.usd, amount.usd, caps.max_cost_usd)

    def _demand_room(self, unit: str, used: Decimal | int, amount: Decimal | int, cap: Decimal | int | None) -> None:
        if cap is None or (used + amount <= cap and used < cap):
            return
        whose = f"the {self.name}'s budget of {cap} {unit}"
        if used >= cap:
            raise BudgetExceeded(f"{whose} is used up; raise it and resume the run")
        raise BudgetExceeded(
            f"{whose} has {cap - used} left, less than the {amount} that the next call may need; "
            "raise it and resume the run"
        )


@dataclass(slots=True)
class Reservation:
    """An amount reserved in a budget until it is settled; later settlements have no effect."""

    _budget: Budget
    amount: Spending
    _settled: bool = False

    def settle(self, actual: Spending) -> None:
        """Replace the reservation by the amount that was spent."""
        if not self._settled:
            self._settled = True
            self._budget._settle(self.amount, actual)

    def release(self) -> None:
        """Remove the reservation: nothing was spent."""
        self.settle(NOTHING)

    def keep(self) -> None:
        """Book the whole reservation, because the amount that was spent is unknown."""
        self.settle(self.amount)
