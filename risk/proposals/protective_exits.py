"""Protective orders: the stop and the target that an opening order carries."""

from dataclasses import replace
from decimal import Decimal
from itertools import pairwise

from ...domain.errors import InvalidOutput, NoData
from ...domain.ids import Symbol
from ...domain.orders import Order, OrderClass, StopLoss, TakeProfit
from ...domain.remarks import TradingStyle
from ..order_rounding import round_price
from .facts import ProposalFacts
from .order_specs import AsOrderedExits, BracketExits, ExitSpec, StyleMultiples, VolMultipleExits
from .wanted import WantedPosition


def protect(order: Order, position: WantedPosition, exits: ExitSpec, facts: ProposalFacts) -> Order:
    """Return an opening order with the protective orders of `exits`: an oto for one leg, a bracket for two.

    Levels are measured from the last close, in currency per share, and rounded half-even to the tick. Raises
    InvalidOutput for a level that is not on its side of the last close, NoData without the prices or the style that
    `vol_multiple` needs.
    """
    close, way = facts.quote(order.symbol).last_close, order.action.sign
    if isinstance(exits, AsOrderedExits):
        return _with_legs(order, position.stop, None, facts)
    if isinstance(exits, BracketExits):
        stop = position.stop if position.stop is not None else _apart(order, -way * exits.stop * close, facts)
        ratio = exits.reward_to_risk or position.reward_to_risk
        target = _apart(order, way * ratio * abs(close - stop), facts) if ratio is not None else None
        return _with_legs(order, stop, target, facts)
    if isinstance(exits, VolMultipleExits):
        sigma, style = return_deviation(order.symbol, exits.sessions, facts), facts.overlays.style
        if style is None:
            raise NoData(f"exits vol_multiple need a trading style, and none was stated for {order.symbol}")
        stop = _apart(order, -way * _multiple(exits.stop, style) * sigma * close, facts)
        return _with_legs(
            order, stop, _apart(order, way * _multiple(exits.target, style) * sigma * close, facts), facts
        )
    return order


def return_deviation(symbol: Symbol, sessions: int, facts: ProposalFacts) -> Decimal:
    """Return the sample standard deviation of the last `sessions` daily log returns.

    Raises NoData with fewer than `sessions` + 1 closes.
    """
    closes = facts.estimates.closes.get(symbol, ())
    if len(closes) <= sessions:
        raise NoData(f"{symbol} has {len(closes)} closes; {sessions} daily returns need {sessions + 1}")
    recent = closes[-sessions - 1 :]
    returns = [(after / before).ln() for before, after in pairwise(recent)]
    mean = sum(returns, Decimal(0)) / sessions
    return (sum(((each - mean) ** 2 for each in returns), Decimal(0)) / (sessions - 1)).sqrt()


def _apart(order: Order, distance: Decimal, facts: ProposalFacts) -> Decimal:
    """Return the price at a signed distance from the last close, at least one tick away."""
    quote = facts.quote(order.symbol)
    tick = quote.tick_at(quote.last_close)
    return quote.last_close + max(abs(distance), tick).copy_sign(distance)


def _multiple(multiples: StyleMultiples, style: TradingStyle) -> Decimal:
    return {
        TradingStyle.AGGRESSIVE: multiples.aggressive,
        TradingStyle.BALANCED: multiples.balanced,
        TradingStyle.CONSERVATIVE: multiples.conservative,
    }[style]


def _with_legs(order: Order, stop: Decimal | None, target: Decimal | None, facts: ProposalFacts) -> Order:
    quote, way = facts.quote(order.symbol), order.action.sign
    stop, target = round_price(stop, quote), round_price(target, quote)
    if stop is not None and (stop <= 0 or way * (quote.last_close - stop) <= 0):
        side = "below" if way > 0 else "above"
        raise InvalidOutput(f"{order.symbol}: the stop of {stop} is not {side} the last close of {quote.last_close}")
    if target is not None and (target <= 0 or way * (target - quote.last_close) <= 0):
        side = "above" if way > 0 else "below"
        raise InvalidOutput(
            f"{order.symbol}: the target of {target} is not {side} the last close of {quote.last_close}"
        )
    legs = sum(level is not None for level in (stop, target))
    return replace(
        order,
        order_class=(OrderClass.SIMPLE, OrderClass.OTO, OrderClass.BRACKET)[legs],
        stop_loss=StopLoss(stop) if stop is not None else None,
        take_profit=TakeProfit(target) if target is not None else None,
    )
