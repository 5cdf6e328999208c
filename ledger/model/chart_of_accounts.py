"""The chart of accounts.

Assets and expenses have debit balances (+). Liabilities, equity and income have credit balances (-).
"""

CASH = "assets:cash"
SALES = "assets:unsettled"
PURCHASES = "liabilities:unsettled"
DIVIDENDS_DUE = "assets:dividends"
DIVIDENDS_OWED = "liabilities:dividends"
INTEREST_DUE = "assets:interest"
CHARGES_OWED = "liabilities:charges"
DEPOSITS = "equity:deposits"
ROUNDING = "equity:rounding"
DIVIDENDS = "income:dividends"
INTEREST = "income:interest"
CASH_IN_LIEU = "income:cash_in_lieu"
COMMISSION = "expenses:commission"
BORROW = "expenses:borrow"
MARGIN_INTEREST = "expenses:interest"
DIVIDENDS_PAID = "expenses:dividends"

MONEY = frozenset({CASH, SALES, PURCHASES, DIVIDENDS_DUE, DIVIDENDS_OWED, INTEREST_DUE, CHARGES_OWED})
"""Accounts that count in equity at face value; positions count at their mark."""


def shares(symbol: str) -> str:
    """Return the account of the shares held of `symbol`, in the commodity `symbol`."""
    return f"assets:shares:{symbol}"


def market_account(symbol: str) -> str:
    """Return the counterparty account of share movements in `symbol`."""
    return f"equity:street:{symbol}"


def cost(symbol: str) -> str:
    """Return the account of the cost basis of `symbol`, in currency; a credit balance when short."""
    return f"assets:cost:{symbol}"


def realised(symbol: str) -> str:
    """Return the account of realised gains and losses in `symbol`."""
    return f"income:realised:{symbol}"
