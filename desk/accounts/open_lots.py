"""The lots that a position consists of: what was acquired when, at what cost, and what is left of it."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal

from ...domain.account import Account, OpenLot
from ...domain.ids import LotId, Symbol
from ...ledger.broker import Broker
from ...ledger.model.instrument import Instrument
from ...ledger.model.lots import Lot, LotMethod
from ...ledger.model.order_events import OrderFilled
from ...ledger.pricing.units import MINOR, to_decimal


def open_lots(broker: Broker) -> Mapping[Symbol, tuple[OpenLot, ...]]:
    """Return the lots of every position, oldest first. A lot goes by the name of the fill that acquired it."""
    book = broker.book
    days = {event.fill_id: event.session for event in broker.journal.events if isinstance(event, OrderFilled)}
    return {
        Symbol(symbol): tuple(_lot(lot, book.instruments[symbol], days[lot.lot_id]) for lot in position.lots)
        for symbol, position in book.positions.items()
    }


def with_lots(account: Account, broker: Broker) -> Account:
    """Return the account with its lots, where its rules let an order name them."""
    if broker.book.rules.lots is not LotMethod.SPECIFIC:
        return account
    lots = open_lots(broker)
    holdings = {symbol: replace(holding, lots=lots[symbol]) for symbol, holding in account.holdings.items()}
    return replace(account, supports_specific_lots=True, holdings=holdings)


def _lot(lot: Lot, instrument: Instrument, session: str) -> OpenLot:
    quantity = to_decimal(lot.quantity, instrument.quantity_scale)
    cost: Decimal = to_decimal(lot.cost, MINOR) / quantity
    return OpenLot(LotId(lot.lot_id), quantity, cost, date.fromisoformat(session))
