"""Cancellations of resting exits by a decision that wait for a person's approval."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal

from ...domain.decision import Decision
from ...domain.orders import Order, RestingAction, RestingOrderAction
from ...domain.times import iso_time
from ...ledger.book.book import Book
from ...ledger.broker import Broker
from ...ledger.model.order import OrderState
from ...ledger.model.proposal import ProposalState, ProposalStatus
from ...ledger.model.proposal_events import CancelProposed
from ...ledger.orders.proposals import proposed_cancels
from ...ledger.pricing.units import rounded_units
from ...ledger.reports.account_view import to_domain_order
from ...ledger.store.ledger import Ledger
from ...market.source import MarketSource
from .approvals import DEFAULT_BAND_BPS
from .order_routing import was_submitted
from .paper_account import last_close
from .proposal_text import cancel_text

NeedsApprovalToEnd = Callable[[Order, Decimal, RestingAction], bool]
"""Returns whether ending a resting exit needs an approval, given the last close in currency per share."""

REFUSED = frozenset({ProposalStatus.DENIED, ProposalStatus.LAPSED})


def propose_cancels(
    ledger: Ledger,
    name: str,
    decisions: Sequence[Decision],
    needs_approval: NeedsApprovalToEnd,
    *,
    source: MarketSource,
    expires: datetime,
    band_bps: int = DEFAULT_BAND_BPS,
) -> None:
    """Record the cancellations and replacements of resting exits that need an approval, in one transaction.

    Exits that end together (OCO) are one proposal. Repeating it changes nothing. `expires` has a time zone. Raises
    NoData without a close.
    """
    until, book = iso_time(expires), ledger.broker(name).book
    events = [
        event
        for each in decisions
        if each.run_id not in book.decisions
        for event in _events(book, each, needs_approval, source, until, band_bps)
        if event.proposal_id not in book.proposals
    ]
    if not events:
        return
    runs: dict[str, Decision] = {each.run_id: each for each in decisions}
    with ledger.transaction(name) as broker:
        for event in events:
            if not _is_overtaken(broker, runs, event):
                broker.proposals.propose_cancel(event)


def _is_overtaken(broker: Broker, runs: Mapping[str, Decision], event: CancelProposed) -> bool:
    """Return whether the decision was submitted, or all exits ended, since the book was read."""
    ended = all(broker.book.order(each).ended for each in event.orders)
    return ended or was_submitted(broker, runs[event.run_id])


def _events(
    book: Book, decision: Decision, needs_approval: NeedsApprovalToEnd, source: MarketSource, until: str, band_bps: int
) -> Iterator[CancelProposed]:
    ending = _ending(book, decision)
    if not ending:
        return
    close = last_close(source, decision)
    scale = book.instruments[decision.ticker].price_scale
    for orders, action in ending.items():
        exits = [book.order(each) for each in orders]
        if any(needs_approval(to_domain_order(book, each), close, action) for each in exits):
            yield CancelProposed(
                proposal_id=f"{orders[0]}.{action}.{decision.run_id}",
                orders=orders,
                symbol=decision.ticker,
                action=action,
                run_id=decision.run_id,
                reference=rounded_units(close, scale),
                band_bps=band_bps,
                session=book.session,
                expires=until,
            )


def _ending(book: Book, decision: Decision) -> dict[tuple[str, ...], RestingAction]:
    """Return the live exits that a decision ends, with those that end together, and how: CANCEL before REPLACE."""
    found: dict[tuple[str, ...], RestingAction] = {}
    for action in (RestingAction.CANCEL, RestingAction.REPLACE):
        for order_id in sorted(decision.resting_ids(action)):
            order = book.orders.get(order_id)
            if order is not None and order.terms.closing and not order.ended:
                found.setdefault(_linked(book, order), action)
    return found


def _linked(book: Book, order: OrderState) -> tuple[str, ...]:
    """Return the ids of the live exits that end together with `order`, itself included."""
    group = order.terms.group
    ids = [order.terms.order_id] if group is None else [*book.groups[group]]
    return tuple(sorted(each for each in ids if book.order(each).terms.closing and not book.order(each).ended))


def with_cancel_answers(book: Book, decisions: Sequence[Decision]) -> tuple[Decision, ...]:
    """Return the decisions with KEEP for each exit whose cancellation was denied or has lapsed.

    Call it after `with_answers`, which raises while a proposal waits.
    """
    return tuple(_answered(book, each) for each in decisions)


def _answered(book: Book, decision: Decision) -> Decision:
    kept = {order_id for order_id, each in proposed_cancels(book, decision.run_id).items() if each.status in REFUSED}
    if not kept:
        return decision
    actions = tuple(
        RestingOrderAction(each.client_order_id, RestingAction.KEEP) if each.client_order_id in kept else each
        for each in decision.resting_actions
    )
    superseded = tuple(each for each in decision.superseded if each not in kept)
    return replace(decision, resting_actions=actions, superseded=superseded)


def refused_cancels(book: Book, decisions: Sequence[Decision]) -> Iterator[str]:
    """Yield in words each cancellation of the decisions that was denied or has lapsed."""
    for decision in decisions:
        found = {each.order_id: each for each in proposed_cancels(book, decision.run_id).values()}
        for proposal in found.values():
            if proposal.status in REFUSED:
                yield f"{decision.ticker}: {_order_ids(proposal)} goes on resting, {cancel_text(proposal)}"


def _order_ids(proposal: ProposalState) -> str:
    assert isinstance(proposal.event, CancelProposed)
    return " and ".join(proposal.event.orders)
