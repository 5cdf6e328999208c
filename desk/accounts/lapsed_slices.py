"""Notices of slices of orders that were not filled in full when their session ended."""

from collections.abc import Iterable, Iterator

from ...ledger.book.book import Book
from ...ledger.model.events import Event
from ...ledger.model.order_events import OrderExpired
from ...ledger.pricing.units import to_decimal


def lapsed_slices(book: Book, events: Iterable[Event]) -> Iterator[str]:
    """Yield a sentence for each parent order of which slices expired in `events`: the shares that were not filled."""
    expired = [book.orders[event.order_id] for event in events if isinstance(event, OrderExpired)]
    for parent in dict.fromkeys(each.terms.slice_of for each in expired if each.terms.slice_of is not None):
        slices = book.parts(parent)
        scale = book.instruments[slices[0].terms.symbol].quantity_scale
        asked = to_decimal(sum(each.terms.quantity for each in slices), scale)
        left = to_decimal(sum(each.quantity - each.filled for each in expired if each.terms.slice_of == parent), scale)
        yield f"{left:f} of the {asked:f} shares of order {parent} were not filled, and their slices expired"
