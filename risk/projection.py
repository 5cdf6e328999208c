"""The account as the next order of a plan would find it: what the limits look at."""

from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Self

from ..domain.brief import Brief
from ..domain.orders import Action, Order, OrderType
from .limit_settings import Limits
from .reference_prices import (
    entry_levels,
    exposure_price,
    highest_level,
    worst_price,
)
from .sizing import marked_equity

INITIAL_MARGIN = Decimal("0.5")  # of a purchase or a short sale: Federal Reserve Regulation T, 12 CFR 220.12


@dataclass(frozen=True, slots=True)
class AccountProjection:
    """Where the account stands once every earlier order has done its worst.

    Opening orders count as filled from the moment they stand, exits only where they are sure to be filled, that is
    at the market: room that a resting exit may never free is not given away. The quoted symbol is marked at its last
    close. Money in currency, shares signed.

    Attributes:
        conviction, scale: of the thesis, and what the committee lets through.
        equity: with the quoted symbol at its last close.
        shares: the position in the quoted symbol.
        closable: shares of the position now held that no earlier exit has claimed; never negative.
        exposure: value of `shares`, signed.
        other_gross, other_net: exposures of all other symbols.
        power: what can still be bought, or sold short, at its worst price.
        at_risk: what the earlier orders lose if they are filled and then stopped out.
    """

    brief: Brief
    limits: Limits
    conviction: Decimal
    scale: Decimal
    equity: Decimal
    shares: Decimal
    closable: Decimal
    exposure: Decimal
    other_gross: Decimal
    other_net: Decimal
    buying_power: Decimal
    at_risk: Decimal = Decimal(0)

    @property
    def last_close(self) -> Decimal:
        """Return the last close of the quoted symbol."""
        return self.brief.quote.last_close

    @property
    def gross(self) -> Decimal:
        """Return the gross exposure, in currency."""
        return self.other_gross + abs(self.exposure)

    @property
    def net(self) -> Decimal:
        """Return longs less shorts, in currency."""
        return self.other_net + self.exposure

    def exposure_price(self, order: Order) -> Decimal:
        """Return what an opening order is valued at, a share."""
        return exposure_price(order, self.last_close)

    def worst_price(self, order: Order) -> Decimal:
        """Return what buying power must cover, a share."""
        return worst_price(order, self.last_close)

    def loss_a_share(self, order: Order) -> Decimal:
        """Return what a share loses between the order's entry and its stop loss.

        An entry without a stop is taken to have one a price collar away: leaving it out earns no larger position.
        One that trails counts where it begins: however wide its trail, it never moves back.
        """
        if order.stop_loss is None:
            return self.last_close * self.limits.price_collar
        stop = order.stop_loss.stop_price
        return max(abs(level - stop) for level in entry_levels(order, self.last_close))

    def after(self, order: Order) -> Self:
        """Return the picture once `order`, of the quoted symbol, stands."""
        return self._opened(order) if order.action.opens else self._closed(order)

    def _opened(self, order: Order) -> Self:
        signed = order.action.sign * order.quantity
        return replace(
            self,
            shares=self.shares + signed,
            exposure=self.exposure + signed * self.exposure_price(order),
            buying_power=self.buying_power - order.quantity * self.worst_price(order),
            at_risk=self.at_risk + order.quantity * self.loss_a_share(order),
        )

    def _closed(self, order: Order) -> Self:
        closable = max(Decimal(0), self.closable - order.quantity)
        if order.type is not OrderType.MARKET or not self.shares:
            return replace(self, closable=closable)
        gone = min(order.quantity / abs(self.shares), Decimal(1))
        # a cash account's proceeds settle a day later and buy nothing today
        freed = abs(self.exposure) * gone if self.brief.account.margin else Decimal(0)
        return replace(
            self,
            closable=closable,
            shares=self.shares + order.action.sign * min(order.quantity, abs(self.shares)),
            exposure=self.exposure * (1 - gone),
            buying_power=self.buying_power + freed,
        )

    def beside(self, order: Order) -> Self:
        """Return the picture with an open order of another symbol counted at the highest price that is known for it.

        An order without any level, of a symbol that is not held, has no known price and cannot be counted.
        """
        holding = self.brief.account.holdings.get(order.symbol)
        value = highest_level(order) or (holding.mark if holding else None)
        if value is None:
            return self
        notional = order.quantity * value
        return replace(
            self,
            other_gross=self.other_gross + notional,
            other_net=self.other_net + order.action.sign * notional,
            buying_power=self.buying_power - notional,
        )


def initial_projection(brief: Brief, limits: Limits, conviction: Decimal, scale: Decimal) -> AccountProjection:
    """Return the picture that the first order of a plan finds: the account, with its open opening orders filled."""
    projection = _standing(brief, limits, conviction, scale)
    for order in brief.account.open_orders:
        if order.action.opens:
            projection = projection.after(order) if order.symbol == brief.symbol else projection.beside(order)
    return projection


def closes(action: Action, shares: Decimal) -> bool:
    """Say whether `action` would make a position of `shares` smaller."""
    return not action.opens and action.sign * shares < 0


def _standing(brief: Brief, limits: Limits, conviction: Decimal, scale: Decimal) -> AccountProjection:
    account = brief.account
    shares, close = account.quantity(brief.symbol), brief.quote.last_close
    others = [holding.market_value for symbol, holding in account.holdings.items() if symbol != brief.symbol]
    equity, gross = marked_equity(account, brief.quote), sum(map(abs, [*others, shares * close]))
    return AccountProjection(
        brief=brief,
        limits=limits,
        conviction=conviction,
        scale=scale,
        equity=equity,
        shares=shares,
        closable=abs(shares),
        exposure=shares * close,
        other_gross=sum(map(abs, others), Decimal(0)),
        other_net=sum(others, Decimal(0)),
        buying_power=equity / INITIAL_MARGIN - gross if account.margin else account.cash,
    )
