"""From wanted positions to orders: exits first, then entries."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from ...domain.ids import Symbol
from ...domain.orders import Clamp, Order
from ..order_rounding import round_for_order
from ..target_orders import orders_to_target
from .facts import ProposalFacts
from .order_specs import ProposalRules
from .protective_exits import protect
from .sizing_specs import SizingSection
from .wanted import WantedPosition, limit_conviction, tradable


@dataclass(frozen=True, slots=True)
class PositionTarget:
    """The signed shares that the orders of a proposal lead to, and the conviction that their limits apply."""

    symbol: Symbol
    quantity: Decimal
    conviction: Decimal


@dataclass(frozen=True, slots=True)
class CompiledProposal:
    """The orders of a proposal before the limits of orders.

    Attributes:
        targets: the position of every symbol that the proposal changes or confirms; kept positions are absent.
        orders: the orders to send, exits before entries. An entry on the other side of a position awaits its exit.
        clamps: asked and allowed sizes where a limit changed the proposal.
    """

    targets: tuple[PositionTarget, ...] = ()
    orders: tuple[Order, ...] = ()
    clamps: tuple[Clamp, ...] = ()


@dataclass(frozen=True, slots=True)
class _Leg:
    """The orders of one wanted position."""

    target: PositionTarget
    orders: tuple[Order, ...]
    clamps: tuple[Clamp, ...]


def orders_for(wanted: Sequence[WantedPosition], rules: ProposalRules, facts: ProposalFacts) -> CompiledProposal:
    """Return the orders that reach the wanted positions, exits first, each group in the order of `wanted`.

    Shares are truncated toward zero to what can be traded. A change below the band or the smallest trade value makes no
    order and is recorded, unless it closes a position. Openings carry the protective orders of `rules.exits`.
    """
    legs = [_leg(position, rules, facts) for position in wanted]
    sent = [order for leg in legs for order in leg.orders]
    return CompiledProposal(
        targets=tuple(leg.target for leg in legs),
        orders=tuple(sorted(sent, key=lambda order: order.action.opens)),
        clamps=tuple(clamp for leg in legs for clamp in leg.clamps),
    )


def _leg(position: WantedPosition, rules: ProposalRules, facts: ProposalFacts) -> _Leg:
    held, target = facts.held(position.symbol), tradable(position, facts)
    if skipped := _skipped(position, held, target, rules.sizing, facts):
        kept = PositionTarget(position.symbol, held, limit_conviction(position, held))
        return _Leg(kept, (), (*position.clamps, skipped))
    sent = _orders(position, held, target, rules, facts)
    reached = PositionTarget(position.symbol, target, limit_conviction(position, target))
    return _Leg(reached, sent, position.clamps)


def _skipped(
    position: WantedPosition, held: Decimal, target: Decimal, sizing: SizingSection, facts: ProposalFacts
) -> Clamp | None:
    """Return the record of a change that is too small to trade."""
    change = target - held
    if not change or not target or held * target < 0:
        return None
    value, symbol = abs(change) * facts.quote(position.symbol).last_close, position.symbol
    if value < sizing.min_trade_value:
        reason = f"the change is worth {value:.2f}, below the smallest trade of {sizing.min_trade_value:.2f}"
        return facts.clamp("min_trade_value", symbol, abs(change), Decimal(0), reason)
    if value < sizing.band * facts.equity:
        reason = f"the change is {value / facts.equity:.2%} of equity, inside the band of {sizing.band:.2%}"
        return facts.clamp("rebalance_band", symbol, abs(change), Decimal(0), reason)
    return None


def _orders(
    position: WantedPosition, held: Decimal, target: Decimal, rules: ProposalRules, facts: ProposalFacts
) -> tuple[Order, ...]:
    plain = orders_to_target(position.symbol, held, target, lambda leg: facts.name(position.symbol, leg))
    return tuple(each for order in plain if (each := _finished(order, position, rules, facts)).quantity)


def _finished(order: Order, position: WantedPosition, rules: ProposalRules, facts: ProposalFacts) -> Order:
    """Return the order with the proposal's reasons, its time in force and, if it opens, its protective orders."""
    order = replace(
        order,
        rationale=position.rationale or order.rationale,
        evidence=position.evidence,
        time_in_force=rules.execution.time_in_force,
    )
    if order.action.opens:
        order = protect(order, position, rules.exits, facts)
    return replace(order, quantity=round_for_order(order, order.quantity, facts.quote(order.symbol)))
