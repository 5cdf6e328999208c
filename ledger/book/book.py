"""The book: the state of an account folded from its journal. It applies amounts and makes no decisions."""

from copy import copy
from dataclasses import dataclass, field, replace
from hashlib import sha256
from typing import NamedTuple

from ...domain.account import AccountState
from ...domain.errors import OrderRejected
from ..model import chart_of_accounts
from ..model.account_rules import AccountRules
from ..model.entries import Posting
from ..model.events import DividendBooked, MarginCallIssued, SymbolQuarantined
from ..model.instrument import Instrument
from ..model.lots import Position
from ..model.order import OrderState
from ..model.proposal import ProposalState
from .codec import canonical, stored_facts, to_plain
from .record_date_holdings import Holdings


@dataclass(slots=True)
class Accrual:
    """Interest or fees accrued since the last charge.

    `micro` is the exact sum in millionths of a minor unit, `booked` the sum of the daily booked minor units.
    """

    micro: int = 0
    booked: int = 0


@dataclass(slots=True)
class UnsettledCash:
    """Cash that settles on one day, in minor units: `sales` (positive) and `purchases` (negative).

    `shorts` is the net part of both from short sales and covers, without commission.
    """

    sales: int = 0
    purchases: int = 0
    shorts: int = 0


class Trade(NamedTuple):
    """An order filled on a session; several fills of one order on one session are one trade."""

    session: str
    order_id: str


def dividend_key(ex_date: str, payment: int) -> str:
    """Return the key of a dividend among those of its symbol: the ex-date, with a number from the second payment on."""
    return ex_date if payment == 1 else f"{ex_date}#{payment}"


