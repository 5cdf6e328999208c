"""The sides that proposals of single symbols and signals take, for sizing over a book."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from ...domain.errors import ConfigError
from ...domain.ids import EvidenceId, Symbol
from ...domain.proposal import (
    Direction,
    DirectionProposal,
    ExposureProposal,
    Proposal,
    RatingProposal,
    SignalSide,
    SignalsProposal,
    TradeSignal,
)
from .order_specs import HoldMeaning
from .rating_map import meant


@dataclass(frozen=True, slots=True)
class SymbolView:
    """The side of one symbol: `sign` +1 long, -1 short, 0 flat; None if the position is kept.

    `conviction` is signed, -1 to 1; without a stated one it is the sign.
    """

    symbol: Symbol
    sign: int | None
    conviction: Decimal
    rationale: str = ""
    evidence: tuple[EvidenceId, ...] = ()
    stop: Decimal | None = None
    reward_to_risk: Decimal | None = None


def symbol_views(proposals: Sequence[Proposal], hold: HoldMeaning) -> tuple[SymbolView, ...]:
    """Return the views of proposals, in their order; a neutral rating is a hold, which `hold` gives a meaning.

    Raises ConfigError for a kind of proposal that takes no side.
    """
    return tuple(view for proposal in proposals for view in _views(proposal, hold))


def _views(proposal: Proposal, hold: HoldMeaning) -> tuple[SymbolView, ...]:
    if isinstance(proposal, SignalsProposal):
        return tuple(map(_signalled, proposal.entries))
    if isinstance(proposal, DirectionProposal):
        return (_directed(proposal, hold),)
    if isinstance(proposal, RatingProposal):
        sign = proposal.rating.sign or (0 if hold is HoldMeaning.FLAT else None)
        return (_single(proposal, sign, proposal.conviction),)
    if isinstance(proposal, ExposureProposal):
        sign = int(proposal.exposure.compare(Decimal(0)))
        return (_single(proposal, sign, proposal.exposure),)
    raise ConfigError(f"a {type(proposal).__name__} takes no side, which this sizing needs; use as_decided")


def _signalled(entry: TradeSignal) -> SymbolView:
    sign = 1 if entry.action is SignalSide.BUY else -1
    return SymbolView(entry.symbol, sign, sign * entry.probability, "; ".join(entry.limitations), entry.evidence)


def _directed(proposal: DirectionProposal, hold: HoldMeaning) -> SymbolView:
    direction = meant(proposal.direction, hold)
    sign = None if direction is Direction.KEEP else direction.sign
    view = _single(proposal, sign, proposal.conviction)
    return replace(view, stop=proposal.stop, reward_to_risk=proposal.reward_to_risk)


def _single(
    proposal: DirectionProposal | RatingProposal | ExposureProposal, sign: int | None, stated: Decimal
) -> SymbolView:
    conviction = (stated or Decimal(sign)) if sign else Decimal(0)
    return SymbolView(proposal.symbol, sign, conviction, proposal.rationale, proposal.evidence)
