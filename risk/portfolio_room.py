"""The room that the limits of a whole account leave for new entries."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field
from decimal import Decimal
from typing import NamedTuple

from ..domain.account import Account
from ..domain.ids import ClientOrderId, Symbol
from ..domain.orders import Action, Order
from .portfolio_limits import PortfolioLimits
from .projection import INITIAL_MARGIN
from .reference_prices import exposure_price, highest_level, worst_price


class Exposure(NamedTuple):
    """The lowest and the highest signed exposure that one symbol can have, in currency: position and resting entries.

    They differ where an entry awaits the exit of the position: the two are never open together.
    """

    low: Decimal
    high: Decimal

    @property
    def size(self) -> Decimal:
        """Return the larger size of both."""
        return max(abs(self.low), abs(self.high))


NO_EXPOSURE = Exposure(Decimal(0), Decimal(0))
Exposures = Mapping[Symbol, Exposure]

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
    """A limit that several entries share: its name, the room that is left in currency, and what a share takes.

    `by_size` is true for a limit on sizes, where an entry that awaits an exit takes only what exceeds the position.
    """

    name: str
    room: Decimal
    reason: str
    value: PerShare
    by_size: bool = True


def open_exposures(
    account: Account, facts: PortfolioFacts, ignored: Set[ClientOrderId], turned: Set[Symbol] = frozenset()
) -> dict[Symbol, Exposure]:
    """Return the exposure by symbol of positions and resting entries, without the entries `ignored`.

    Both sides of one symbol are never open together: an account opens against a position only after its exit. The
    range of the symbols `turned`, whose new entries await an exit, includes 0.
    """
    now: defaultdict[Symbol, Decimal] = defaultdict(Decimal)
    later: defaultdict[Symbol, Decimal] = defaultdict(Decimal)
    for symbol, held in account.holdings.items():
        now[symbol] += held.quantity * facts.prices.get(symbol, held.mark)
    for order in account.open_orders:
        if order.action.opens and order.client_order_id not in ignored:
            price = _resting_price(order, account, facts)
            found = now if order.awaits is None else later
            found[order.symbol] += order.action.sign * order.quantity * price
    for symbol in turned:
        later[symbol] += 0
    return {
        symbol: Exposure(
            min(now[symbol], later.get(symbol, now[symbol])), max(now[symbol], later.get(symbol, now[symbol]))
        )
        for symbol in [*now, *(each for each in later if each not in now)]
    }


def _resting_price(order: Order, account: Account, facts: PortfolioFacts) -> Decimal:
    close = facts.prices.get(order.symbol)
    if close is not None:
        return exposure_price(order, close)
    held = account.holdings.get(order.symbol)
    return highest_level(order) or (held.mark if held else Decimal(0))


def shared_limits(
    account: Account,
    facts: PortfolioFacts,
    limits: PortfolioLimits,
    ignored: Set[ClientOrderId],
    closing: Decimal,
    turned: Set[Symbol] = frozenset(),
) -> Iterator[SharedLimit]:
    """Yield the limits with the room that the account and exits worth `closing` leave.

    `ignored` are resting entries that are replaced, `turned` the symbols whose new entries await an exit.
    """
    open_now = open_exposures(account, facts, ignored, turned)
    equity = max(account.equity, Decimal(0))
    gross = sum((each.size for each in open_now.values()), Decimal(0))
    if limits.max_name is not None:
        for symbol in sorted({*facts.prices, *open_now}):
            room = limits.max_name * equity - open_now.get(symbol, NO_EXPOSURE).size
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
            rises = action is Action.BUY
            net = sum((each.high if rises else -each.low for each in open_now.values()), Decimal(0))
            yield SharedLimit("max_net", limits.max_net * equity - net, reason, _on_side(action), by_size=False)
    if limits.max_turnover is not None:
        reason = f"the orders of one session may be worth {limits.max_turnover:.0%} of equity"
        yield SharedLimit("max_turnover", limits.max_turnover * equity - closing, reason, _any_share, by_size=False)
    power = _buying_power(account, facts, ignored)
    yield SharedLimit("buying_power", power, f"the account has buying power of {power:,.2f} left", _worst_share)


def _group_limits(
    name: str, share: Decimal, equity: Decimal, open_now: Exposures, groups: Mapping[str, Set[Symbol]]
) -> Iterator[SharedLimit]:
    for label, members in sorted(groups.items()):
        used = sum((open_now.get(symbol, NO_EXPOSURE).size for symbol in members), Decimal(0))
        yield SharedLimit(name, share * equity - used, f"{label} may be {share:.0%} of equity", _of(members))


def _by_sector(facts: PortfolioFacts) -> dict[str, set[Symbol]]:
    groups: defaultdict[str, set[Symbol]] = defaultdict(set)
    for symbol, sector in facts.sectors.items():
        groups[sector].add(symbol)
    return dict(groups)


def _buying_power(account: Account, facts: PortfolioFacts, ignored: Set[ClientOrderId]) -> Decimal:
    """Return what new entries may cost at their worst prices."""
    used, later = defaultdict[Symbol, Decimal](Decimal), defaultdict[Symbol, Decimal](Decimal)
    if account.margin:
        for symbol, each in account.holdings.items():
            used[symbol] = abs(each.market_value)
    resting = Decimal(0)
    for order in account.open_orders:
        if order.action.opens and order.client_order_id not in ignored:
            worst = order.quantity * _worst_resting(order, account, facts)
            if order.awaits is None:
                resting += worst
            else:
                later[order.symbol] += worst
    taken = resting + sum((max(used[symbol], later[symbol]) for symbol in {*used, *later}), Decimal(0))
    return (account.equity / INITIAL_MARGIN if account.margin else account.cash) - taken


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
