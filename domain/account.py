"""What the desk may know of the account it decides for."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Self

from .ids import ClientOrderId, LotId, Symbol
from .orders import Action, Order

CENT = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class OpenLot:
    """What is left of one acquisition: `quantity` shares (negative when short), its cost, currency a share, its day."""

    lot_id: LotId
    quantity: Decimal
    cost: Decimal
    acquired: date

    def gain(self, price: Decimal) -> Decimal:
        """Return what closing the lot at `price` a share would gain, or lose, to the cent."""
        return (self.quantity * (price - self.cost)).quantize(CENT)


@dataclass(frozen=True, slots=True)
class Holding:
    """A net position: `quantity` shares (negative when short), its average cost and its mark, currency a share.

    `lots` are what it consists of, oldest first; empty where the account does not pick its lots.
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
    """What became of an order of the last decision on a symbol: asked, allowed by the limits, filled so far."""

    as_of: datetime
    action: Action
    asked: Decimal
    allowed: Decimal
    filled: Decimal
    status: str


@dataclass(frozen=True, slots=True)
class Account:
    """Cash, holdings and open orders at one moment. Shorts are allowed only where `margin` is true.

    Attributes:
        last_orders: those of the last decision on the symbol in question, where there was one.
        superseded: entries of earlier decisions that still rest for it. A decision takes their place, so they count
            for nothing; only an abstention leaves them.
        refused: names of orders that the broker has refused; a new try goes by another name.
        supports_specific_lots: whether a closing order may say which lots it takes.
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
    supports_specific_lots: bool = False

    @property
    def equity(self) -> Decimal:
        """Return cash plus the marked value of all holdings."""
        return self.cash + sum((h.market_value for h in self.holdings.values()), Decimal(0))

    def for_symbol(self, symbol: Symbol) -> Self:
        """Return the account with the entries set apart that a decision on `symbol` takes the place of."""
        entries = tuple(order for order in self.open_orders if order.symbol == symbol and order.action.opens)
        return replace(
            self,
            superseded=entries,
            open_orders=tuple(order for order in self.open_orders if order not in entries),
        )

    def lots(self, symbol: Symbol) -> tuple[OpenLot, ...]:
        """Return the open lots of `symbol` that an order may name, oldest first."""
        holding = self.holdings.get(symbol)
        return holding.lots if holding and self.supports_specific_lots else ()

    def quantity(self, symbol: Symbol) -> Decimal:
        """Return the net shares held of `symbol`; zero when there are none."""
        holding = self.holdings.get(symbol)
        return holding.quantity if holding else Decimal(0)