@dataclass(slots=True)
class Book:
    """The folded state of one account.

    Attributes:
        balances: balance by (account, commodity), debits positive.
        marks: last price in ticks by symbol, for symbols that are held or have open orders.
        values: signed value of each position in minor units.
        money: cash plus all receivables less all payables, in minor units.
        reserved: buying power reserved for open orders, in minor units.
        reserved_for_exit: quantity that open closing orders claim, by symbol.
        children, groups: order ids by parent id, and by OCO group.
        bar, start, session: index, start (seconds since 1970-01-01 UTC) and trading day of the last closed bar.
        first_session: day of the first closed bar.
        last_traded: last session with a bar, by symbol, while the symbol was held or had open orders.
        quarantined: symbols in which no new orders are accepted.
        halted, reducing: why the account is halted, or accepts only orders that reduce a position; None if it does not.
        proposals: orders that wait for an approval or waited for one, by order id.
        dividends: booked dividends that are not paid yet, by symbol and `dividend_key`.
        holdings: history of holdings by day.
        open_orders: orders that had not ended at the last call of `live_orders`, or were accepted since.
        newest: the order at the back of the queue, by symbol, exits of other orders left out.
        refused: ids of the rejected orders, in order of rejection.
        slices: ids of the slices of a parent order, by its id, in order of submission.
        waiting: ids of the entries that await an exit and are held, by symbol, in order of submission.

    `first_session`, `last_traded`, `holdings`, `open_orders`, `newest`, `refused`, `slices` and `waiting` are not part
    of the state hash.
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
    reducing: str | None = None
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
    quarantined: dict[str, SymbolQuarantined] = field(default_factory=dict)
    proposals: dict[str, ProposalState] = field(default_factory=dict)
    first_session: str = ""
    last_traded: dict[str, str] = field(default_factory=dict)
    holdings: Holdings = field(default_factory=Holdings)
    open_orders: dict[str, OrderState] = field(default_factory=dict, compare=False)
    newest: dict[str, OrderState] = field(default_factory=dict, compare=False)
    refused: list[str] = field(default_factory=list, compare=False)
    slices: dict[str, tuple[str, ...]] = field(default_factory=dict, compare=False)
    waiting: dict[str, tuple[str, ...]] = field(default_factory=dict, compare=False)

    @property
    def state(self) -> AccountState:
        """Return what the account accepts."""
        if self.halted is not None:
            return AccountState.HALTED
        return AccountState.ACTIVE if self.reducing is None else AccountState.REDUCING

    def balance(self, account: str) -> int:
        """Return the currency balance of a ledger account in minor units, debits positive."""
        return self.balances.get((account, self.currency), 0)

    @property
    def cash(self) -> int:
        """Return settled cash plus all unsettled trades, in minor units."""
        return (
            self.balance(chart_of_accounts.CASH)
            + self.balance(chart_of_accounts.SALES)
            + self.balance(chart_of_accounts.PURCHASES)
        )

    @property
    def equity(self) -> int:
        """Return `money` plus the marked value of all positions, in minor units."""
        return self.money + self.long_value + self.short_value

    @property
    def next_bar(self) -> int:
        """Return the index of the first bar that may fill an order that is accepted now.

        It starts after the acceptance. Around the clock the bar after the last one starts at the moment at which the
        last one closes, before a decision on it can be made, so that the one after it is the first.
        """
        return self.bar + (2 if self.rules.crypto and self.session else 1)

    def is_starting(self, order: OrderState) -> bool:
        """Return whether the first bar of an order starts before anything that is decided now can take effect."""
        return self.bar < order.first_bar < self.next_bar

    def age(self, order: OrderState) -> int:
        """Return the number of completed bars that could have filled an order."""
        return max(0, self.bar + 1 - order.first_bar)

    def quantity(self, symbol: str) -> int:
        """Return the signed position in quantity steps."""
        position = self.positions.get(symbol)
        return position.quantity if position else 0

    def order(self, order_id: str) -> OrderState:
        """Return an order; raises OrderRejected for an unknown id."""
        if order_id not in self.orders:
            raise OrderRejected(f"there is no order {order_id} in account {self.account}; see the list of orders")
        return self.orders[order_id]

    def parts(self, order_id: str) -> tuple[OrderState, ...]:
        """Return the order, or the slices of a parent order that was split; empty for an unknown id."""
        ids = self.slices.get(order_id, (order_id,))
        return tuple(self.orders[each] for each in ids if each in self.orders)

    def whole_order_id(self, order_id: str) -> str:
        """Return the id of the parent order of a slice; of any other order its own."""
        order = self.orders.get(order_id)
        return order_id if order is None or order.terms.slice_of is None else order.terms.slice_of

    def live_orders(self) -> list[OrderState]:
        """Return the orders that have not ended, held exits included, in queue order.

        Ended orders are removed from `open_orders`.
        """
        orders = list(self.open_orders.values())
        for order in orders:
            if order.ended:
                self.open_orders.pop(order.terms.order_id, None)
        return sorted((order for order in orders if not order.ended), key=lambda order: order.seq)

    def trial(self) -> "Book":
        """Return a copy in which orders can be submitted and canceled without a change of this book.

        Positions, instruments and accruals are shared, so no bar may be applied to it.
        """
        live = {order.terms.order_id: copy(order) for order in self.live_orders()}
        changed = (
            "children", "groups", "reserved_for_exit", "decisions", "newest", "proposals", "refused", "slices",
            "waiting",
        )  # fmt: skip
        return replace(
            self,
            orders={**self.orders, **live},
            open_orders=live,
            **{name: copy(getattr(self, name)) for name in changed},
        )

    def post(self, postings: tuple[Posting, ...]) -> None:
        """Add balanced postings to the balances and to `money`."""
        balances = self.balances
        for posting in postings:
            account, amount = posting.account, posting.amount
            key = (account, posting.commodity)
            balances[key] = balances.get(key, 0) + amount
            if account in chart_of_accounts.MONEY:
                self.money += amount

    def revalue(self, symbol: str) -> None:
        """Update the position values of `symbol` after a change of quantity or mark."""
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
        """Return the SHA-256 of the book's state; equal states have equal hashes."""
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
            [[*key, stored_facts(booked)] for key, booked in sorted(self.dividends.items())],
            [[*key, to_plain(accrual)] for key, accrual in sorted(self.accruals.items())],
            [sorted(self.actions), sorted(self.references.items()), sorted(self.delisted), sorted(self.decisions)],
            [
                sorted(self.opened_on.items()),
                self.day_trades,
                sorted(self.trades),
                self.day_trader,
                *self.sessions_seen,
            ],
            *[[symbol, to_plain(found)] for symbol, found in sorted(self.quarantined.items())],
            *([["reducing", self.reducing, ""]] if self.reducing is not None else []),
            *[["proposal", *self.proposals[order_id].snapshot()] for order_id in sorted(self.proposals)],
        ]
