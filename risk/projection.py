"""The account as the next order of a plan finds it, which the limits are applied to."""

from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Self

from ..domain.brief import Brief
from ..domain.orders import Action, Order, OrderType
from .limit_settings import Limits
from .position_loss import loss_at_stops
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
    """The account under the worst outcome of every earlier order.

    Opening orders count as filled as soon as they are open. Exits count only if they are certain to be filled, that
    is market orders. The quoted symbol is marked at its last close. Money in currency, shares signed.

    Attributes:
        conviction: of the thesis, -1 to 1.
        scale: the share of the plan that the risk committee approves.
        equity: with the quoted symbol at its last close.
        shares: the position in the quoted symbol.
        closable: shares of the current position that no earlier exit closes; never negative.
        exposure: value of `shares`, signed.
        other_gross, other_net: exposures of all other symbols.
        buying_power: what can still be bought, or sold short, at its worst price.
        at_risk: what the position in the quoted symbol and the earlier orders lose at their stops.
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
        """Return the price per share at which an opening order is valued."""
        return exposure_price(order, self.last_close)

    def worst_price(self, order: Order) -> Decimal:
        """Return the price per share that buying power must cover."""
        return worst_price(order, self.last_close)

    def loss_a_share(self, order: Order) -> Decimal:
        """Return the loss of a share between the order's entry and its stop loss.

        An entry without a stop loses the price collar. A trailing stop loss counts at its initial level.
        """
        if order.stop_loss is None:
            return self.last_close * self.limits.price_collar
        stop = order.stop_loss.stop_price
        return max(abs(level - stop) for level in entry_levels(order, self.last_close))

    def awaited_by(self, order: Order) -> Self:
        """Return the projection in which an entry becomes active: if it awaits an exit, with the position closed.

        Without earlier exits that close the whole position, and beside a resting entry of the position's side, it is
        unchanged.
        """
        return self if self.closable or self._rests_against(order) else self._flat_for(order)

    def _rests_against(self, order: Order) -> bool:
        """Return whether an open entry of the other side would be filled although the position is closed."""
        own = (each for each in self.brief.account.open_orders if each.symbol == order.symbol and each.action.opens)
        return any(each.awaits is None and each.action.sign != order.action.sign for each in own)

    def _flat_for(self, order: Order) -> Self:
        if order.awaits is None or order.action.sign * self.shares >= 0:
            return self
        freed = abs(self.exposure) if self.brief.account.margin else Decimal(0)
        return replace(
            self,
            shares=Decimal(0),
            exposure=Decimal(0),
            at_risk=Decimal(0),
            buying_power=self.buying_power + freed,
        )

    def after_resting(self, order: Order) -> Self:
        """Return the projection with an open entry of the quoted symbol filled, once the exit that it awaits is."""
        return self._flat_for(order).after(order)

    def after(self, order: Order) -> Self:
        """Return the projection after `order`, of the quoted symbol."""
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
        if order.type is not OrderType.MARKET or not closes(order.action, self.shares):
            return replace(self, closable=closable)
        gone = min(order.quantity / abs(self.shares), Decimal(1))
        # a cash account's proceeds settle a day later and buy nothing today
        freed = abs(self.exposure) * gone if self.brief.account.margin else Decimal(0)
        return replace(
            self,
            closable=closable,
            shares=self.shares + order.action.sign * min(order.quantity, abs(self.shares)),
            exposure=self.exposure * (1 - gone),
            at_risk=self.at_risk * (1 - gone),
            buying_power=self.buying_power + freed,
        )

    def beside(self, order: Order) -> Self:
        """Return the projection with an open order of another symbol, valued at its highest known price.

        An order without a price level, on a symbol that is not held, has no known price and is not counted.
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
    """Return the projection for the first order of a plan: the account with its open opening orders filled."""
    projection = _standing(brief, limits, conviction, scale)
    for order in brief.account.open_orders:
        if order.action.opens:
            is_own = order.symbol == brief.symbol
            projection = projection.after_resting(order) if is_own else projection.beside(order)
    return projection


def closes(action: Action, shares: Decimal) -> bool:
    """Return whether `action` reduces a position of `shares`."""
    return not action.opens and action.sign * shares < 0


def _standing(brief: Brief, limits: Limits, conviction: Decimal, scale: Decimal) -> AccountProjection:
    account = brief.account
    shares, close = account.quantity(brief.symbol), brief.quote.last_close
    others = [holding.market_value for symbol, holding in account.holdings.items() if symbol != brief.symbol]
    equity, gross = marked_equity(account, brief.quote), sum(map(abs, [*others, shares * close]))
    holding = account.holdings.get(brief.symbol)
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
        at_risk=loss_at_stops(holding, account.open_orders, close, limits.price_collar) if holding else Decimal(0),
    )
