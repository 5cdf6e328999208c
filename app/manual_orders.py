"""Orders that a person enters into a stored account."""

from collections.abc import Callable
from dataclasses import dataclass

from ..desk.accounts.currency import check_currency
from ..desk.accounts.manual_orders import (
    ManualEntry,
    ManualOrder,
    ManualReceipt,
    close_fingerprint,
    known_receipt,
    manual_order_id,
    quoted_listing,
)
from ..desk.accounts.paper_account import advance_account, check_current_session, check_tradable
from ..domain.errors import ConfigError
from ..domain.ids import Symbol
from ..domain.trading_calendar import trading_calendar
from ..ledger.store.ledger import Ledger
from .as_of import check_can_submit, parse_as_of
from .clock import now
from .factories import open_market
from .known_ticker import check_ticker
from .session_clock import check_market_has_followed
from .settings import Settings

LONGEST_REFERENCE = 64


@dataclass(frozen=True, slots=True)
class EntryKey:
    """Where an order is entered: account, idempotency reference (empty for a new order), and the session's time."""

    account: str
    reference: str = ""
    as_of: str | None = None


class ManualOrderService:
    """Advance a stored account to the last completed session and enter an order of a person, in one transaction."""

    def __init__(self, settings: Settings, ledger: Ledger, notify: Callable[[str], None]) -> None:
        """`notify` receives a sentence if the account is advanced on coarser bars than its rules ask for."""
        self._settings, self._ledger, self._notify = settings, ledger, notify

    def submit(self, key: EntryKey, entered: ManualOrder) -> ManualReceipt:
        """Submit an order through the limits of the settings; the same reference and order change nothing again.

        Raises ConfigError, OrderRejected, RiskDenied, DuplicateOrder, AccountMovedOn, and what the market raises.
        """
        return self._enter(key, entered.symbol, entered.fingerprint, lambda entry: entry.submit(entered, key.reference))

    def close(self, key: EntryKey, symbol: Symbol) -> ManualReceipt:
        """Close the position in a symbol with a market order; raises like `submit`."""
        return self._enter(key, symbol, close_fingerprint(symbol), lambda entry: entry.close(symbol, key.reference))

    def _enter(
        self, key: EntryKey, symbol: Symbol, fingerprint: str, act: Callable[[ManualEntry], ManualReceipt]
    ) -> ManualReceipt:
        _check_reference(key.reference)
        name, book = key.account, self._ledger.broker(key.account).book
        if key.reference:
            order_id = manual_order_id(book, symbol, key.reference)
            if (known := known_receipt(book, order_id, fingerprint)) is not None:
                return known
        source, sessions = open_market(self._settings), trading_calendar(book.rules.calendar)
        check_ticker(self._settings, source, symbol)
        as_of = parse_as_of(key.as_of, source, symbol, now())
        check_can_submit(as_of, source, symbol)
        check_tradable(source, symbol, sessions)
        check_currency(source, symbol, book.currency, as_of)
        until = sessions.last_completed(as_of)
        check_market_has_followed(source, sessions, [symbol], book, until)
        advance_account(self._ledger, name, source, sessions, until, notify=self._notify)
        listing = quoted_listing(source, symbol, as_of, book.rules)
        with self._ledger.transaction(name) as broker:
            check_current_session(broker.book, until)
            return act(ManualEntry(broker, listing, self._settings.limits))


def _check_reference(reference: str) -> None:
    if len(reference) > LONGEST_REFERENCE or not (reference.isprintable() and reference.isascii()):
        raise ConfigError(f"--reference takes up to {LONGEST_REFERENCE} printable ASCII characters")
