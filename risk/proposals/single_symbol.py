"""The positions that proposals want, where each symbol is sized by itself."""

from collections.abc import Iterator, Sequence
from decimal import Decimal

from ...domain.errors import ConfigError, InvalidOutput, NoData
from ...domain.ids import Symbol
from ...domain.proposal import (
    AllocationProposal,
    BookProposal,
    Direction,
    DirectionProposal,
    ExposureProposal,
    Proposal,
    RatingProposal,
    SymbolProposal,
    TargetCashProposal,
)
from ..sizing import target_quantity
from .allocation import target_weights
from .facts import ProposalFacts
from .order_specs import ProposalRules
from .rating_map import all_in_shares, meant, rated_shares, unit_shares
from .sizing_specs import AllInSizing, RatingMapSizing, UnitSizing, VolTargetSizing
from .target_cash import cash_target_shares, check_target_cash
from .views import SymbolView, symbol_views
from .wanted import WantedPosition


def wanted_singly(proposal: Proposal, rules: ProposalRules, facts: ProposalFacts) -> Iterator[WantedPosition]:
    """Yield the positions that a proposal wants; kept positions are absent.

    Raises InvalidOutput for a proposal that contradicts the account or names a symbol that was not asked for, NoData
    without the volatility that a sizing needs, ConfigError for a sizing that does not fit the proposal.
    """
    if isinstance(rules.sizing, VolTargetSizing):
        yield from _vol_target(symbol_views([proposal], rules.hold), facts)
    elif isinstance(proposal, RatingProposal):
        yield from _rated(proposal, rules, facts)
    elif isinstance(proposal, DirectionProposal):
        yield from _directed(proposal, rules, facts)
    elif isinstance(proposal, ExposureProposal):
        shares = facts.shares(proposal.symbol, proposal.exposure * position_cap(rules, facts))
        yield WantedPosition(proposal.symbol, shares, None, proposal.rationale, proposal.evidence)
    elif isinstance(proposal, TargetCashProposal):
        yield from _target_cash(proposal, facts)
    elif isinstance(proposal, AllocationProposal):
        for entry in target_weights(proposal, rules.allocation, facts):
            shares = facts.shares(entry.symbol, entry.weight)
            yield WantedPosition(entry.symbol, shares, None, proposal.rationale)


def position_cap(rules: ProposalRules, facts: ProposalFacts) -> Decimal:
    """Return the share of equity of a full position in one symbol."""
    return rules.sizing.cap if rules.sizing.cap is not None else facts.limits.max_position


def _vol_target(views: Sequence[SymbolView], facts: ProposalFacts) -> Iterator[WantedPosition]:
    for view in views:
        if view.sign is None:
            continue
        quote = facts.quote(view.symbol)
        if view.sign and not (quote.daily_volatility and quote.daily_volatility > 0):
            raise NoData(f"the volatility of {view.symbol} is unknown or zero, so no position can be sized")
        sized = target_quantity(view.conviction, quote, facts.account, facts.limits)
        reason = "; ".join(filter(None, (view.rationale, sized.reason)))
        yield WantedPosition(
            view.symbol, sized.quantity, view.conviction, reason, view.evidence, view.stop, view.reward_to_risk
        )


def _rated(proposal: RatingProposal, rules: ProposalRules, facts: ProposalFacts) -> Iterator[WantedPosition]:
    if not isinstance(rules.sizing, RatingMapSizing):
        raise _unfit("rating", rules)
    shares = rated_shares(proposal, rules.sizing.map, position_cap(rules, facts), facts)
    if shares is not None:
        yield WantedPosition(proposal.symbol, shares, None, proposal.rationale, proposal.evidence)


def _directed(proposal: DirectionProposal, rules: ProposalRules, facts: ProposalFacts) -> Iterator[WantedPosition]:
    direction = meant(proposal.direction, rules.hold)
    if direction is Direction.KEEP:
        return
    if isinstance(rules.sizing, AllInSizing):
        shares = all_in_shares(proposal, direction, position_cap(rules, facts), facts)
    elif isinstance(rules.sizing, UnitSizing):
        shares = unit_shares(proposal, direction, rules.sizing.shares, facts)
    else:
        raise _unfit("direction", rules)
    yield WantedPosition(
        proposal.symbol,
        shares,
        None,
        proposal.rationale,
        proposal.evidence,
        proposal.stop,
        proposal.reward_to_risk,
    )


def _target_cash(proposal: TargetCashProposal, facts: ProposalFacts) -> Iterator[WantedPosition]:
    if defects := check_target_cash(proposal, facts):
        raise InvalidOutput("; ".join(defects))
    for entry in proposal.entries:
        shares = cash_target_shares(entry, facts)
        if shares is not None:
            yield WantedPosition(entry.symbol, shares, None, "; ".join(entry.reasons))


def _unfit(kind: str, rules: ProposalRules) -> ConfigError:
    return ConfigError(f"sizing {rules.sizing.kind} does not turn a {kind} into a position")


def symbols_of(proposal: Proposal) -> tuple[Symbol, ...]:
    """Return the symbols that a proposal names; empty for an order plan and a research note."""
    if isinstance(proposal, BookProposal):
        return tuple(entry.symbol for entry in proposal.entries)
    return (proposal.symbol,) if isinstance(proposal, SymbolProposal) else ()
