"""A paper account over one symbol, at the ledger's broker."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from ..desk.accounts.market_replay import book_actions
from ..desk.accounts.replace_resting import take_place
from ..domain.account import Account
from ..domain.decision import Outcome
from ..domain.ids import RunId, Symbol
from ..domain.orders import Order
from ..ledger import chart
from ..ledger.account import account
from ..ledger.book import Book
from ..ledger.broker import Broker
from ..ledger.commission import Commission, CommissionKind
from ..ledger.events import Filled
from ..ledger.instrument import Instrument
from ..ledger.rules import AccountRules, SplitOrders
from ..ledger.slippage import Slippage, SlippageKind
from ..ledger.step import Sessions, Step
from ..ledger.ticket import Ticket, ticket
from .exchange import Day


@dataclass(frozen=True, slots=True)
class Costs:
    """What trading costs, in basis points: of a fill's value, of its price, and of a short's value a year."""

    commission_bps: int = 1
    slippage_bps: int = 2
    borrow_bps: int = 30


@dataclass(frozen=True, slots=True)
class Spent:
    """What an account has paid for trading, in minor units."""

    commission: int
    slippage: int
    borrow: int

    @property
    def total(self) -> int:
        """Return the sum."""
        return self.commission + self.slippage + self.borrow


class PaperAccount:
    """A margin account that trades one symbol and is marked at every session's close.

    Attributes:
        refused: why the broker refused an order, for each that it did.
    """

    def __init__(self, name: str, instrument: Instrument, cash: int, costs: Costs, sessions: Sessions) -> None:
        """Open the account with `cash` minor units."""
        self.instrument = replace(instrument, borrow_bps=costs.borrow_bps)
        self.broker = Broker.open(name, _rules(costs), sessions)
        self.broker.list_instrument(self.instrument)
        self.broker.deposit("opening", cash)
        self.refused: list[str] = []
        self._slippage = 0
        self._waiting: list[Ticket] = []

    @property
    def book(self) -> Book:
        """Return the ledger's book."""
        return self.broker.book

    @property
    def account(self) -> Account:
        """Return the account as a desk is shown it before it decides."""
        return account(self.book).deciding(Symbol(self.instrument.symbol))

    @property
    def exposure(self) -> int:
        """Return the signed value of the position at its mark, in minor units."""
        return self.book.values.get(self.instrument.symbol, 0)

    @property
    def spent(self) -> Spent:
        """Return what has been paid for trading so far."""
        return Spent(self.book.balance(chart.COMMISSION), self._slippage, self.book.balance(chart.BORROW))

    def pass_session(self, day: Day) -> None:
        """Book the day's corporate actions, walk its bar, then send the entries that waited for an exit to fill."""
        if day.gone is not None:
            self._waiting.clear()
        book_actions(self.broker, [day.facts], day.session)
        rows = {} if day.row is None else {self.instrument.symbol: day.row}
        for event in self.broker.on_bar(Step(day.session, int(day.opened.timestamp())), rows):
            if isinstance(event, Filled):
                self._slippage += self.instrument.money(abs(event.price - event.reference), event.quantity)
        waiting, self._waiting = self._waiting, []
        for entry in waiting:
            self._send(entry)

    def decided(
        self, run_id: RunId, outcome: Outcome, orders: Sequence[Order] = (), *, on_purpose: bool = False
    ) -> None:
        """Send what was decided, exits first; orders are first eligible on the next bar.

        Like at the desk, an order that is taken, or a hold `on_purpose`, takes the place of the entries that rest.
        Exits go on resting, and what one leaves of the position stays protected at the levels of before. An entry
        against the position waits until a session has passed in which an exit may fill.
        """
        tickets = [ticket(order, self.instrument, run_id=run_id, decision_id=run_id) for order in orders]

        def send(to: Broker) -> list[bool]:
            return [receipt.accepted for receipt in map(to.submit, _at_once(to.book, tickets))]

        symbol = Symbol(self.instrument.symbol)
        take_place(self.broker, run_id, symbol, outcome, on_purpose=on_purpose, send=send if tickets else None)
        at_once = _at_once(self.book, tickets)
        taken = [self._send(each) for each in at_once]
        if any(taken) or on_purpose:
            self._waiting.clear()
        self._waiting += [each for each in tickets if each not in at_once]

    def _send(self, each: Ticket) -> bool:
        receipt = self.broker.submit(each)
        if receipt.reason is not None:
            self.refused.append(receipt.reason)
        return receipt.accepted


def _at_once(book: Book, tickets: Sequence[Ticket]) -> list[Ticket]:
    """Return what need not wait, exits first: all but entries against a position that an exit is to close."""
    exits = [each for each in tickets if each.terms.closing]
    entries = [each for each in tickets if not each.terms.closing]
    return exits + [e for e in entries if not (exits and book.quantity(e.terms.symbol) * e.terms.sign < 0)]


def _rules(costs: Costs) -> AccountRules:
    return AccountRules(
        margin=True,
        slippage=Slippage(SlippageKind.FIXED, bps=costs.slippage_bps),
        commission=Commission(CommissionKind.BPS, rate=costs.commission_bps),
        split_orders=SplitOrders.ADJUST,
    )
