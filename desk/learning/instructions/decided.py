"""What a desk that learns its instructions records of a decision, and how its reflector reads it."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from ....domain.brief import Brief
from ....domain.decision import Outcome
from ....domain.orders import Order
from ....domain.outputs import Thesis
from ....market.view import MarketView
from .steps import DecidedNote
from .window import next_return

SUMMARY_CHARACTERS = 160


@dataclass(frozen=True, slots=True)
class DecidedOrders:
    """The outcome of a decision, and the orders that the limits have allowed."""

    outcome: Outcome
    orders: Sequence[Order]


def decided_note(
    brief: Brief, thesis: Thesis | None, ended: DecidedOrders, shadow: str | None, shadowed: DecidedOrders | None
) -> DecidedNote:
    """Return the record of a decision, with the weight of the text in shadow unless it abstained."""
    answered = shadowed is not None and shadowed.outcome is not Outcome.ABSTAIN
    return DecidedNote(
        session=brief.session,
        symbol=brief.symbol,
        weight=weight_after(brief, ended),
        shadow=shadow,
        shadow_weight=weight_after(brief, shadowed) if shadowed is not None and answered else None,
        outcome=str(ended.outcome),
        conviction=None if thesis is None else thesis.conviction,
        summary="" if thesis is None else thesis.summary[:SUMMARY_CHARACTERS],
    )


def weight_after(brief: Brief, ended: DecidedOrders) -> float:
    """Return position over equity after all allowed orders, as if they were executed at the last close."""
    account = brief.account
    ordered = sum((order.action.sign * order.quantity for order in ended.orders), Decimal(0))
    if account.equity <= 0:
        return 0.0
    return float((account.quantity(brief.symbol) + ordered) * brief.quote.last_close / account.equity)


def week_lines(view: MarketView, notes: Sequence[DecidedNote]) -> str:
    """Return one line for each decision, oldest first, with the return of the next session."""
    return "\n".join(_line(view, note) for note in notes) or "no decision"


def _line(view: MarketView, note: DecidedNote) -> str:
    moved = next_return(view, note.symbol, note.session)
    conviction = "none" if note.conviction is None else f"{note.conviction:+.2f}"
    return (
        f"- {note.session} {note.symbol}: {note.outcome}; weight {note.weight:+.2f}; conviction {conviction}; return "
        f"that followed {'unknown' if moved is None else f'{moved:+.2%}'}; {note.summary}"
    )
