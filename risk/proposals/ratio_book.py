"""The positions that ratios want, one symbol after the other: each spends the cash that those before it have left."""

from collections.abc import Sequence
from decimal import Decimal

from ...domain.proposal import RatioProposal
from ..order_rounding import MICRO_SHARE, SHARE
from .facts import ProposalFacts
from .order_specs import RatioRules
from .ratio import on_grid, ratio_cap, tradable_shares
from .wanted import WantedPosition


def wanted_by_ratio(
    proposals: Sequence[RatioProposal], rules: RatioRules, facts: ProposalFacts
) -> tuple[WantedPosition, ...]:
    """Return the wanted positions, in the order of `proposals`, which the result depends on.

    Ratios are cut to the cap and put on the grid, recorded as ratios. Sales free no cash for purchases of the same
    decision. An amount that the cash cuts is recorded in shares.
    """
    cap = rules.cap if rules.cap is not None else ratio_cap(len(facts.quotes))
    cash = max(Decimal(0), facts.account.cash)
    found = list[WantedPosition]()
    for proposal in proposals:
        position = _wanted(proposal, cap, rules, cash, facts)
        bought = max(Decimal(0), position.quantity - facts.held(position.symbol))
        cash -= bought * facts.quote(position.symbol).last_close
        found.append(position)
    return tuple(found)


def _wanted(
    proposal: RatioProposal, cap: Decimal, rules: RatioRules, cash: Decimal, facts: ProposalFacts
) -> WantedPosition:
    symbol, quote = proposal.symbol, facts.quote(proposal.symbol)
    clamps, ratio = [], min(proposal.ratio, cap)
    if ratio != proposal.ratio:
        clamps.append(facts.clamp("ratio_cap", symbol, proposal.ratio, ratio, f"a ratio may be {cap} of equity"))
    if rules.grid is not None and (near := on_grid(ratio, rules.grid, cap)) != ratio:
        clamps.append(facts.clamp("ratio_grid", symbol, ratio, near, f"ratios are multiples of {rules.grid}"))
        ratio = near
    held, step = facts.held(symbol), SHARE if quote.whole_shares else MICRO_SHARE
    equity = max(Decimal(0), facts.equity)
    asked = held + tradable_shares(ratio, equity, quote.last_close, held, max(equity, cash), step)
    quantity = held + tradable_shares(ratio, equity, quote.last_close, held, cash, step)
    position = WantedPosition(symbol, asked, None, proposal.rationale, proposal.evidence, clamps=tuple(clamps))
    return position.limited("cash", quantity, f"cash of {cash:,.2f} is left", facts)
