"""From what a desk proposes to orders, for every decision kind."""

from collections import Counter
from collections.abc import Iterable, Sequence
from decimal import Decimal

from ...domain.errors import ConfigError, InvalidOutput
from ...domain.outputs import OrderPlan
from ...domain.proposal import DirectionProposal, Proposal, RatioProposal, SignalsProposal, proposal_kind
from ..order_conversion import to_orders
from .book_weights import BookSizing, book_weights
from .combinations import check_combination, check_direction
from .facts import ProposalFacts
from .order_specs import HorizonExits, ProposalRules
from .overlay_steps import overlaid
from .ratio_book import wanted_by_ratio
from .single_symbol import position_cap, symbols_of, wanted_singly
from .target_weights import CompiledProposal, orders_for
from .views import symbol_views
from .wanted import WantedPosition, within_limits


def compile_proposal(proposal: Proposal, rules: ProposalRules, facts: ProposalFacts) -> CompiledProposal:
    """Return the orders of one proposal; see `compile_proposals`."""
    return compile_proposals((proposal,), rules, facts)


def compile_proposals(proposals: Sequence[Proposal], rules: ProposalRules, facts: ProposalFacts) -> CompiledProposal:
    """Return the orders of a desk's proposals, one over the book or one for each symbol, before the limits of orders.

    The proposals are of one kind. Sizes follow `rules.sizing`, then its overlays in order, then `max_position`; every
    change is recorded. Exits come before entries. Positions that no proposal names are kept, except that signals are
    weights over the whole book. A research note has no orders; an order plan is converted as it is.

    Raises InvalidOutput for a proposal that contradicts itself, the account or the universe, NoData without a number
    that a sizing needs, ConfigError for rules that do not fit the proposals, and RiskDenied as `to_orders` does.
    """
    kinds = {proposal_kind(proposal) for proposal in proposals}
    if len(kinds) > 1:
        raise ConfigError(f"proposals of different kinds: {', '.join(sorted(kinds))}")
    for kind in kinds:
        check_combination(kind, rules)
    _check_symbols(proposals, facts)
    for proposal in proposals:
        if isinstance(proposal, DirectionProposal):
            check_direction(proposal, rules)
    if any(isinstance(proposal, OrderPlan) for proposal in proposals):
        return _planned(proposals, facts)
    wanted = [*_wanted(proposals, rules, facts)]
    wanted += _expired(wanted, rules, facts)
    return orders_for([_sized(position, rules, facts) for position in wanted], rules, facts)


def _check_symbols(proposals: Iterable[Proposal], facts: ProposalFacts) -> None:
    named = [symbol for proposal in proposals for symbol in symbols_of(proposal)]
    for symbol in named:
        facts.quote(symbol)
    if twice := sorted(symbol for symbol, times in Counter(named).items() if times > 1):
        raise InvalidOutput(f"more than one proposal is for {', '.join(twice)}")


def _planned(proposals: Sequence[Proposal], facts: ProposalFacts) -> CompiledProposal:
    brief = facts.brief
    if brief is None or len(proposals) > 1:
        raise ConfigError("typed orders are converted one plan at a time, with the brief that they answer")
    plans = [proposal for proposal in proposals if isinstance(proposal, OrderPlan)]
    return CompiledProposal(orders=to_orders(plans[0], brief, lambda leg: facts.name(brief.symbol, leg)))


def _wanted(proposals: Sequence[Proposal], rules: ProposalRules, facts: ProposalFacts) -> Iterable[WantedPosition]:
    if isinstance(rules.sizing, BookSizing):
        return _over_book(proposals, rules.sizing, rules, facts)
    ratios = [proposal for proposal in proposals if isinstance(proposal, RatioProposal)]
    if ratios:
        return wanted_by_ratio(ratios, rules.ratio, facts)
    return (position for proposal in proposals for position in wanted_singly(proposal, rules, facts))


def _over_book(
    proposals: Sequence[Proposal], sizing: BookSizing, rules: ProposalRules, facts: ProposalFacts
) -> Iterable[WantedPosition]:
    views = [view for view in symbol_views(proposals, rules.hold) if view.sign is not None]
    weights = book_weights(views, sizing, position_cap(rules, facts), facts)
    for view, weight in zip(views, weights, strict=True):
        shares = facts.shares(view.symbol, weight)
        yield WantedPosition(view.symbol, shares, None, view.rationale, view.evidence, view.stop, view.reward_to_risk)
    if any(isinstance(proposal, SignalsProposal) for proposal in proposals):
        for symbol in sorted(set(facts.quotes) - {view.symbol for view in views}):
            if facts.held(symbol):
                yield WantedPosition(symbol, Decimal(0), None, "no signal is for this symbol")


def _expired(wanted: Sequence[WantedPosition], rules: ProposalRules, facts: ProposalFacts) -> Iterable[WantedPosition]:
    """Return the exits of kept positions whose horizon is reached."""
    if not isinstance(rules.exits, HorizonExits):
        return ()
    named = {position.symbol for position in wanted}
    reason = f"the horizon of {rules.exits.sessions} sessions is reached"
    return tuple(
        WantedPosition(symbol, Decimal(0), None, reason)
        for symbol in sorted(facts.quotes)
        if symbol not in named
        and facts.held(symbol)
        and facts.overlays.held_sessions.get(symbol, 0) >= rules.exits.sessions
    )


def _sized(position: WantedPosition, rules: ProposalRules, facts: ProposalFacts) -> WantedPosition:
    cap = position_cap(rules, facts)
    for overlay in rules.sizing.overlays:
        position = overlaid(position, overlay, cap, facts)
    return within_limits(position, facts, rules.sizing.cap)
