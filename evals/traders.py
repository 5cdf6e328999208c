"""Who may walk: a desk, the oracle of the demo market, and one who buys once and holds."""

from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal
from math import sqrt

from ..desk.decision import Floor, Question, decide
from ..domain.abstention import Cause
from ..domain.account import Account
from ..domain.decision import Outcome
from ..domain.errors import DataError
from ..domain.ids import ClientOrderId, Symbol
from ..domain.market import Quote
from ..domain.orders import Action, Order, OrderClass, OrderType, TimeInForce
from ..risk.settings import Limits
from ..risk.sizing import target_quantity
from ..tools.demo.oracle import Oracle
from ..tools.facts import quote
from ..tools.source import MarketSource
from ..tools.view import MarketView
from .walk import Answer, Close

HORIZON = 21
"""Sessions that the oracle looks ahead: about the time to its next decision."""
BASIS = Decimal("0.0001")


@dataclass(frozen=True, slots=True)
class DeskTrader:
    """A desk: its own decision, size and orders."""

    floor: Floor

    async def __call__(self, close: Close, account: Account) -> Answer:
        """Ask the desk."""
        made = await decide(self.floor, Question(close.run_id, close.symbol, close.as_of, account))
        silence = made.abstention
        return Answer(
            outcome=made.outcome,
            orders=made.risk.allowed,
            cause=silence.cause if silence else None,
            reason=silence.reason if silence else "",
            denied=bool(made.risk.asked) and not made.risk.allowed,
        )


@dataclass(frozen=True, slots=True)
class OracleTrader:
    """One who knows the hidden state of the moment, sizes like the desk, and trades at the market.

    conviction = gain * expected return / (daily volatility * sqrt(21)), clipped to [-1, 1], with the planted return
    that is expected over the next 21 sessions: `gain` times its signal-to-noise ratio.
    """

    oracle: Oracle
    source: MarketSource
    limits: Limits
    gain: float = 2.0

    async def __call__(self, close: Close, account: Account) -> Answer:
        """Take the position that the expected return earns."""
        try:
            facts = quote(MarketView(self.source, close.as_of), close.symbol)
        except DataError as error:
            return Answer(Outcome.ABSTAIN, cause=Cause.DATA, reason=str(error))
        target = target_quantity(self.conviction(close, facts), facts, account, self.limits).quantity
        return _answer(_towards(target, close, account))

    def conviction(self, close: Close, facts: Quote) -> Decimal:
        """Return what the oracle thinks of the next 21 sessions; zero where the volatility is unknown."""
        if not facts.daily_volatility:
            return Decimal(0)
        expected = self.oracle.expected_return(close.symbol, close.session, HORIZON)
        ratio = self.gain * expected / (float(facts.daily_volatility) * sqrt(HORIZON))
        return Decimal(max(-1.0, min(1.0, ratio))).quantize(BASIS, ROUND_HALF_EVEN)


@dataclass(frozen=True, slots=True)
class HoldTrader:
    """One who buys, at the first close that allows it, what a conviction of one earns, and never trades again."""

    source: MarketSource
    limits: Limits

    async def __call__(self, close: Close, account: Account) -> Answer:
        """Buy once."""
        if account.holdings:
            return Answer(Outcome.HOLD)
        try:
            facts = quote(MarketView(self.source, close.as_of), close.symbol)
        except DataError as error:
            return Answer(Outcome.ABSTAIN, cause=Cause.DATA, reason=str(error))
        return _answer(_towards(target_quantity(Decimal(1), facts, account, self.limits).quantity, close, account))


def _answer(orders: tuple[Order, ...]) -> Answer:
    return Answer(Outcome.ORDERS if orders else Outcome.HOLD, orders)


def _towards(target: Decimal, close: Close, account: Account) -> tuple[Order, ...]:
    """Return the market orders that take the position to `target` shares: an exit, an entry, or one after the other."""
    held = account.quantity(close.symbol)
    leaving = held if held * target <= 0 else held - _nearer(held, target)
    entering = target - (held - leaving)
    orders = list[Order]()
    if leaving:
        orders.append(_market(Action.SELL if leaving > 0 else Action.COVER, abs(leaving), close, len(orders)))
    if entering:
        orders.append(_market(Action.BUY if entering > 0 else Action.SHORT, abs(entering), close, len(orders)))
    return tuple(orders)


def _nearer(held: Decimal, target: Decimal) -> Decimal:
    """Return the one that is nearer to zero; both are on the same side of it."""
    return min(held, target, key=abs)


def _market(action: Action, quantity: Decimal, close: Close, leg: int) -> Order:
    return Order(
        client_order_id=ClientOrderId(f"{close.run_id}-{leg}"),
        symbol=Symbol(close.symbol),
        action=action,
        quantity=quantity,
        type=OrderType.MARKET,
        limit_price=None,
        stop_price=None,
        trail=None,
        time_in_force=TimeInForce.DAY,
        order_class=OrderClass.SIMPLE,
        take_profit=None,
        stop_loss=None,
        rationale=f"a position of {quantity:f} shares",
        evidence=(),
    )
