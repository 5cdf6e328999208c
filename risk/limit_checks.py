"""The limits, one small function each, in the order in which they are asked.

A rule looks at an order (its quantity already cut by the rules before it) and at the picture, and answers with a
`Cap`, the most shares that it allows, or with None where it has nothing to say. A cap above the quantity changes
nothing.
"""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

from ..domain.account import AccountState
from ..domain.market import price_text
from ..domain.orders import Action, Order
from .order_rounding import round_for_order
from .projection import AccountProjection, closes
from .sizing import target_quantity


@dataclass(frozen=True, slots=True)
class Cap:
    """The most shares that a limit allows, and why."""

    quantity: Decimal
    reason: str


LimitFunction = Callable[[Order, AccountProjection], Cap | None]


class LimitCheck(NamedTuple):
    """A named rule. `openings` says that it is asked about opening orders only: exits pass it unseen."""

    name: str
    rule: LimitFunction
    openings: bool = True


def _refuse(reason: str) -> Cap:
    return Cap(Decimal(0), reason)


def _max_shares(left: Decimal, price: Decimal, reason: str) -> Cap:
    """Return the shares that `left`, in currency, pays for at `price` a share."""
    return Cap(max(Decimal(0), left) / price, reason)


def risk_committee(order: Order, projection: AccountProjection) -> Cap:
    """Let through the share of the quantity that the committee agreed to; a share above one counts as one."""
    scale = max(Decimal(0), min(Decimal(1), projection.scale))
    return Cap(order.quantity * scale, f"the risk committee lets {scale:.1%} of the quantity through")


def account_state(_: Order, projection: AccountProjection) -> Cap | None:
    """Refuse to open while the account accepts only orders that reduce a position."""
    return _refuse("account is reducing") if projection.brief.account.state is AccountState.REDUCING else None


def position_held(order: Order, projection: AccountProjection) -> Cap | None:
    """Keep an exit within the position that is held and that no earlier exit has claimed."""
    if order.action.opens:
        return None
    side = "long" if order.action is Action.SELL else "short"
    free = projection.closable if closes(order.action, projection.brief.account.quantity(order.symbol)) else Decimal(0)
    return Cap(free, f"{order.action} closes no more than is held {side}, and {free:f} shares are")


def named_lots(order: Order, projection: AccountProjection) -> Cap | None:
    """Refuse an order that names lots that it cannot take: to take others instead would realise another gain."""
    if not order.lots:
        return None
    account = projection.brief.account
    if order.action.opens:
        return _refuse(f"a {order.action} opens a lot of its own: only a sell or a cover names lots")
    if not account.supports_specific_lots:
        return _refuse(
            "the account does not pick its lots: leave them unnamed, or open one with the rule lots = specific"
        )
    known = {lot.lot_id for lot in account.lots(order.symbol)}
    for place, lot in enumerate(order.lots):
        if lot not in known:
            return _refuse(f"there is no open lot {lot!r} of {order.symbol}; `paper positions` shows those there are")
        if lot in order.lots[:place]:
            return _refuse(f"lot {lot!r} is named twice")
    return None


def opposite_position(order: Order, projection: AccountProjection) -> Cap | None:
    """Refuse to open against a position, or against an open order, of the other side."""
    if order.action.sign * projection.shares >= 0:
        return None
    side = "long" if projection.shares > 0 else "short"
    return _refuse(
        f"the account is {side} by {abs(projection.shares):f} shares, open orders included: close that first"
    )


def cash_account(order: Order, projection: AccountProjection) -> Cap | None:
    """Refuse to short on a cash account."""
    if order.action is Action.SHORT and not projection.brief.account.margin:
        return _refuse("a cash account cannot short")
    return None


def conviction(order: Order, projection: AccountProjection) -> Cap | None:
    """Refuse to open against the sign of the conviction, or without any."""
    if order.action.sign * projection.conviction > 0:
        return None
    return _refuse(f"a conviction of {projection.conviction:+.2f} does not ask to {order.action}")


def sizing(order: Order, projection: AccountProjection) -> Cap:
    """Keep the position within what volatility targeting earns at this conviction."""
    brief = projection.brief
    target = target_quantity(projection.conviction, brief.quote, brief.account, projection.limits)
    room = max(Decimal(0), order.action.sign * (target.quantity - projection.shares))
    return Cap(room, f"{target.reason}: a position of {target.quantity:f} shares")


def restricted(order: Order, projection: AccountProjection) -> Cap | None:
    """Refuse to open what is on the restricted list."""
    listed = order.symbol in projection.limits.restricted
    return _refuse(f"{order.symbol} is on the restricted list") if listed else None


def min_price(_: Order, projection: AccountProjection) -> Cap | None:
    """Refuse to open what costs too little."""
    if projection.last_close >= projection.limits.min_price:
        return None
    return _refuse(f"the last close of {projection.last_close} is below {projection.limits.min_price}")


