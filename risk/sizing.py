"""How large a position a conviction earns: volatility targeting."""

from dataclasses import dataclass
from decimal import Decimal

from ..domain.account import Account
from ..domain.market import Quote
from .limit_settings import Limits
from .order_rounding import round_quantity


@dataclass(frozen=True, slots=True)
class Sizing:
    """The position that a conviction earns: signed shares, signed share of equity, and how it came about in words."""

    quantity: Decimal
    weight: Decimal
    reason: str


def marked_equity(account: Account, quote: Quote) -> Decimal:
    """Return the account's equity with the quoted symbol marked at its last close, in currency."""
    holding = account.holdings.get(quote.symbol)
    return account.equity + (holding.quantity * (quote.last_close - holding.mark) if holding else 0)


def target_quantity(conviction: Decimal, quote: Quote, account: Account, limits: Limits) -> Sizing:
    """Return the position that `conviction` (-1 to 1) earns.

    weight = conviction * target volatility / (daily volatility * sqrt(sessions a year)), cut to `max_position`;
    quantity = trunc(weight * equity / last close). After the volatility scaling of Moskowitz, Ooi & Pedersen,
    "Time series momentum", Journal of Financial Economics 104 (2012), section 4.1.
    Zero, with the reason, where volatility is unknown or zero, equity is not positive, or a cash account would short.
    """
    equity = marked_equity(account, quote)
    if refusal := _refusal(conviction, quote, account, equity):
        return Sizing(Decimal(0), Decimal(0), refusal)
    assert quote.daily_volatility is not None
    annual = quote.daily_volatility * Decimal(quote.sessions_a_year).sqrt()
    earned = conviction * limits.target_volatility / annual
    weight = max(-limits.max_position, min(limits.max_position, earned))
    reason = (
        f"a conviction of {conviction:+.2f} at {annual:.1%} annual volatility and a target of "
        f"{limits.target_volatility:.1%} earns {earned:+.1%} of equity"
    )
    if weight != earned:
        reason += f", cut to the largest position of {weight:+.1%}"
    return Sizing(round_quantity(weight * equity / quote.last_close, quote), weight, reason)


def _refusal(conviction: Decimal, quote: Quote, account: Account, equity: Decimal) -> str | None:
    if not conviction:
        return "a conviction of zero earns no position"
    if quote.daily_volatility is None:
        return "daily volatility is unknown, with fewer than 20 returns, so no position can be sized"
    if quote.daily_volatility <= 0:
        return "the price has not moved, so no volatility can be targeted"
    if equity <= 0:
        return f"equity is {equity:.2f}, so there is nothing to size a position on"
    if conviction < 0 and not account.margin:
        return "a cash account cannot be short"
    return None
