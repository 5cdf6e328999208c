"""Double-entry bookkeeping: postings and balanced entries."""

from collections.abc import Iterable
from dataclasses import dataclass

from ...domain.errors import UnbalancedEntry


@dataclass(frozen=True, slots=True)
class Posting:
    """One leg of an entry: a debit when positive, a credit when negative.

    `amount` is in minor units of a currency, or in quantity steps of a symbol.
    """

    account: str
    commodity: str
    amount: int


@dataclass(frozen=True, slots=True)
class Entry:
    """The balanced entry of the journal event `seq`; raises UnbalancedEntry when the postings do not sum to 0."""

    seq: int
    postings: tuple[Posting, ...]

    def __post_init__(self) -> None:
        if residue := imbalance(self.postings):
            raise UnbalancedEntry(f"the entry of event {self.seq} is off by {residue}; nothing was booked")


def imbalance(postings: Iterable[Posting]) -> dict[str, int]:
    """Return the nonzero sums of the postings by commodity; empty when they balance."""
    sums: dict[str, int] = {}
    for posting in postings:
        sums[posting.commodity] = sums.get(posting.commodity, 0) + posting.amount
    return {commodity: amount for commodity, amount in sums.items() if amount}
