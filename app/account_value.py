"""The value of an account from session to session, without the effect of deposits and withdrawals."""

from decimal import Decimal
from itertools import islice

from ..ledger.broker import Broker
from ..ledger.model.events import Deposited
from ..ledger.pricing.units import MINOR, to_decimal
from .session_rows import SessionResult

DIGITS = Decimal("0.00000001")


def value_of(broker: Broker, previous: SessionResult | None) -> SessionResult:
    """Return equity, index and peak of an account at the close of its session.

    index = previous index * (equity - deposits since then) / previous equity, the time-weighted return of the Global
    Investment Performance Standards with cash flows at the end of the period. Without equity the index stays the same.
    """
    book, events = broker.book, broker.journal.events
    equity = to_decimal(book.equity, MINOR)
    index = Decimal(1)
    if previous is not None:
        since = islice(events, previous.seq, None)
        moved = to_decimal(sum(event.amount for event in since if isinstance(event, Deposited)), MINOR)
        growth = (equity - moved) / previous.equity if previous.equity > 0 else Decimal(1)
        index = (previous.index * growth).quantize(DIGITS)
    peak = index if previous is None else max(index, previous.peak)
    return SessionResult(runs={}, equity=equity, index=index, peak=peak, seq=len(events))
