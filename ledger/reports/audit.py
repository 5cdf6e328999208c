"""Invariants of every book, recomputed from the journal and its entries."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from ..book.book import Book
from ..book.fold import replay
from ..book.journal import Journal, read_rows
from ..model import chart_of_accounts
from ..model.entries import imbalance
from ..model.events import Delisted, Deposited, SplitApplied, SymbolRenamed
from ..model.order import OrderState, OrderStatus
from ..model.order_events import (
    OrderAccepted,
    OrderAdjusted,
    OrderCanceled,
    OrderExpired,
    OrderFilled,
    OrderRefusal,
    OrderReplaced,
)
from ..pricing.slippage import Slippage
from ..pricing.units import toward_zero
from .timeline import timeline_breaches

SIDES = ("assets:", "liabilities:", "equity:", "income:", "expenses:")


@dataclass(frozen=True, slots=True)
class Check:
    """The result of one invariant: name, description, number of checked items, and breaches."""

    name: str
    description: str
    checked: int
    breaches: tuple[str, ...]


def check_book(journal: Journal, book: Book) -> tuple[Check, ...]:
    """Check every invariant and return the results."""
    return tuple(
        _run(name, description, function, journal, book) for name, (description, function) in INVARIANTS.items()
    )


CheckFunction = Callable[[Journal, Book], Iterator[str | None]]


def _run(name: str, description: str, function: CheckFunction, journal: Journal, book: Book) -> Check:
    found = list(function(journal, book))
    return Check(name, description, len(found), tuple(breach for breach in found if breach is not None))


def _entries_balance(journal: Journal, _: Book) -> Iterator[str | None]:
    for entry in journal.entries:
        off = imbalance(entry.postings)
        yield f"the entry of event {entry.seq} is off by {off}" if off else None


def _trial_balance(_: Journal, book: Book) -> Iterator[str | None]:
    sums: Counter[str] = Counter()
    for (_account, commodity), amount in book.balances.items():
        sums[commodity] += amount
    for commodity, amount in sums.items():
        yield f"{commodity} does not sum to zero but to {amount}" if amount else None


def _balances(journal: Journal, book: Book) -> Iterator[str | None]:
    counted: Counter[tuple[str, str]] = Counter()
    for entry in journal.entries:
        for posting in entry.postings:
            counted[posting.account, posting.commodity] += posting.amount
    for key in counted.keys() | book.balances.keys():
        kept = book.balances.get(key, 0)
        yield None if kept == counted[key] else f"{key} holds {kept}, its postings sum to {counted[key]}"


def _positions(journal: Journal, book: Book) -> Iterator[str | None]:
    held: Counter[str] = Counter()
    symbols: dict[str, str] = {}
    for event in journal.events:
        if isinstance(event, OrderAccepted):
            symbols[event.terms.order_id] = event.terms.symbol
        elif isinstance(event, OrderFilled):
            held[symbols[event.order_id]] += book.orders[event.order_id].terms.sign * event.quantity
        elif isinstance(event, SymbolRenamed):
            symbols |= dict.fromkeys(event.orders, event.new)
            held[event.new] += held.pop(event.symbol, 0)
        elif isinstance(event, SplitApplied):
            held[event.symbol] = toward_zero(held[event.symbol] * event.numerator, event.denominator)
        elif isinstance(event, Delisted):
            held[event.symbol] = 0
    for symbol in held.keys() | book.positions.keys():
        lots = sum(lot.quantity for lot in book.positions[symbol].lots) if symbol in book.positions else 0
        seen = {
            held[symbol],
            book.quantity(symbol),
            lots,
            book.balances.get((chart_of_accounts.shares(symbol), symbol), 0),
        }
        yield None if len(seen) == 1 else f"{symbol}: fills, position, lots and balance disagree: {sorted(seen)}"


def _equity(_: Journal, book: Book) -> Iterator[str | None]:
    money = sum(book.balance(account) for account in chart_of_accounts.MONEY)
    marked = sum(
        book.instruments[symbol].money(book.marks[symbol], position.quantity)
        for symbol, position in book.positions.items()
    )
    yield None if money + marked == book.equity else f"equity is {book.equity}, its parts sum to {money + marked}"


def _sources(_: Journal, book: Book) -> Iterator[str | None]:
    """Compare equity with deposits, income, expenses and unrealised gains; compare the costs of every position."""
    earned = -sum(
        amount
        for (account, commodity), amount in book.balances.items()
        if commodity == book.currency and account.startswith(SIDES[2:])
    )
    cost = sum(position.cost for position in book.positions.values())
    unrealised = book.long_value + book.short_value - cost
    yield None if earned + unrealised == book.equity else f"equity is {book.equity}, explained is {earned + unrealised}"
    for symbol, position in book.positions.items():
        kept = {position.cost, sum(lot.cost for lot in position.lots), book.balance(chart_of_accounts.cost(symbol))}
        yield None if len(kept) == 1 else f"{symbol}: position, lots and account disagree on cost: {sorted(kept)}"


def _lives(journal: Journal, book: Book) -> Iterator[str | None]:
    for order in book.orders.values():
        fine = 0 <= order.filled <= order.quantity and (order.status is OrderStatus.FILLED) == (
            order.filled == order.quantity
        )
        yield None if fine else f"order {order.terms.order_id} filled {order.filled} of {order.quantity}"
    ended: set[str] = set()
    for event in journal.events:
        order_id = getattr(event, "order_id", None)
        if order_id is not None:
            yield f"order {order_id} changed after its end" if order_id in ended else None
        if isinstance(event, OrderCanceled | OrderExpired):
            ended.add(event.order_id)
        elif isinstance(event, OrderRefusal):
            ended.add(event.terms.order_id)


def _prices(journal: Journal, book: Book) -> Iterator[str | None]:
    """Check the price of every fill; bar ranges are required from the first fill that stores its own."""
    limits: dict[str, int | None] = {}
    barred = False
    for event in journal.events:
        if isinstance(event, OrderAccepted):
            limits[event.terms.order_id] = event.terms.limit
        elif isinstance(event, OrderReplaced | OrderAdjusted):
            limits[event.order_id] = event.limit
        elif isinstance(event, OrderFilled):
            limit, sign = limits[event.order_id], book.orders[event.order_id].terms.sign
            if limit is not None:
                fine = sign * (limit - event.price) >= 0
                yield None if fine else f"order {event.order_id} was filled at {event.price}, beyond its limit {limit}"
            if barred or event.low is not None or event.high is not None:
                barred = True
                yield _off_bar(event, sign, limit, book.rules.slippage)


def _off_bar(event: OrderFilled, sign: int, limit: int | None, slippage: Slippage) -> str | None:
    """Return how a fill contradicts its bar or the account's slippage model, or None."""
    low, high = event.low, event.high
    if low is None or high is None:
        return f"the fill {event.fill_id} does not store its bar's range, but an earlier fill does"
    if not all(low <= price <= high for price in (event.reference, event.price)):
        return f"the fill {event.fill_id} at {event.price} for {event.reference} is outside its bar, {low} to {high}"
    if event.model != slippage.name:
        return f"the fill {event.fill_id} has the slippage {event.model}, the account has {slippage.name}"
    best, worst = slippage.extremes(event.reference, sign, limit, low, high)
    if not min(best, worst) <= event.price <= max(best, worst):
        return f"the fill {event.fill_id} has the price {event.price}, its slippage allows {best} to {worst}"
    return None


