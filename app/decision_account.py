"""The account that a decision is taken for: a hypothetical flat account, or a paper account."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from typing import Protocol

from ..desk.accounts.superseded import with_superseded
from ..desk.records.run_store import RunStore
from ..domain.account import Account
from ..domain.decision import Decision
from ..domain.ids import Symbol
from ..market.source import MarketSource
from .factories import account_for, open_ledger
from .settings import Settings


class DecisionAccount(Protocol):
    """Shows an account to the desk and takes its decision."""

    def account(self, symbol: Symbol, as_of: datetime) -> Account:
        """Return the account as of the last session that was complete at `as_of`."""

    def submit(self, decision: Decision) -> Decision:
        """Send a decision to the account and return it with the submissions; a repeated decision changes nothing."""

    def halt_reason(self) -> str:
        """Return why the account is halted; empty if it is not."""

    def knows(self, decision: Decision) -> bool:
        """Return whether the decision was submitted to the account before."""


class HypotheticalAccount:
    """A flat account with the cash of the settings, in the currency of the symbol. Nothing is submitted to it."""

    def __init__(self, settings: Settings, source: MarketSource) -> None:
        self._settings, self._source = settings, source

    def account(self, symbol: Symbol, as_of: datetime) -> Account:
        return account_for(self._settings, self._source, symbol, as_of)

    def submit(self, decision: Decision) -> Decision:
        return decision

    def halt_reason(self) -> str:
        return ""

    def knows(self, decision: Decision) -> bool:
        return False


def with_account(decision: Decision, account: Account, name: str | None) -> Decision:
    """Return a decision with the name of its account, and the orders of earlier decisions that it supersedes."""
    return replace(with_superseded(decision, account), account=name)


@contextmanager
def open_account(
    settings: Settings, source: MarketSource, runs: RunStore, notify: Callable[[str], None]
) -> Iterator[DecisionAccount]:
    """Open the account that the settings name.

    `notify` receives one sentence if the account is advanced on coarser bars than its rules ask for.
    """
    if settings.account is None:
        yield HypotheticalAccount(settings, source)
        return
    from .paper_account import PaperAccount

    with PaperAccount(settings, settings.account, source, runs, notify) as account:
        yield account


def check_account_currency(settings: Settings, source: MarketSource, symbol: Symbol, as_of: datetime) -> None:
    """Raise ConfigError if the paper account of the settings is in another currency than `symbol`, or is unknown."""
    if settings.account is None:
        return
    from ..desk.accounts.currency import check_currency

    ledger = open_ledger(settings, reading=True)
    try:
        check_currency(source, symbol, ledger.broker(settings.account).book.currency, as_of)
    finally:
        ledger.close()
