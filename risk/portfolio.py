"""Allocation: the orders of all decisions of a session are cut to the limits of the whole account.

Exits are never cut. An entry counts as filled at its exposure price, beside what is held and the entries that rest.
Entries that a decision replaces do not count, unless nothing is left of the decision's own entries.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import ROUND_DOWN, Decimal

from ..domain.account import Account
from ..domain.decision import Decision, Outcome, RiskOutcome
from ..domain.ids import ClientOrderId, Symbol
from ..domain.orders import Clamp, DeniedOrder, Order, RestingAction
from .order_rounding import MICRO_SHARE, SHARE
from .portfolio_limits import PortfolioLimits, Scaling
from .portfolio_room import PortfolioFacts, SharedLimit, shared_limits
from .reference_prices import exposure_price, worst_price


@dataclass(frozen=True, slots=True)
class RankedEntry:
    """An opening order of a decision, with its values per share in currency and its place in the ranking.

    `replaces` is the value, in currency, of the position whose exit the order awaits.
    """

    order: Order
    price: Decimal
    worst: Decimal
    rank: tuple[Decimal, Symbol, int]
    replaces: Decimal = Decimal(0)

    def demand(self, limit: SharedLimit, quantity: Decimal) -> Decimal:
        """Return what `quantity` shares take of the room of a limit, in currency."""
        value = limit.value(self.order, self.price, self.worst) * quantity
        return max(Decimal(0), value - self.replaces) if limit.by_size else value

    def scaled(self, limit: SharedLimit, factor: Decimal) -> Decimal:
        """Return the shares that take `factor` of what the entry demands of a limit, not rounded."""
        if not (limit.by_size and self.replaces):
            return self.order.quantity * factor
        taken = self.demand(limit, self.order.quantity) * factor
        return (self.replaces + taken) / limit.value(self.order, self.price, self.worst)


@dataclass(frozen=True, slots=True)
class Cut:
    """What is left of an entry, in shares, and the limit that cut it."""

    quantity: Decimal
    limit: str
    reason: str


Cuts = Mapping[ClientOrderId, Cut]


def allocate(
    decisions: Sequence[Decision], account: Account, facts: PortfolioFacts, limits: PortfolioLimits
) -> tuple[Decision, ...]:
    """Return the decisions with their entries cut to the limits, in the given order.

    No order grows, and no limit is exceeded that was not exceeded before. The result does not depend on the order of
    `decisions`. With PRO_RATA, a higher limit never reduces an order, `max_new_names` excepted. Every cut is a clamp of
    its decision; an order that is cut to nothing is denied, and a decision without orders becomes a hold.
    """
    entries = _with_replaced(_ranked(decisions, facts), account, facts)
    turned = _turned(entries)
    cuts = dict(_without_price(decisions, facts))
    remaining = _Replaced(decisions, account)
    while True:
        closing = _closing_value(decisions, facts)
        shared = tuple(shared_limits(account, facts, limits, remaining.ignored, closing, turned))
        found = cut_entries(entries, known_symbols(account), shared, limits)
        if not remaining.restore(entries, found):
            return tuple(_applied(each, {**found, **cuts}) for each in decisions)


class _Replaced:
    """The resting entries that decisions end: replaced ones are ignored while a new entry of their symbol is left."""

    def __init__(self, decisions: Sequence[Decision], account: Account) -> None:
        resting = {order.client_order_id: order.symbol for order in account.open_orders if order.action.opens}
        canceled = {order_id for each in decisions for order_id in each.resting_ids(RestingAction.CANCEL)}
        trading = [each for each in decisions if each.risk.allowed]
        replaced = {order_id for each in trading for order_id in each.resting_ids(RestingAction.REPLACE)}
        self._replaced = {order_id: symbol for order_id, symbol in resting.items() if order_id in replaced - canceled}
        self.ignored = frozenset(resting.keys() & (canceled | replaced))

    def restore(self, entries: Sequence[RankedEntry], cuts: Cuts) -> bool:
        """Count the entries again that stay because all new entries of their symbol were cut; return whether any."""
        asked = {entry.order.symbol for entry in entries}
        left = {entry.order.symbol for entry in entries if _quantity(entry.order, cuts)}
        again = {each for each, symbol in self._replaced.items() if each in self.ignored and symbol in asked - left}
        self.ignored -= again
        return bool(again)


def entry_clamps(
    orders: Iterable[Order],
    confidence: Mapping[Symbol, Decimal],
    account: Account,
    facts: PortfolioFacts,
    limits: PortfolioLimits,
) -> tuple[Clamp, ...]:
    """Return how the limits would reduce orders that are not decided yet, the first in rank first.

    `confidence`, 0 to 1 by symbol, ranks the entries; every symbol of an order has a price in `facts`. Resting entries
    count as kept.
    """
    sent = tuple(orders)
    ranked = sorted(
        (_entry(order, confidence.get(order.symbol, Decimal(0)), facts, place) for place, order in enumerate(sent)
         if order.action.opens),
        key=lambda entry: entry.rank,
    )  # fmt: skip
    entries, exits = _with_replaced(ranked, account, facts), _value_of_exits(sent, facts)
    shared = tuple(shared_limits(account, facts, limits, frozenset(), exits, _turned(entries)))
    cuts = cut_entries(entries, known_symbols(account), shared, limits)
    return tuple(
        _clamp(entry.order, cuts[entry.order.client_order_id])
        for entry in entries
        if _quantity(entry.order, cuts) < entry.order.quantity
    )


def _entry(order: Order, conviction: Decimal, facts: PortfolioFacts, place: int) -> RankedEntry:
    close = facts.prices[order.symbol]
    return RankedEntry(
        order, exposure_price(order, close), worst_price(order, close), (-abs(conviction), order.symbol, place)
    )


def _with_replaced(entries: Sequence[RankedEntry], account: Account, facts: PortfolioFacts) -> list[RankedEntry]:
    """Return the entries; the first of a symbol that awaits an exit replaces the position."""
    found, seen = list[RankedEntry](), set[Symbol]()
    for entry in entries:
        symbol = entry.order.symbol
        is_first = entry.order.awaits is not None and symbol not in seen
        held = abs(account.quantity(symbol)) * facts.prices[symbol] if is_first else Decimal(0)
        found.append(replace(entry, replaces=held) if is_first else entry)
        seen |= {symbol} if is_first else set()
    return found


def _turned(entries: Iterable[RankedEntry]) -> frozenset[Symbol]:
    return frozenset(entry.order.symbol for entry in entries if entry.order.awaits is not None)


def _clamp(order: Order, cut: Cut) -> Clamp:
    return Clamp(f"portfolio_{cut.limit}", order.client_order_id, order.quantity, cut.quantity, cut.reason)


def _ranked(decisions: Sequence[Decision], facts: PortfolioFacts) -> list[RankedEntry]:
    """Return the entries by descending conviction, then by symbol."""
    found = list[RankedEntry]()
    for decision in decisions:
        conviction = Decimal(str(decision.thesis.conviction)) if decision.thesis else Decimal(0)
        if decision.ticker not in facts.prices:
            continue
        for place, order in enumerate(decision.risk.allowed):
            if order.action.opens:
                found.append(_entry(order, conviction, facts, place))
    return sorted(found, key=lambda entry: entry.rank)


def _without_price(decisions: Sequence[Decision], facts: PortfolioFacts) -> Iterable[tuple[ClientOrderId, Cut]]:
    for decision in decisions:
        if decision.ticker not in facts.prices:
            for order in decision.risk.allowed:
                if order.action.opens:
                    yield order.client_order_id, Cut(Decimal(0), "price", f"{decision.ticker} has no price")


def _closing_value(decisions: Sequence[Decision], facts: PortfolioFacts) -> Decimal:
    """Return the value of all exits at the last closes, in currency."""
    return _value_of_exits((order for each in decisions for order in each.risk.allowed), facts)


def _value_of_exits(orders: Iterable[Order], facts: PortfolioFacts) -> Decimal:
    exits = (order for order in orders if not order.action.opens)
    return sum((order.quantity * facts.prices.get(order.symbol, Decimal(0)) for order in exits), Decimal(0))


def known_symbols(account: Account) -> set[Symbol]:
    """Return the symbols that are held or have resting entries."""
    held = {symbol for symbol, each in account.holdings.items() if each.quantity}
    return held | {order.symbol for order in account.open_orders if order.action.opens}


def cut_entries(
    entries: Sequence[RankedEntry], known: set[Symbol], shared: Sequence[SharedLimit], limits: PortfolioLimits
) -> dict[ClientOrderId, Cut]:
    """Return the cuts of `entries`, in the order of their ranking; `known` are symbols that are not new names."""
    cuts = dict(_new_names(entries, known, limits.max_new_names))
    served = [entry for entry in entries if entry.order.client_order_id not in cuts]
    return cuts | (_pro_rata if limits.scaling is Scaling.PRO_RATA else _in_order)(served, shared)


def _new_names(
    entries: Iterable[RankedEntry], known: set[Symbol], most: int | None
) -> Iterable[tuple[ClientOrderId, Cut]]:
    """Yield a cut to nothing for the entries of new symbols beyond the first `most` in the ranking."""
    opened = set[Symbol]()
    for entry in entries:
        symbol = entry.order.symbol
        if most is None or symbol in known or symbol in opened:
            continue
        if len(opened) < most:
            opened.add(symbol)
        else:
            yield entry.order.client_order_id, Cut(Decimal(0), "max_new_names", f"a session may open {most} new names")


def _pro_rata(entries: Sequence[RankedEntry], shared: Sequence[SharedLimit]) -> dict[ClientOrderId, Cut]:
    """Scale what every entry demands by the smallest of the factors room / demand of its limits."""
    factors = list[tuple[SharedLimit, Decimal]]()
    for limit in shared:
        demand = sum((entry.demand(limit, entry.order.quantity) for entry in entries), Decimal(0))
        if demand > (room := max(limit.room, Decimal(0))):
            factors.append((limit, room / demand))
    cuts = dict[ClientOrderId, Cut]()
    for entry in entries:
        cut = [
            (entry.scaled(limit, factor), limit)
            for limit, factor in factors
            if entry.demand(limit, entry.order.quantity)
        ]
        if cut:
            quantity, limit = min(cut, key=lambda pair: pair[0])
            quantity = _tradable(entry.order, quantity)
            cuts[entry.order.client_order_id] = Cut(quantity, limit.name, limit.reason)
    return cuts


def _in_order(entries: Sequence[RankedEntry], shared: Sequence[SharedLimit]) -> dict[ClientOrderId, Cut]:
    """Serve the entries one after the other, each with the room that those before it have left."""
    rooms = [limit.room for limit in shared]
    cuts = dict[ClientOrderId, Cut]()
    for entry in entries:
        order, left = entry.order, entry.order.quantity
        for limit, room in zip(shared, rooms, strict=True):
            demand = entry.demand(limit, left)
            if demand and demand > room:
                value = limit.value(order, entry.price, entry.worst)
                spare = max(room, Decimal(0)) + (entry.replaces if limit.by_size else Decimal(0))
                left = _tradable(order, spare / value)
                cuts[order.client_order_id] = Cut(left, limit.name, limit.reason)
        rooms = [room - entry.demand(limit, left) for room, limit in zip(rooms, shared, strict=True)]
    return cuts


def _tradable(order: Order, quantity: Decimal) -> Decimal:
    """Return `quantity` rounded down: to whole shares if the order asks for whole shares, else to millionths."""
    step = SHARE if order.quantity == order.quantity.to_integral_value() else MICRO_SHARE
    return min(quantity.quantize(step, ROUND_DOWN), order.quantity)


def _quantity(order: Order, cuts: Cuts) -> Decimal:
    cut = cuts.get(order.client_order_id)
    return order.quantity if cut is None else cut.quantity


def _applied(decision: Decision, cuts: Cuts) -> Decision:
    """Return the decision with its cuts recorded."""
    clamps, denied, allowed = list[Clamp](), list[DeniedOrder](), list[Order]()
    for order in decision.risk.allowed:
        cut = cuts.get(order.client_order_id)
        if cut is None or cut.quantity == order.quantity:
            allowed.append(order)
            continue
        clamps.append(_clamp(order, cut))
        if cut.quantity:
            allowed.append(replace(order, quantity=cut.quantity))
        else:
            denied.append(DeniedOrder(order, cut.reason))
    if not clamps:
        return decision
    before = decision.risk
    risk = RiskOutcome(before.asked, (*before.clamps, *clamps), (*before.denied, *denied), tuple(allowed))
    return replace(decision, risk=risk, outcome=Outcome.ORDERS if allowed else Outcome.HOLD)