def min_daily_notional(_: Order, projection: AccountProjection) -> Cap | None:
    """Refuse to open what is hardly traded."""
    turnover = projection.brief.quote.average_volume * projection.last_close
    if turnover >= projection.limits.min_daily_notional:
        return None
    return _refuse(f"{turnover:,.0f} a day are traded on average, less than {projection.limits.min_daily_notional:,f}")


def max_volume_share(_: Order, projection: AccountProjection) -> Cap:
    """Keep an order within a share of the average daily volume."""
    volume, share = projection.brief.quote.average_volume, projection.limits.max_volume_share
    return Cap(volume * share, f"an order may be {share:.1%} of the average volume of {volume:,.0f} shares a day")


def price_collar(order: Order, projection: AccountProjection) -> Cap | None:
    """Refuse an entry far from the last close.

    Exits, be they legs or orders of their own, may rest as far away as the trader likes: to deny one would leave
    the risk on, and what a far stop can lose is the business of `max_loss`.
    """
    close, collar = projection.last_close, projection.limits.price_collar
    away = {level: abs(level - close) for level in (order.limit_price, order.stop_price) if level is not None}
    if order.trail is not None:
        away[order.trail] = order.trail
    far = [level for level, distance in away.items() if distance > collar * close]
    return _refuse(f"{far[0]} is more than {collar:.0%} away from the last close of {close}") if far else None


def max_position(order: Order, projection: AccountProjection) -> Cap:
    """Keep the position within a share of equity."""
    share = projection.limits.max_position
    left = share * projection.equity - order.action.sign * projection.exposure
    return _max_shares(left, projection.exposure_price(order), f"a position may be {share:.0%} of equity")


def max_gross(order: Order, projection: AccountProjection) -> Cap:
    """Keep the sum of the sizes of all positions within a share of equity."""
    share = projection.limits.max_gross
    left = share * projection.equity - projection.gross
    return _max_shares(left, projection.exposure_price(order), f"gross exposure may be {share:.0%} of equity")


def max_net(order: Order, projection: AccountProjection) -> Cap:
    """Keep longs less shorts within a share of equity, in either direction."""
    share = projection.limits.max_net
    left = share * projection.equity - order.action.sign * projection.net
    return _max_shares(left, projection.exposure_price(order), f"net exposure may be {share:.0%} of equity")


def buying_power(order: Order, projection: AccountProjection) -> Cap:
    """Keep an order within the cash, or within twice the equity on margin, at the worst price it may be filled at."""
    price, kind = projection.worst_price(order), "margin" if projection.brief.account.margin else "cash"
    power, worst = max(Decimal(0), projection.buying_power), price_text(price, projection.brief.quote.tick_at(price))
    return _max_shares(power, price, f"buying power of {power:,.2f} on a {kind} account, at a worst price of {worst}")


def max_order_notional(order: Order, projection: AccountProjection) -> Cap:
    """Keep the value of one order within a sum of money."""
    limit = projection.limits.max_order_notional
    return _max_shares(limit, projection.exposure_price(order), f"one order may be worth {limit:,f}")


def max_loss(order: Order, projection: AccountProjection) -> Cap | None:
    """Limit the loss of the whole position at its stops, held, resting and asked together, to a share of equity."""
    share, distance = projection.limits.max_loss, projection.loss_a_share(order)
    if not distance:
        return None
    left = share * projection.equity - projection.at_risk
    where = "to the stop" if order.stop_loss else "without a stop, taken to be a price collar away,"
    beside = f", of which {projection.at_risk:,.2f} is at risk already" if projection.at_risk else ""
    return _max_shares(
        left, distance, f"{distance.normalize():f} a share {where} may lose {share:.1%} of equity{beside}"
    )


def whole_shares(order: Order, projection: AccountProjection) -> Cap | None:
    """Cut to what can be traded."""
    quote = projection.brief.quote
    kept = round_for_order(order, order.quantity, quote)
    part = "whole" if quote.whole_shares or kept == kept.to_integral_value() else "millionths of"
    return Cap(kept, f"only {part} shares are traded")


LIMITS: tuple[LimitCheck, ...] = (
    LimitCheck("account_state", account_state),
    LimitCheck("risk_committee", risk_committee, openings=False),
    LimitCheck("position_held", position_held, openings=False),
    LimitCheck("named_lots", named_lots, openings=False),
    LimitCheck("opposite_position", opposite_position),
    LimitCheck("cash_account", cash_account),
    LimitCheck("conviction", conviction),
    LimitCheck("sizing", sizing),
    LimitCheck("restricted", restricted),
    LimitCheck("min_price", min_price),
    LimitCheck("min_daily_notional", min_daily_notional),
    LimitCheck("max_volume_share", max_volume_share),
    LimitCheck("price_collar", price_collar),
    LimitCheck("max_position", max_position),
    LimitCheck("max_gross", max_gross),
    LimitCheck("max_net", max_net),
    LimitCheck("buying_power", buying_power),
    LimitCheck("max_order_notional", max_order_notional),
    LimitCheck("max_loss", max_loss),
    LimitCheck("whole_shares", whole_shares, openings=False),
)
