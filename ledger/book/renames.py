"""Apply the rename of a listing: its position, orders and history move to the new symbol."""

from dataclasses import replace

from ..model import chart_of_accounts
from ..model.entries import Posting
from ..model.events import SymbolRenamed
from .book import Book


def renamed(book: Book, event: SymbolRenamed) -> tuple[Posting, ...]:
    """Move everything that the book keeps by symbol, and return the postings that move shares and cost.

    Realised gains, and dividends that are due, stay with the symbol under which they came. Corporate actions that were
    booked under the old symbol count as booked under the new one.
    """
    old, new = event.symbol, event.new
    book.actions |= {key.replace(f":{old}:", f":{new}:", 1) for key in book.actions if f":{old}:" in key}
    book.actions.add(f"rename:{old}:{event.session}")
    _list_new(book, old, new)
    for held in (book.marks, book.last_traded, book.opened_on):
        if old in held:
            held[new] = held.pop(old)  # type: ignore[assignment]
    book.reserved_for_exit[new] = book.reserved_for_exit.get(new, 0) + book.reserved_for_exit.pop(old, 0)
    book.holdings.rename(old, new)
    book.quarantined.pop(old, None)
    for order_id in event.orders:
        book.orders[order_id].rename(new)
    if old in book.waiting:
        book.waiting[new] = book.waiting.pop(old)
    _find_newest(book, old, new)
    position = book.positions.pop(old, None)
    book.revalue(old)
    if position is None:
        return ()
    position.symbol = new
    book.positions[new] = position
    book.revalue(new)
    return _move(book, old, new, position.quantity, position.cost)


def _find_newest(book: Book, *symbols: str) -> None:
    for symbol in symbols:
        own = (order for order in book.orders.values() if order.terms.symbol == symbol and not order.terms.parent)
        newest = max(own, key=lambda order: order.seq, default=None)
        book.newest.pop(symbol, None)
        if newest is not None:
            book.newest[symbol] = newest


def _list_new(book: Book, old: str, new: str) -> None:
    if new not in book.instruments:
        rules = book.rules
        book.instruments[new] = replace(
            book.instruments[old], symbol=new, shortable=rules.can_locate(new), borrow_bps=rules.borrow_rate(new)
        )


def _move(book: Book, old: str, new: str, quantity: int, cost: int) -> tuple[Posting, ...]:
    shares, market = chart_of_accounts.shares, chart_of_accounts.market_account
    legs = [
        Posting(shares(old), old, -quantity),
        Posting(market(old), old, quantity),
        Posting(shares(new), new, quantity),
        Posting(market(new), new, -quantity),
    ]
    if cost:
        legs.append(Posting(chart_of_accounts.cost(old), book.currency, -cost))
        legs.append(Posting(chart_of_accounts.cost(new), book.currency, cost))
    return tuple(legs)
