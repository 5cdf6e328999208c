"""What was held going into a day, counted from the journal, whatever has happened since."""

from collections.abc import Iterable

from .book import Book
from .events import Delisted, Event, Filled, SplitApplied
from .units import toward_zero

Movement = Filled | SplitApplied | Delisted
ACTIONS = (SplitApplied, Delisted)  # looked up faster than their union


def movements(book: Book, events: Iterable[Event]) -> dict[str, list[Movement]]:
    """Return, by symbol and in order, all that ever changed how much is held."""
    found: dict[str, list[Movement]] = {}
    for event in events:
        if isinstance(event, Filled):
            found.setdefault(book.orders[event.order_id].terms.symbol, []).append(event)
        elif isinstance(event, ACTIONS):
            found.setdefault(event.symbol, []).append(event)
    return found


def movement_day(movement: Movement) -> str:
    """Return the day of a movement."""
    if isinstance(movement, Filled):
        return movement.session
    return movement.ex_date if isinstance(movement, SplitApplied) else movement.day


def after(book: Book, held: int, movement: Movement) -> int:
    """Return what is left, or has become, of the signed quantity `held`."""
    if isinstance(movement, Filled):
        return held + book.orders[movement.order_id].terms.sign * movement.quantity
    if isinstance(movement, SplitApplied):
        return toward_zero(held * movement.numerator, movement.denominator)
    return 0


def held_into(book: Book, moved: Iterable[Movement], day: str) -> int:
    """Return the signed quantity held going into `day`, in the shares of that day: its own split has been made."""
    held = 0
    for movement in moved:
        if _comes_before(movement, day):
            held = after(book, held, movement)
    return held


def _comes_before(movement: Movement, day: str) -> bool:
    """Say whether a movement is over when `day` begins; corporate actions take effect before the open."""
    return movement_day(movement) < day if isinstance(movement, Filled) else movement_day(movement) <= day
