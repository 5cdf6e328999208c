"""The state of a proposed order or cancellation in words."""

from dataclasses import replace

from ...domain.account import Account
from ...domain.ids import ClientOrderId
from ...domain.orders import RestingAction
from ...domain.text import strip_control
from ...ledger.book.book import Book
from ...ledger.model.proposal import ProposalState, ProposalStatus
from ...ledger.model.proposal_events import CancelProposed

LONGEST_TEXT = 300


def answer_text(proposal: ProposalState) -> str:
    """Return the state of a proposal in one line without control characters, such as `denied by ann: too large`."""
    words = {
        ProposalStatus.PENDING: "waits for approval",
        ProposalStatus.APPROVED: f"approved by {proposal.by}",
        ProposalStatus.DENIED: f"denied by {proposal.by}",
        ProposalStatus.LAPSED: "lapsed",
    }[proposal.status]
    text = f"{words}: {proposal.reason}" if proposal.reason else words
    return " ".join(strip_control(text).split())[:LONGEST_TEXT]


def with_cancel_notes(account: Account, book: Book) -> Account:
    """Return the account with what became of the newest proposed cancellation of each open order."""
    newest: dict[ClientOrderId, str] = {}
    for proposal in book.proposals.values():
        if isinstance(proposal.event, CancelProposed):
            newest |= dict.fromkeys(map(ClientOrderId, proposal.event.orders), cancel_text(proposal))
    facts = {
        order_id: replace(known, note=newest[order_id]) if order_id in newest else known
        for order_id, known in account.resting_facts.items()
    }
    return replace(account, resting_facts=facts) if newest else account


def cancel_text(proposal: ProposalState) -> str:
    """Return the state of a proposed cancellation in words, such as `its cancellation of 2025-03-03 denied by ann`."""
    assert isinstance(proposal.event, CancelProposed)
    noun = "replacement" if proposal.event.action == RestingAction.REPLACE else "cancellation"
    return f"its {noun} of {proposal.event.session} {answer_text(proposal)}"
