"""Answers of people to orders that wait for approval."""

import getpass
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from ..desk.accounts.approvals import ProposalLine, pending_proposals, proposal_line
from ..domain.errors import ConfigError, DataError, OrderRejected
from ..domain.ids import Symbol
from ..domain.times import iso_time
from ..ledger.book.book import Book
from ..ledger.broker import Broker
from ..ledger.model.proposal import ProposalState, ProposalStatus
from ..ledger.orders.proposals import moment
from ..ledger.pricing.units import rounded_units
from ..ledger.store.ledger import Ledger
from ..market.source import MarketSource
from ..market.view import MarketView

PriceAt = Callable[[Symbol, datetime], Decimal | None]
"""Returns the last known price at a moment in currency per share, or None if it cannot be determined."""

OnComplete = Callable[[str, date], None]
"""Receives account and session after the last order of the session was answered; it may receive them repeatedly."""

LONGEST_NAME, LONGEST_REASON = 100, 1_000


def no_price(_: Symbol, __: datetime) -> Decimal | None:
    """Return None: the price band is checked against the account's own last price."""
    return None


def ignore_completion(_: str, __: date) -> None:
    """Do nothing."""


@dataclass(frozen=True, slots=True)
class ApprovalResult:
    """The proposals that a command answered or found answered, and how many of their sessions still wait."""

    answered: tuple[ProposalLine, ...]
    waiting: int

    @property
    def lapsed(self) -> tuple[ProposalLine, ...]:
        """Return those that could not be approved any more."""
        return tuple(each for each in self.answered if each.status == ProposalStatus.LAPSED)


class ApprovalService:
    """Approve or deny the proposed orders of stored accounts.

    Each command is one transaction, so a command that was killed can be repeated: it finds its own answers.
    """

    def __init__(
        self,
        ledger: Ledger,
        *,
        now: Callable[[], datetime],
        price_at: PriceAt = no_price,
        on_complete: OnComplete = ignore_completion,
    ) -> None:
        """Use `price_at` for the price band; `on_complete` is called after the transaction."""
        self._ledger, self._now, self._price_at, self._on_complete = ledger, now, price_at, on_complete

    def approve(self, account: str, order_id: str, *, by: str, reason: str = "") -> ApprovalResult:
        """Approve an order, or let it lapse if it no longer fits.

        Raises OrderRejected for an unknown or lapsed order, ConflictError for a denied one, and ConfigError for a name
        or reason that is too long or a name that is empty.
        """
        book = self._ledger.broker(account).book
        return self._answer(account, [self._find(book, order_id)], by, reason, approve=True)

    def deny(self, account: str, order_id: str, *, by: str, reason: str = "") -> ApprovalResult:
        """Deny an order. Raises like `approve`, ConflictError for an approved order."""
        book = self._ledger.broker(account).book
        return self._answer(account, [self._find(book, order_id)], by, reason, approve=False)

    def approve_session(self, account: str, session: date, *, by: str, reason: str = "") -> ApprovalResult:
        """Approve all orders of a session that wait; orders that were answered before are returned as they are.

        Raises OrderRejected if no order of the session was proposed.
        """
        return self._answer(account, self._of_session(account, session), by, reason, approve=True)

    def deny_session(self, account: str, session: date, *, by: str, reason: str = "") -> ApprovalResult:
        """Deny all orders of a session that wait; like `approve_session`."""
        return self._answer(account, self._of_session(account, session), by, reason, approve=False)

    def _find(self, book: Book, order_id: str) -> ProposalState:
        if order_id not in book.proposals:
            raise OrderRejected(
                f"no order {order_id} was proposed in account {book.account}; `openoutcry paper approvals` lists them"
            )
        return book.proposals[order_id]

    def _of_session(self, account: str, session: date) -> list[ProposalState]:
        proposals = self._ledger.broker(account).book.proposals.values()
        found = [each for each in proposals if each.event.session == session.isoformat()]
        if not found:
            raise OrderRejected(f"no order of the session {session} was proposed in account {account}")
        return [each for each in found if each.status is ProposalStatus.PENDING] or found

    def _answer(
        self, account: str, chosen: Sequence[ProposalState], by: str, reason: str, *, approve: bool
    ) -> ApprovalResult:
        _check_words(by, reason)
        at = self._now()
        single = len(chosen) == 1
        prices = self._prices(chosen, at) if approve else {}
        ids = [each.order_id for each in chosen]
        with self._ledger.transaction(account) as broker:
            for order_id in ids:
                if single or broker.book.proposals[order_id].status is ProposalStatus.PENDING:
                    _answer_one(broker, order_id, by, at, reason, prices.get(order_id), approve=approve)
        book = self._ledger.broker(account).book
        sessions = {date.fromisoformat(book.proposals[each].event.session) for each in ids}
        waiting = {session: len(pending_proposals(book, session)) for session in sorted(sessions)}
        for session, count in waiting.items():
            if not count:
                self._on_complete(account, session)
        return ApprovalResult(tuple(proposal_line(book, book.proposals[each]) for each in ids), sum(waiting.values()))

    def _prices(self, chosen: Sequence[ProposalState], at: datetime) -> dict[str, Decimal]:
        """Return the current price by order id, for the proposals that have not expired."""
        wanted = [each for each in chosen if each.status is ProposalStatus.PENDING and at <= moment(each.event.expires)]
        found = ((each.order_id, self._price_at(Symbol(each.symbol), at)) for each in wanted)
        return {order_id: price for order_id, price in found if price is not None}


def _answer_one(
    broker: Broker, order_id: str, by: str, at: datetime, reason: str, price: Decimal | None, *, approve: bool
) -> None:
    if not approve:
        broker.proposals.deny(order_id, by, iso_time(at), reason)
        return
    symbol = broker.proposals.find(order_id).symbol
    ticks = None if price is None else rounded_units(price, broker.book.instruments[symbol].price_scale)
    broker.proposals.approve(order_id, by, iso_time(at), reason, ticks)


def market_price(source: MarketSource, notify: Callable[[str], None]) -> PriceAt:
    """Return a `PriceAt` that reads the last completed daily bar of `source`; `notify` receives why there is none."""

    def price_at(symbol: Symbol, at: datetime) -> Decimal | None:
        try:
            return MarketView(source, at).bars(symbol, count=1)[-1].close
        except DataError as error:
            notify(f"{symbol}: the price band is checked against the account's last price only: {error}")
            return None

    return price_at


def operator_name() -> str:
    """Return the name of the user who runs the program, or `operator` if the system has none."""
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):
        return "operator"


def _check_words(by: str, reason: str) -> None:
    if not by.strip() or len(by) > LONGEST_NAME:
        raise ConfigError(f"--by needs a name of 1 to {LONGEST_NAME} characters")
    if any("\ud800" <= letter <= "\udfff" for letter in by + reason):
        raise ConfigError("--by and --reason must be valid UTF-8 text")
    if len(reason) > LONGEST_REASON:
        raise ConfigError(f"--reason has {len(reason)} characters; {LONGEST_REASON} are the most")
