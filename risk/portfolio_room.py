"""The room that the limits of a whole account leave for new entries."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field
from decimal import Decimal

from ..domain.account import Account
from ..domain.ids import ClientOrderId, Symbol
from ..domain.orders import Action, Order
from .portfolio_limits import PortfolioLimits
from .projection import INITIAL_MARGIN
from .reference_prices import exposure_price, highest_level, worst_price

Exposures = Mapping[Symbol, Decimal]
"""Signed exposure by symbol, in currency: positions, and entries that rest."""

PerShare = Callable[[Order, Decimal, Decimal], Decimal]
"""Returns what a share of an entry takes of a limit's room, from its exposure price and its worst price."""


@dataclass(frozen=True, slots=True)
class PortfolioFacts:
    """What the limits need to know of the market, at one moment.

    Attributes:
        prices: last closes, in currency per share.
        sectors: sector by symbol; a symbol without one is in no sector.
        clusters: groups of symbols with correlated returns; a symbol is in one group at most.
    """

    prices: Mapping[Symbol, Decimal]
    sectors: Mapping[Symbol, str] = field(default_factory=dict)
    clusters: Sequence[Set[Symbol]] = ()


@dataclass(frozen=True, slots=True)
class SharedLimit:
    """A limit that several entries share: its name, the room that is left in currency, and what a share takes."""

    name: str
    room: Decimal
    reason: str
    value: PerShare


def open_exposures(account: Account, facts: PortfolioFacts, ignored: Set[ClientOrderId]) -> dict[Symbol, Decimal]:
    """Return the signed exposure by symbol of positions and resting entries, without the entries `ignored`.

    Both sides of one symbol never occur together: an account does not open against a position or an open entry.
    """
    found: defaultdict[Symbol, Decimal] = defaultdict(Decimal)
    for symbol, held in account.holdings.items():
        found[symbol] += held.quantity * facts.prices.get(symbol, held.mark)
    for order in account.open_orders:
        if order.action.opens and order.client_order_id not in ignored:
            price = _resting_price(order, account, facts)
            found[order.symbol] += order.action.sign * order.quantity * price
    return dict(found)


def _resting_price(order: Order, account: Account, facts: PortfolioFacts) -> Decimal:
    close = facts.prices.get(order.symbol)
    if close is not None:
        return exposure_price(order, close)
    held = account.holdings.get(order.symbol)
    return highest_level(order) or (held.mark if held else Decimal(0))


def shared_limits(
    account: Account, facts: PortfolioFacts, limits: PortfolioLimits, ignored: Set[ClientOrderId], closing: Decimal
) -> Iterator[SharedLimit]:
    """Yield the limits with the room that the account and exits worth `closing` leave.

    `ignored` are resting entries that are replaced.
    """
    open_now = open_exposures(account, facts, ignored)
    equity = max(account.equity, Decimal(0))
    gross, net = sum(map(abs, open_now.values()), Decimal(0)), sum(open_now.values(), Decimal(0))
    if limits.max_name is not None:
        for symbol in sorted({*facts.prices, *open_now}):
            room = limits.max_name * equity - abs(open_now.get(symbol, Decimal(0)))
            yield SharedLimit("max_name", room, f"one position may be {limits.max_name:.0%} of equity", _of({symbol}))
    if limits.max_sector is not None:
        yield from _group_limits("max_sector", limits.max_sector, equity, open_now, _by_sector(facts))
    if limits.max_cluster is not None:
        groups = {", ".join(sorted(each)): each for each in facts.clusters}
        yield from _group_limits("max_cluster", limits.max_cluster, equity, open_now, groups)
    if limits.max_gross is not None:
        reason = f"gross exposure may be {limits.max_gross:.0%} of equity"
        yield SharedLimit("max_gross", limits.max_gross * equity - gross, reason, _any_share)
    if limits.max_net is not None:
        reason = f"net exposure may be {limits.max_net:.0%} of equity in either direction"
        for action in (Action.BUY, Action.SHORT):
            yield SharedLimit("max_net", limits.max_net * equity - action.sign * net, reason, _on_side(action))
    if limits.max_turnover is not None:
        reason = f"the orders of one session may be worth {limits.max_turnover:.0%} of equity"
        yield SharedLimit("max_turnover", limits.max_turnover * equity - closing, reason, _any_share)
    power = _buying_power(account, facts, ignored)
    yield SharedLimit("buying_power", power, f"the account has buying power of {power:,.2f} left", _worst_share)


def _group_limits(
    name: str, share: Decimal, equity: Decimal, open_now: Exposures, groups: Mapping[str, Set[Symbol]]
) -> Iterator[SharedLimit]:
    for label, members in sorted(groups.items()):
        used = sum((abs(open_now.get(symbol, Decimal(0))) for symbol in members), Decimal(0))
        yield SharedLimit(name, share * equity - used, f"{label} may be {share:.0%} of equity", _of(members))


def _by_sector(facts: PortfolioFacts) -> dict[str, set[Symbol]]:
    groups: defaultdict[str, set[Symbol]] = defaultdict(set)
    for symbol, sector in facts.sectors.items():
        groups[sector].add(symbol)
    return dict(groups)


def _buying_power(account: Account, facts: PortfolioFacts, ignored: Set[ClientOrderId]) -> Decimal:
    """Return what new entries may cost at their worst prices."""
    kept = (each for each in account.open_orders if each.action.opens and each.client_order_id not in ignored)
    resting = sum((each.quantity * _worst_resting(each, account, facts) for each in kept), Decimal(0))
    if not account.margin:
        return account.cash - resting
    held = sum((abs(each.market_value) for each in account.holdings.values()), Decimal(0))
    return account.equity / INITIAL_MARGIN - held - resting


def _worst_resting(order: Order, account: Account, facts: PortfolioFacts) -> Decimal:
    close = facts.prices.get(order.symbol)
    return _resting_price(order, account, facts) if close is None else worst_price(order, close)


def _of(members: Set[Symbol]) -> PerShare:
    return lambda order, price, _worst: price if order.symbol in members else Decimal(0)


def _on_side(action: Action) -> PerShare:
    return lambda order, price, _worst: price if order.action is action else Decimal(0)


def _any_share(_order: Order, price: Decimal, _worst: Decimal) -> Decimal:
    return price


def _worst_share(_order: Order, _price: Decimal, worst: Decimal) -> Decimal:
    return worst
