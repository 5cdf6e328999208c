"""The account as the desk sees it when it decides."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Self

from .ids import ClientOrderId, LotId, Symbol
from .orders import Action, Order, OrderType
from .past_decision import PastDecision

CENT = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class OpenLot:
    """The open part of one acquisition.

    `quantity` is in shares (negative when short), `cost` in currency per share, `acquired` the trade date.
    """

    lot_id: LotId
    quantity: Decimal
    cost: Decimal
    acquired: date

    def gain(self, price: Decimal) -> Decimal:
        """Return the gain, negative for a loss, of closing the lot at `price` per share, rounded to the cent."""
        return (self.quantity * (price - self.cost)).quantize(CENT)


@dataclass(frozen=True, slots=True)
class Holding:
    """A net position: `quantity` in shares (negative when short), average cost and mark in currency per share.

    `lots` are its open lots, oldest first; empty if the account does not support specific lots.
    """

    symbol: Symbol
    quantity: Decimal
    average_cost: Decimal
    mark: Decimal
    lots: tuple[OpenLot, ...] = ()

    @property
    def market_value(self) -> Decimal:
        """Return quantity times mark; negative when short."""
        return self.quantity * self.mark


@dataclass(frozen=True, slots=True)
class LastOrder:
    """The result of an order of the last decision on a symbol.

    Quantities in shares: `asked` by the desk, `allowed` by the limits, and `filled` so far.
    """

    as_of: datetime
    action: Action
    asked: Decimal
    allowed: Decimal
    filled: Decimal
    status: str


@dataclass(frozen=True, slots=True)
class PastFill:
    """A fill of the account: `quantity` in shares, unsigned, `price` in currency per share as it was traded."""

    session: date
    action: Action
    quantity: Decimal
    price: Decimal


@dataclass(frozen=True, slots=True)
class RestingFacts:
    """What is known of an open order beside its terms.

    Attributes:
        age: completed bars that could have filled it; a bar of an account is a session.
        group: name of the group of orders that end together (OCO); empty without one.
        forced: whether the broker generated the order.
        note: what became of the newest cancellation that was proposed to a person; empty without one.
    """

    age: int
    group: str = ""
    forced: bool = False
    note: str = ""


class AccountState(StrEnum):
    """What an account accepts: ACTIVE everything, REDUCING exits only, HALTED no new orders."""

    ACTIVE = "active"
    REDUCING = "reducing"
    HALTED = "halted"


@dataclass(frozen=True, slots=True)
class Account:
    """Cash, holdings and open orders at one moment. Short positions require `margin`.

    Attributes:
        cash: cash in `currency`, including receivables and payables.
        last_orders: orders of the last decision on the symbol in question.
        superseded: resting entries of earlier decisions on the symbol. A decision replaces them, so they are ignored;
            an abstention keeps them.
        rejected_ids: client order ids that the broker rejected; a new attempt needs a new id.
        starting_ids: ids of the open orders whose first bar starts before a decision made now can replace them.
        supports_specific_lots: whether a closing order may name the lots that it closes.
        daily_results: profit or loss of each completed session in currency, oldest first; empty unless the desk
            reads it.
        currency: ISO 4217 code of all amounts.
        past_decisions: earlier decisions on the symbol in question, oldest first; only for a desk that is shown them.
        resting_facts: ages and links of the open orders.
        fills: fills of the last months in the symbol in question, oldest first; empty unless the desk reads them.
        hourly_bars: whether the account matches its orders on hourly bars; otherwise on daily bars.
    """

    name: str
    cash: Decimal
    margin: bool = True
    holdings: Mapping[Symbol, Holding] = field(default_factory=dict)
    open_orders: tuple[Order, ...] = ()
    last_orders: tuple[LastOrder, ...] = ()
    fractional: bool = False
    superseded: tuple[Order, ...] = ()
    rejected_ids: tuple[ClientOrderId, ...] = ()
    starting_ids: tuple[ClientOrderId, ...] = ()
    supports_specific_lots: bool = False
    currency: str = "USD"
    state: AccountState = AccountState.ACTIVE
    past_decisions: tuple[PastDecision, ...] = ()
    resting_facts: Mapping[ClientOrderId, RestingFacts] = field(default_factory=dict)
    daily_results: tuple[Decimal, ...] = ()
    hourly_bars: bool = False
    fills: tuple[PastFill, ...] = ()

    @property
    def equity(self) -> Decimal:
        """Return cash plus the market value of all holdings."""
        return self.cash + sum((h.market_value for h in self.holdings.values()), Decimal(0))

    def for_symbol(self, symbol: Symbol) -> Self:
        """Return the account with the open entries in `symbol` that a decision replaces moved to `superseded`."""
        entries = tuple(
            order
            for order in self.open_orders
            if order.symbol == symbol and order.action.opens and order.client_order_id not in self.starting_ids
        )
        return replace(
            self,
            superseded=entries,
            open_orders=tuple(order for order in self.open_orders if order not in entries),
        )

    def resting(self, symbol: Symbol) -> tuple[Order, ...]:
        """Return the open orders of `symbol`, those in `superseded` first."""
        own = (order for order in (*self.superseded, *self.open_orders) if order.symbol == symbol)
        return tuple(own)

    def quantity_ahead(self, symbol: Symbol) -> Decimal:
        """Return the net quantity of `symbol` with its market orders of `starting_ids` filled.

        An entry that awaits an exit is filled only if its exit is.
        """
        starting = [
            order
            for order in self.open_orders
            if order.client_order_id in self.starting_ids and order.symbol == symbol and order.type is OrderType.MARKET
        ]
        filled = {order.slice_of or order.client_order_id for order in starting}
        ordered = (o.action.sign * o.quantity for o in starting if o.awaits is None or o.awaits in filled)
        return self.quantity(symbol) + sum(ordered, Decimal(0))

    def lots(self, symbol: Symbol) -> tuple[OpenLot, ...]:
        """Return the open lots of `symbol` that a closing order may name, oldest first."""
        holding = self.holdings.get(symbol)
        return holding.lots if holding and self.supports_specific_lots else ()

    def quantity(self, symbol: Symbol) -> Decimal:
        """Return the net quantity of `symbol` in shares; 0 without a holding."""
        holding = self.holdings.get(symbol)
        return holding.quantity if holding else Decimal(0)
