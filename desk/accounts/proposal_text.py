"""The state of a proposed order in words."""

from ...domain.text import strip_control
from ...ledger.model.proposal import ProposalState, ProposalStatus

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
