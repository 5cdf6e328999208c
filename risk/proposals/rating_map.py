"""Target positions from ratings and directions."""

from decimal import Decimal

from ...domain.errors import ConfigError, InvalidOutput
from ...domain.outputs import Rating
from ...domain.proposal import Direction, DirectionProposal, RatingProposal
from .facts import ProposalFacts
from .order_specs import HoldMeaning
from .sizing_specs import RatingStep, RatingSteps, Unchanged

HALF = Decimal("0.5")


def rating_step(rating: Rating, steps: RatingSteps) -> RatingStep:
    """Return the step of a rating; raises InvalidOutput for one that the scale of the desk file does not have."""
    step = {
        Rating.BUY: steps.buy,
        Rating.OVERWEIGHT: steps.overweight,
        Rating.HOLD: steps.hold,
        Rating.UNDERWEIGHT: steps.underweight,
        Rating.SELL: steps.sell,
    }[rating]
    if step is None:
        raise InvalidOutput(f"rating {rating} is not on this desk's scale: buy, hold, sell")
    return step


def rated_shares(proposal: RatingProposal, steps: RatingSteps, cap: Decimal, facts: ProposalFacts) -> Decimal | None:
    """Return the signed shares that a rating asks for, not rounded; None if the position is kept.

    A weight in the map is a share of `cap`, itself a share of equity. `half` is half of the held shares.
    """
    step = rating_step(proposal.rating, steps)
    if step is Unchanged.KEEP:
        return None
    if step is Unchanged.HALF:
        return facts.held(proposal.symbol) * HALF
    if not isinstance(step, Decimal):
        raise ConfigError(f"rating {proposal.rating} maps to {step}, which is neither a weight nor keep or half")
    return facts.shares(proposal.symbol, step * cap)


def meant(direction: Direction, hold: HoldMeaning) -> Direction:
    """Return flat for keep on a desk whose hold means a flat position: InvestorBench."""
    return Direction.FLAT if direction is Direction.KEEP and hold is HoldMeaning.FLAT else direction


def all_in_shares(proposal: DirectionProposal, direction: Direction, cap: Decimal, facts: ProposalFacts) -> Decimal:
    """Return the signed shares, not rounded, of the whole `cap` on the side of the direction; 0 if it is flat."""
    return facts.shares(proposal.symbol, direction.sign * cap)


def unit_shares(proposal: DirectionProposal, direction: Direction, shares: Decimal, facts: ProposalFacts) -> Decimal:
    """Return the held shares plus or minus `shares`; 0 if the direction is flat."""
    if direction is Direction.FLAT:
        return Decimal(0)
    return facts.held(proposal.symbol) + direction.sign * shares
