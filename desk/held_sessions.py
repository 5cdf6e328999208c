"""How long positions have been held, from the fills of the account."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from math import prod

from ..domain.account import Account, PastFill
from ..domain.ids import Symbol
from ..domain.market import Split
from ..market.view import MarketView


def held_sessions(accounts: Mapping[Symbol, Account], view: MarketView) -> Mapping[Symbol, int]:
    """Return the completed sessions of each position, that of its opening fill included.

    `accounts` holds, by symbol, the account with its fills in that symbol. A position is left out if its opening fill
    is not among them.
    """
    found = dict[Symbol, int]()
    for symbol, account in accounts.items():
        opened = _opened(account, symbol, view.splits(symbol))
        if opened is not None:
            calendar = view.calendar(symbol)
            found[symbol] = len(calendar.between(opened, calendar.last_completed(view.as_of)))
    return found


def _opened(account: Account, symbol: Symbol, splits: Sequence[Split]) -> date | None:
    """Return the session of the fill that opened the position, or turned it from the other side."""
    held = account.holdings.get(symbol)
    if held is None or not held.quantity:
        return None
    sign, left = (1 if held.quantity > 0 else -1), abs(held.quantity)
    rounding = 0 if account.fractional else 1  # a split leaves less than a share, which is paid in cash
    for fill in reversed(account.fills):
        left -= sign * _signed(fill, splits)
        if left <= 0 or left < rounding:
            return fill.session
    return None


def _signed(fill: PastFill, splits: Sequence[Split]) -> Decimal:
    """Return the shares of a fill in shares of today, negative for a sale."""
    ratios = (split.ratio for split in splits if split.ex_date > fill.session)
    return fill.action.sign * prod(ratios, start=fill.quantity)
