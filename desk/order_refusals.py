"""What the limits of a run would cut from the orders of a book, in words for the agent that decides."""

from collections.abc import Mapping
from decimal import Decimal

from ..agents.order_policy import symbol_of_unsent
from ..domain.brief import Brief
from ..domain.ids import Symbol
from ..domain.orders import Clamp, Order
from ..market.view import MarketView
from ..risk.limit_settings import Limits
from ..risk.limits import apply_limits
from ..risk.portfolio import entry_clamps
from ..risk.portfolio_limits import PortfolioLimits
from ..risk.proposals.target_weights import CompiledProposal
from .conclusion import FULL_SCALE
from .portfolio_facts import portfolio_facts

ROUNDING = "whole_shares"
"""Limit that rounds what is left of an order to whole shares: nothing to correct unless no share is left."""


def book_refusals(
    limits: Limits,
    portfolio: PortfolioLimits | None,
    compiled: CompiledProposal,
    confidence: Mapping[Symbol, Decimal],
    briefs: Mapping[Symbol, Brief],
    view: MarketView,
) -> tuple[str, ...]:
    """Return every reduction by a limit as a sentence: of the sizing, of single orders, and over the whole account.

    The limits are those that the decision itself is cut by, which include what a broker would reject: buying power,
    positions of the other side, shorts on a cash account. `portfolio` None applies no limits over the account.
    The ids of the orders are those of `unsent_order_id`. `confidence` ranks the entries of the account's limits.
    """
    clamps, allowed = list(compiled.clamps), list[Order]()
    for target in compiled.targets:
        own = tuple(order for order in compiled.orders if order.symbol == target.symbol)
        risk = apply_limits(own, target.conviction, FULL_SCALE, briefs[target.symbol], limits)
        clamps += risk.clamps
        allowed += risk.allowed
    if portfolio is not None and any(order.action.opens for order in allowed):
        account = next(iter(briefs.values())).account
        open_now = {*account.holdings, *(order.symbol for order in account.open_orders)}
        facts = portfolio_facts(view, {*briefs, *open_now}, portfolio)
        clamps += entry_clamps(allowed, confidence, account, facts, portfolio)
    refused = [clamp for clamp in clamps if clamp.limit != ROUNDING or not clamp.allowed]
    return tuple(dict.fromkeys(_sentence(clamp, briefs) for clamp in refused))


def _sentence(clamp: Clamp, briefs: Mapping[Symbol, Brief]) -> str:
    symbol = symbol_of_unsent(clamp.client_order_id)
    close = briefs[symbol].quote.last_close
    asked, allowed = abs(clamp.asked), abs(clamp.allowed)
    kept = f"only {_worth(allowed, close)} allowed" if allowed else "none allowed"
    return f"{symbol}: {_worth(asked, close)} asked, {kept}: {clamp.reason} ({clamp.limit})"


def _worth(shares: Decimal, close: Decimal) -> str:
    return f"{shares:f} shares worth {shares * close:,.2f}"
