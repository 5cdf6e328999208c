"""Corporate actions that became known only after their session had been walked."""

from datetime import date

from ..domain.errors import ConfigError
from ..domain.ids import Symbol
from ..domain.market import Dividend
from ..domain.sessions import Calendar
from ..ledger.broker import Broker
from ..ledger.events import Filled, SplitApplied
from ..tools.source import MarketSource


def late_dividends(
    broker: Broker, source: MarketSource, sessions: Calendar, symbol: Symbol, session: date
) -> tuple[Dividend, ...]:
    """Return the dividends of what is held that should have been booked in a session before `session`.

    Raises ConfigError for a split that should have been: fills since then were in other shares.
    """
    book, close, last = broker.book, sessions.close(session), sessions.previous(session)

    def missed(kind: str, ex_date: date) -> bool:
        return ex_date <= last and f"{kind}:{symbol}:{ex_date.isoformat()}" not in book.actions

    splits = [each.ex_date for each in source.splits(symbol, until=close) if missed("split", each.ex_date)]
    dividends = [each for each in source.dividends(symbol, until=close) if missed("dividend", each.ex_date)]
    if not (splits or dividends):
        return ()
    since = _held_since(broker, symbol)
    if late := [day for day in splits if day.isoformat() > since]:
        raise ConfigError(
            f"the split of {symbol} on {late[0]} became known only after account {book.account} had lived through that "
            f"day with shares of it; restore a backup from before {late[0]} and go on from there"
        )
    return tuple(each for each in dividends if each.ex_date.isoformat() > since)


def _held_since(broker: Broker, symbol: str) -> str:
    """Return the session in which the position was opened, or was split last: nothing is booked before a split."""
    held = left = broker.book.quantity(symbol)
    for event in reversed(broker.journal.events):
        if isinstance(event, SplitApplied) and event.symbol == symbol:
            return event.ex_date
        if isinstance(event, Filled) and (terms := broker.book.orders[event.order_id].terms).symbol == symbol:
            left -= terms.sign * event.quantity
            if left * held <= 0:
                return event.session
    return broker.book.session