def _one_answer(journal: Journal, _: Book) -> Iterator[str | None]:
    seen: set[str] = set()
    for event in journal.events:
        if isinstance(event, OrderAccepted | OrderRefusal):
            order_id = event.terms.order_id
            yield f"order {order_id} was answered twice" if order_id in seen else None
            seen.add(order_id)


def _reservations(_: Journal, book: Book) -> Iterator[str | None]:
    for order in book.orders.values():
        fine = order.reserved >= 0 and order.claimed >= 0 and not (order.ended and (order.reserved or order.claimed))
        yield None if fine else f"order {order.terms.order_id} reserves {order.reserved} and claims {order.claimed}"
    total = sum(order.reserved for order in book.orders.values())
    yield None if total == book.reserved else f"the orders reserve {total}, the book has {book.reserved}"


def _groups(_: Journal, book: Book) -> Iterator[str | None]:
    for group, ids in book.groups.items():
        legs = [book.orders[order_id] for order_id in ids]
        done = [leg for leg in legs if leg.status is OrderStatus.FILLED]
        live = [leg for leg in legs if not leg.ended]
        fine = len(done) <= 1 and not (done and live) and _equal_rest(live)
        yield None if fine else f"the legs of {group} did not cancel each other"


def _equal_rest(legs: list[OrderState]) -> bool:
    return len({leg.remaining for leg in legs}) <= 1


def _chain(journal: Journal, _: Book) -> Iterator[str | None]:
    for event, again in zip(journal.events, read_rows(journal.rows()), strict=True):
        yield None if event == again else "an event reads back differently"


def _replay(journal: Journal, book: Book) -> Iterator[str | None]:
    again, _ = replay(journal.events)
    yield None if again.state_hash() == book.state_hash() else "replaying the journal gives another state"


def _outside(journal: Journal, book: Book) -> Iterator[str | None]:
    came = sum(event.amount for event in journal.events if isinstance(event, Deposited))
    kept = -book.balance(chart_of_accounts.DEPOSITS)
    yield None if came == kept else f"{came} was deposited, {kept} is booked"
    for account, _commodity in book.balances:
        fine = account.startswith(SIDES) and (
            not account.startswith("equity:") or account in OWN or "street" in account
        )
        yield None if fine else f"{account} is not in the chart of accounts"


OWN = frozenset({chart_of_accounts.DEPOSITS, chart_of_accounts.ROUNDING})


def _decided(_: Journal, book: Book) -> Iterator[str | None]:
    for order in book.orders.values():
        terms = order.terms
        fine = book.account and terms.run_id and terms.decision_id
        yield None if fine else f"order {terms.order_id} has no account, run or decision"


INVARIANTS: dict[str, tuple[str, CheckFunction]] = {
    "I1": ("the postings of every entry sum to zero per commodity", _entries_balance),
    "I2": ("the trial balance is zero", _trial_balance),
    "I3": ("balances are the sums of their postings", _balances),
    "I4": ("positions are signed fills and corporate actions", _positions),
    "I5": ("equity is cash, dues and marked positions", _equity),
    "I6": ("equity is deposits, results, income and expenses", _sources),
    "I7": ("orders fill at most their quantity and never change after their end", _lives),
    "I8": ("fill prices lie within bar and limit, and differ from the reference by slippage only", _prices),
    "I9": ("bars follow one another, and fills come on bars after acceptance", timeline_breaches),
    "I10": ("reservations are positive, and nothing once an order has ended", _reservations),
    "I11": ("of orders that cancel each other at most one is filled", _groups),
    "I12": ("the journal is gapless, its hash chain verifies, its events read back", _chain),
    "I13": ("replaying the journal gives the identical state", _replay),
    "I14": ("every order was answered once", _one_answer),
    "I15": ("deposits are the only cash from outside", _outside),
    "I16": ("every order has account, run and decision", _decided),
}
