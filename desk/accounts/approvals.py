"""Orders that wait for a person's approval, between the decisions of a session and their submission."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal

from ...domain.decision import Decision, Outcome
from ...domain.errors import ConflictError
from ...domain.ids import ClientOrderId
from ...domain.orders import DeniedOrder, Order
from ...domain.times import iso_time
from ...ledger.book.book import Book
from ...ledger.broker import Broker
from ...ledger.model.instrument import Instrument
from ...ledger.model.order import OrderTerms
from ...ledger.model.order_request import OrderRequest, to_order_request
from ...ledger.model.proposal import ProposalState, ProposalStatus
from ...ledger.model.proposal_events import CancelProposed
from ...ledger.orders.proposals import is_open, moment, proposed_cancels
from ...ledger.pricing.units import rounded_units, to_decimal
from ...ledger.reports.account_view import action
from ...ledger.store.ledger import Ledger
from ...market.source import MarketSource
from .order_routing import was_submitted
from .paper_account import as_listed, instrument_of, last_close
from .proposal_text import answer_text

NeedsApproval = Callable[[Order, Decimal], bool]
"""Returns whether an order needs an approval, given the last close in currency per share."""

DEFAULT_BAND_BPS = 300


@dataclass(frozen=True, slots=True)
class ProposalLine:
    """A proposed order as people read it: prices in currency per share, quantity in shares, `band` in percent.

    Of a proposed cancellation the terms are those of the exit that ends, `action` says how, and `ends` are the ids of
    all exits that end. `awaits` is the id of the exit that an entry waits for, empty for any other order.
    """

    order_id: str
    symbol: str
    action: str
    quantity: Decimal
    type: str
    limit: Decimal | None
    stop: Decimal | None
    trail: Decimal | None
    time_in_force: str
    exits: tuple[str, ...]
    reference: Decimal
    band: Decimal
    session: str
    expires: str
    decision: str
    status: str
    by: str
    at: str
    reason: str
    ends: tuple[str, ...] = ()
    awaits: str = ""


def propose_orders(
    ledger: Ledger,
    name: str,
    decisions: Sequence[Decision],
    needs_approval: NeedsApproval,
    *,
    source: MarketSource,
    expires: datetime,
    band_bps: int = DEFAULT_BAND_BPS,
) -> tuple[ClientOrderId, ...]:
    """Record the allowed orders that need an approval in one transaction; return the ids of those that wait for one.

    Repeating it changes nothing: orders that were proposed or submitted before keep their state. `expires` has a time
    zone. Raises DuplicateOrder for an id that was proposed with other terms, and NoData without a close.
    """
    closes = {each.run_id: last_close(source, each) for each in decisions if each.risk.allowed}
    chosen = [
        (each, order) for each in decisions for order in each.risk.allowed if needs_approval(order, closes[each.run_id])
    ]
    if not chosen:
        return ()
    until = iso_time(expires)
    with ledger.transaction(name) as broker:
        for decision, order in chosen:
            if not broker.book.parts(order.client_order_id) and not was_submitted(broker, decision):
                _propose(broker, decision, order, source, closes[decision.run_id], until, band_bps)
    book = ledger.broker(name).book
    ids = (order.client_order_id for _, order in chosen)
    return tuple(each for each in ids if _status(book, each) is ProposalStatus.PENDING)


def _propose(
    broker: Broker, decision: Decision, order: Order, source: MarketSource, last: Decimal, until: str, band_bps: int
) -> None:
    instrument = as_listed(instrument_of(source, decision, broker.book.rules), broker.book)
    broker.list_instrument(instrument)
    request = to_order_request(order, instrument, run_id=decision.run_id, decision_id=decision.run_id, lots=order.lots)
    broker.proposals.propose(
        request,
        reference=rounded_units(last, instrument.price_scale),
        band_bps=band_bps,
        session=broker.book.session,
        expires=until,
    )


def pending_proposals(book: Book, session: date | None = None) -> tuple[ProposalLine, ...]:
    """Return the proposals that wait for an answer, those of one session or all, in the order of the proposals."""
    return tuple(
        proposal_line(book, each)
        for each in book.proposals.values()
        if each.status is ProposalStatus.PENDING and session in (None, date.fromisoformat(each.event.session))
    )


def with_answers(book: Book, decisions: Sequence[Decision]) -> tuple[Decision, ...]:
    """Return the decisions with the denied and lapsed orders moved from the allowed to the denied ones.

    A decision that has no order left becomes a hold. Orders that were never proposed are unchanged. Raises
    ConflictError if an order or a cancellation still waits for an answer.
    """
    waiting: list[str] = [
        order.client_order_id
        for each in decisions
        for order in each.risk.allowed
        if _status(book, order.client_order_id) is ProposalStatus.PENDING
    ]
    waiting += [
        each.order_id
        for decision in decisions
        for each in proposed_cancels(book, decision.run_id).values()
        if each.status is ProposalStatus.PENDING
    ]
    if waiting:
        raise ConflictError(f"{', '.join(waiting)} in account {book.account} wait for approval: paper approve or deny")
    return tuple(_answered(book, each) for each in decisions)


def _answered(book: Book, decision: Decision) -> Decision:
    refused = {
        order.client_order_id: DeniedOrder(order, answer_text(book.proposals[order.client_order_id]))
        for order in decision.risk.allowed
        if _status(book, order.client_order_id) in (ProposalStatus.DENIED, ProposalStatus.LAPSED)
    }
    if not refused:
        return decision
    for order in decision.risk.allowed:
        if order.awaits in refused and order.client_order_id not in refused:
            refused[order.client_order_id] = DeniedOrder(
                order, f"the exit {order.awaits} that it awaits was not approved"
            )
    allowed = tuple(order for order in decision.risk.allowed if order.client_order_id not in refused)
    risk = replace(decision.risk, allowed=allowed, denied=(*decision.risk.denied, *refused.values()))
    return replace(decision, risk=risk, outcome=Outcome.ORDERS if allowed else Outcome.HOLD)


def lapse_expired(ledger: Ledger, name: str, now: datetime) -> tuple[ClientOrderId, ...]:
    """Let the proposals lapse that were not answered in time, and return their ids.

    These are the pending ones that have expired at `now`, and those of earlier sessions than the account's that were
    not submitted. Nothing is written if there are none.
    """
    if not _overdue(ledger.broker(name).book, now):
        return ()
    with ledger.transaction(name) as broker:
        found = _overdue(broker.book, now)
        for order_id, reason in found.items():
            broker.proposals.lapse(order_id, reason)
    return tuple(map(ClientOrderId, found))


def lapse_session(ledger: Ledger, name: str, session: date, reason: str) -> None:
    """Let the proposals of a session lapse that were not submitted. Nothing is written if there are none."""

    def is_left(book: Book, each: ProposalState) -> bool:
        return each.event.session == session.isoformat() and is_open(book, each)

    book = ledger.broker(name).book
    if not any(is_left(book, each) for each in book.proposals.values()):
        return
    with ledger.transaction(name) as broker:
        for each in list(broker.book.proposals.values()):
            if is_left(broker.book, each):
                broker.proposals.lapse(each.order_id, reason)


def _overdue(book: Book, now: datetime) -> dict[str, str]:
    """Return the reason by order id for each proposal that is overdue."""
    found: dict[str, str] = {}
    for each in book.proposals.values():
        if not is_open(book, each):
            continue
        if each.event.session != book.session:
            found[each.order_id] = f"the account has processed {book.session} since"
        elif each.status is ProposalStatus.PENDING and now > moment(each.event.expires):
            found[each.order_id] = f"it expired at {each.event.expires}"
    return found


def proposal_line(book: Book, proposal: ProposalState) -> ProposalLine:
    """Return a proposal as people read it."""
    event, instrument = proposal.event, book.instruments[proposal.symbol]
    terms = _current_terms(book, event.orders[0]) if isinstance(event, CancelProposed) else event.terms
    return ProposalLine(
        order_id=proposal.order_id,
        symbol=proposal.symbol,
        action=event.action if isinstance(event, CancelProposed) else action(terms),
        quantity=to_decimal(terms.quantity, instrument.quantity_scale),
        type=terms.type,
        limit=_price(instrument, terms.limit),
        stop=_price(instrument, terms.stop),
        trail=_price(instrument, terms.trail),
        time_in_force=terms.tif,
        exits=() if isinstance(event, CancelProposed) else _exits(OrderRequest(terms, event.exits), instrument),
        reference=instrument.price(event.reference),
        band=Decimal(event.band_bps) / 100,
        session=event.session,
        expires=event.expires,
        decision=event.run_id if isinstance(event, CancelProposed) else terms.decision_id,
        status=proposal.status,
        by=proposal.by,
        at=proposal.at,
        reason=proposal.reason,
        ends=event.orders if isinstance(event, CancelProposed) else (),
        awaits=terms.awaits or "",
    )


def _current_terms(book: Book, order_id: str) -> OrderTerms:
    """Return the current terms of an order: its remaining quantity and current levels."""
    order = book.order(order_id)
    levels = order.levels
    return replace(order.terms, quantity=order.remaining, limit=levels.limit, stop=levels.stop, trail=order.trail)


def _exits(request: OrderRequest, instrument: Instrument) -> tuple[str, ...]:
    """Return each exit as its type and price, such as `stop 90`."""
    prices = ((leg.type, leg.stop if leg.stop is not None else leg.limit) for leg in request.exits)
    return tuple(f"{kind} {_price(instrument, price)}" for kind, price in prices)


def _price(instrument: Instrument, ticks: int | None) -> Decimal | None:
    return None if ticks is None else instrument.price(ticks)


def _status(book: Book, order_id: str) -> ProposalStatus | None:
    found = book.proposals.get(order_id)
    return None if found is None else found.status
