"""The chart of accounts. Assets and expenses are debits (+), liabilities, equity and income are credits (-)."""

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
"""Accounts that count in equity at their face; positions count at their mark."""


def shares(symbol: str) -> str:
    """Return the account that counts the shares of `symbol`, in the commodity `symbol`."""
    return f"assets:shares:{symbol}"


def market_account(symbol: str) -> str:
    """Return the account where shares of `symbol` come from and go to."""
    return f"equity:street:{symbol}"


def cost(symbol: str) -> str:
    """Return the account that keeps what the lots of `symbol` cost, in currency; a credit when short."""
    return f"assets:cost:{symbol}"


def realised(symbol: str) -> str:
    """Return the account of closed gains and losses in `symbol`."""
    return f"income:realised:{symbol}"
