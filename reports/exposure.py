"""The portfolio of an account as a report shows it: positions with weights, and exposure."""

from dataclasses import dataclass
from decimal import Decimal

from ..domain.account import Account, Holding


@dataclass(frozen=True, slots=True)
class PositionWeight:
    """A holding, its unrealized profit in currency, and its value as a fraction of equity."""

    holding: Holding
    unrealized: Decimal
    weight: Decimal | None


@dataclass(frozen=True, slots=True)
class Portfolio:
    """Cash and equity in currency; gross and net exposure as fractions of equity, None without positive equity."""

    account: Account
    hypothetical: bool
    positions: tuple[PositionWeight, ...]
    gross: Decimal | None
    net: Decimal | None


def portfolio_of(account: Account, *, hypothetical: bool) -> Portfolio:
    """Return the portfolio, largest position first."""
    held = sorted((each for each in account.holdings.values() if each.quantity), key=lambda h: -abs(h.market_value))
    values = [each.market_value for each in held]
    return Portfolio(
        account,
        hypothetical,
        tuple(
            PositionWeight(
                each, each.quantity * (each.mark - each.average_cost), _share(each.market_value, account.equity)
            )
            for each in held
        ),
        gross=_share(sum((abs(value) for value in values), Decimal(0)), account.equity),
        net=_share(sum(values, Decimal(0)), account.equity),
    )


def _share(value: Decimal, equity: Decimal) -> Decimal | None:
    return value / equity if equity > 0 else None
