"""Step of a session between decisions and approval: the limits over the whole account."""

from collections.abc import Sequence
from dataclasses import dataclass

from ..domain.decision import Decision
from ..ledger.reports.account_view import account_view
from ..market.source import MarketSource
from ..market.view import MarketView
from ..risk.portfolio import allocate
from ..risk.portfolio_limits import PortfolioLimits
from .accounts.account import TradingAccount
from .portfolio_facts import portfolio_facts


@dataclass(frozen=True, slots=True)
class PortfolioAllocation:
    """Cuts the orders of one session to `limits`, on the account as the settlement left it."""

    account: TradingAccount
    source: MarketSource
    limits: PortfolioLimits

    def __call__(self, decisions: Sequence[Decision]) -> Sequence[Decision]:
        """Return the decisions after the limits; market data is read as of the decisions."""
        if not any(order.action.opens for each in decisions for order in each.risk.allowed):
            return decisions
        account, view = account_view(self.account.book), MarketView(self.source, decisions[0].as_of)
        open_now = {*account.holdings, *(order.symbol for order in account.open_orders)}
        facts = portfolio_facts(view, {*(each.ticker for each in decisions), *open_now}, self.limits)
        return allocate(decisions, account, facts, self.limits)
