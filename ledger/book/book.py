"""The book: what the journal adds up to. Nothing here is decided; it is only counted."""

from dataclasses import dataclass, field
from hashlib import sha256
from typing import NamedTuple

from ...domain.errors import OrderRejected
from ..model import chart_of_accounts
from ..model.account_rules import AccountRules
from ..model.entries import Posting
from ..model.events import DividendBooked, MarginCallIssued
from ..model.instrument import Instrument
from ..model.lots import Position
from ..model.order import OrderState
from .codec import canonical, to_plain
from .record_date_holdings import Holdings


@dataclass(slots=True)
class Accrual:
    """What has accrued since the last charge: exactly in millionths, and as booked day by day."""

    micro: int = 0
    booked: int = 0


@dataclass(slots=True)
class UnsettledCash:
    """Cash that moves on one settlement day: from sales (positive) and for purchases (negative).

    `shorts` is the part of it that short sales bring and covers cost, without commission.
    """

    sales: int = 0
    purchases: int = 0
    shorts: int = 0


class Trade(NamedTuple):
    """An order that was filled on a session; however many fills it took, it is one trade."""

    session: str
    order_id: str


@dataclass(slots=True)
class Book:
    """The folded state of one account.

    Attributes:
        balances: per (account, commodity), debits positive.
        marks, values: last price of each symbol of interest in ticks; signed value of each position in minor units.
        money: cash with all that is due and owed, in minor units.
        reserved: buying power set aside for open orders; `claimed` the quantities that open orders are to close.
        children, groups: order ids by parent, and by one-cancels-other group.
        bar, start: number and start (seconds) of the last closed bar; `session` its day.
        first_session: day of the first closed bar; it, `holdings` and `open_orders` are not part of the state hash.
        holdings: what was held going into every day.
        open_orders: the orders that had not ended when they were last looked at; see `live_orders`.
    """

    account: str = ""
    currency: str = ""
    rules: AccountRules = field(default_factory=AccountRules)
    seq: int = 0
    bar: int = -1
    start: int = -(2**62)
    session: str = ""
    session_closed: bool = True
    queue: int = 0
    halted: str | None = None
    call: MarginCallIssued | None = None
    reserved: int = 0
    money: int = 0
    long_value: int = 0
    short_value: int = 0
    instruments: dict[str, Instrument] = field(default_factory=dict)
    orders: dict[str, OrderState] = field(default_factory=dict)
    children: dict[str, list[str]] = field(default_factory=dict)
    groups: dict[str, list[str]] = field(default_factory=dict)
    positions: dict[str, Position] = field(default_factory=dict)
    balances: dict[tuple[str, str], int] = field(default_factory=dict)
    marks: dict[str, int] = field(default_factory=dict)
    values: dict[str, int] = field(default_factory=dict)
    reserved_for_exit: dict[str, int] = field(default_factory=dict)
    due: dict[str, UnsettledCash] = field(default_factory=dict)
    dividends: dict[tuple[str, str], DividendBooked] = field(default_factory=dict)
    accruals: dict[tuple[str, str], Accrual] = field(default_factory=dict)
    accrued_to: str = ""
    actions: set[str] = field(default_factory=set)
    references: dict[str, int] = field(default_factory=dict)
    delisted: set[str] = field(default_factory=set)
    decisions: set[str] = field(default_factory=set)
    opened_on: dict[str, str] = field(default_factory=dict)
    day_trades: list[Trade] = field(default_factory=list)
    trades: set[Trade] = field(default_factory=set)
    sessions_seen: list[str] = field(default_factory=list)
    day_trader: bool = False
    first_session: str = ""
    holdings: Holdings = field(default_factory=Holdings)
    open_orders: dict[str, OrderState] = field(default_factory=dict, compare=False)

    def balance(self, account: str) -> int:
        """Return the balance of an account in currency, minor units, debits positive."""
        return self.balances.get((account, self.currency), 0)

    @property
    def cash(self) -> int:
        """Return cash with unsettled trades: what will be there once all of them have settled."""
        return (
            self.balance(chart_of_accounts.CASH)
            + self.balance(chart_of_accounts.SALES)
            + self.balance(chart_of_accounts.PURCHASES)
        )

    @property
    def equity(self) -> int:
        """Return money plus all positions at their marks, in minor units."""
        return self.money + self.long_value + self.short_value

    def quantity(self, symbol: str) -> int:
        """Return the signed position in quantity steps."""
        position = self.positions.get(symbol)
        return position.quantity if position else 0

    def order(self, order_id: str) -> OrderState:
        """Return an order; raises OrderRejected for an id that was never given."""
        if order_id not in self.orders:
            raise OrderRejected(f"there is no order {order_id} in account {self.account}; see the list of orders")
        return self.orders[order_id]

    def live_orders(self) -> list[OrderState]:
        """Return what has not ended, held children included, by place in the queue.

        Ended orders are dropped from `open_orders` here: a call looks at an ended order once.
        """
        orders = list(self.open_orders.values())
        for order in orders:
            if order.ended:
                self.open_orders.pop(order.terms.order_id, None)
        return sorted((order for order in orders if not order.ended), key=lambda order: order.seq)

    def post(self, postings: tuple[Posting, ...]) -> None:
        """Add balanced postings to the balances."""
        balances = self.balances
        for posting in postings:
            account, amount = posting.account, posting.amount
            key = (account, posting.commodity)
            balances[key] = balances.get(key, 0) + amount
            if account in chart_of_accounts.MONEY:
                self.money += amount

    def revalue(self, symbol: str) -> None:
        """Bring the totals up to date after a change of quantity or mark."""
        position, old = self.positions.get(symbol), self.values.pop(symbol, 0)
        if old > 0:
            self.long_value -= old
        else:
            self.short_value -= old
        if position is not None and position.quantity:
            new = self.values[symbol] = self.instruments[symbol].money(self.marks[symbol], position.quantity)
            if new > 0:
                self.long_value += new
            else:
                self.short_value += new

    def state_hash(self) -> str:
        """Return the hash of everything the book knows; equal books have equal hashes, whatever way they came."""
        return sha256(canonical(self._dump()).encode()).hexdigest()

    def _dump(self) -> list[object]:
        return [
            [self.account, self.currency, to_plain(self.rules), self.seq, self.bar, self.start, self.session],
            [self.session_closed, self.queue, self.halted, to_plain(self.call), self.reserved],
            [self.money, self.long_value, self.short_value, sorted(self.marks.items()), sorted(self.values.items())],
            [to_plain(self.instruments[symbol]) for symbol in sorted(self.instruments)],
            [self.orders[order_id].snapshot() for order_id in sorted(self.orders)],
            [sorted(self.children.items()), sorted(self.groups.items())],
            [
                [symbol, held.quantity, held.cost, [to_plain(lot) for lot in held.lots]]
                for symbol, held in sorted(self.positions.items())
            ],
            sorted([*key, amount] for key, amount in self.balances.items() if amount),
            sorted(item for item in self.reserved_for_exit.items() if item[1]),
            [[day, to_plain(due)] for day, due in sorted(self.due.items())],
            [[*key, to_plain(booked)] for key, booked in sorted(self.dividends.items())],
            [[*key, to_plain(accrual)] for key, accrual in sorted(self.accruals.items())],
            [sorted(self.actions), sorted(self.references.items()), sorted(self.delisted), sorted(self.decisions)],
            [
                sorted(self.opened_on.items()),
                self.day_trades,
                sorted(self.trades),
                self.day_trader,
                *self.sessions_seen,
            ],
        ]
