"""Listings that trade under a new symbol: the account follows them."""

from datetime import date

from ...domain.ids import Symbol
from ...domain.trading_calendar import TradingCalendar
from ...ledger.broker import Broker
from ...market.source import MarketSource
from ...market.source_capabilities import renames_of
from .symbol_faults import SymbolFaults


def follow_renames(
    broker: Broker, source: MarketSource, sessions: TradingCalendar, session: date, faults: SymbolFaults
) -> None:
    """Move positions and orders to the new symbols of renames up to `session` that the source records.

    A rename is followed only if the symbol has not traded in the account since: a symbol that another company uses
    later is another listing. Several renames of one listing are followed in order.
    """
    book, close = broker.book, sessions.close(session)
    queue = sorted({*book.positions, *(order.terms.symbol for order in book.live_orders())})
    while queue:
        symbol = queue.pop(0)
        with faults.guard(symbol):
            for rename in renames_of(source, Symbol(symbol), close):
                traded = book.last_traded.get(symbol, book.session)
                if rename.day <= session and traded < rename.day.isoformat():
                    broker.listings.rename(symbol, rename.new, rename.day)
                    queue.append(rename.new)
                    break
