"""An earlier decision of an account, with what came of it, as the desk sees it at its next decision."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class PastDecision:
    """One earlier decision on a symbol. Abstentions are no decisions.

    Attributes:
        stated: the decision in words, such as `direction long` or `buy 10`.
        amount: the number that was stated: a weight, ratio or exposure, or a value in currency; None for other forms.
        conviction: signed, -1 to 1; None if the desk stated none.
        reason: the desk's reason, as text of a model.
        shares: signed shares that its orders have filled so far.
        cash_change: cash in account currency received (positive) or paid for these shares, less commission.
        commission: in account currency, paid for these shares.
        equity: the account's equity when the decision was made, in currency; None if unknown.
        account_return: return of the account from its opening to the decision, as a fraction; None if unknown.
        price_return: return of the symbol's close from the decision until now, dividends included, as a fraction; None
            until it is computed, and if the prices are no longer available.
        reward: reward of the decision until the next one, as a fraction of equity; None without labels.
        label: whether the decision paid, by its reward; empty without one.
    """

    as_of: datetime
    stated: str
    amount: Decimal | None = None
    conviction: Decimal | None = None
    reason: str = ""
    shares: Decimal = Decimal(0)
    cash_change: Decimal = Decimal(0)
    commission: Decimal = Decimal(0)
    equity: Decimal | None = None
    account_return: Decimal | None = None
    price_return: Decimal | None = None
    reward: Decimal | None = None
    label: str = ""
